import { element } from "./dom.js";
import { Frame, saveAs } from "./frame.js";
import { figure } from "./numbers.js";
import { hasWebGL, loadPlotly } from "./plotly.js";
import { softRamp } from "./ramps.js";
import { sampler } from "./relief.js";
import { finiteRange } from "./ticks.js";
import { trailsOf, whereTrailsAre } from "./trails.js";

const PAUSE = 125; // milliseconds between updates: WebGL is costly where there is no GPU
const MOST_POINTS = 500; // of a path
const LIFT = 0.02; // of the height's range, so that paths do not sink into the surface
const NO_WEBGL = "This browser cannot draw in space (no WebGL); the level lines show the same.";

/** A grid of heights as a surface in space, drawn by Plotly.js. */
export class SurfacePanel {
  stale = true;
  #plotly = null;
  #drawnAt = 0;
  #timer = 0;
  #grid = null; // what the surface itself was drawn for
  #still = "";

  constructor(spec, stage) {
    this.spec = spec;
    this.stage = stage;
    this.plot = element("div", { className: "gb-plot", role: "img", ariaLabel: spec.alt, tabIndex: 0 });
    this.frame = new Frame(spec, this.plot, { onSave: (format) => this.#save(format) });
    this.element = this.frame.element;
    this.observer = new ResizeObserver(() => {
      if (this.#still) this.#plotly.Plots.resize(this.plot);
    });
    this.observer.observe(this.frame.body);
    this.#load();
  }

  invalidate() {
    this.stale = true;
    this.stage.invalidate();
  }

  draw(scene) {
    this.stale = false;
    const grid = scene.array(this.spec.grid);
    const extent = scene.extent(this.spec.extent);
    if (!this.#plotly || !grid || !extent) return;
    const wait = this.#drawnAt + PAUSE - performance.now();
    if (wait > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.invalidate(), wait);
      return;
    }
    this.#drawnAt = performance.now();
    const { theme } = this.stage;
    const still = `${theme.card} ${extent.join()} ${grid.data.byteOffset}`;
    const traces = pathTraces(this.spec, scene, grid, extent, theme);
    if (this.#grid === grid && this.#still === still) {
      const of = (name) => traces.map((trace) => trace[name]);
      this.#plotly.restyle(
        this.plot,
        { x: of("x"), y: of("y"), z: of("z") },
        traces.map((_, i) => i + 1),
      );
      return;
    }
    this.#grid = grid;
    this.#still = still;
    const data = [surfaceTrace(grid, extent, theme), ...traces];
    this.#plotly.react(this.plot, data, layoutOf(theme, this.plot), { displayModeBar: false, responsive: false });
  }

  describe(scene) {
    const grid = scene.array(this.spec.grid);
    const heights = grid ? `heights from ${finiteRange(grid.data).map(figure).join(" to ")}` : "no surface yet";
    const parts = [heights, ...whereTrailsAre(this.spec, scene)];
    this.plot.ariaLabel = `${this.frame.name}: ${parts.join("; ")}. ${this.spec.alt}`;
  }

  destroy() {
    clearTimeout(this.#timer);
    this.observer.disconnect();
    this.#plotly?.purge(this.plot);
  }

  async #load() {
    try {
      if (!hasWebGL()) throw new Error("no WebGL");
      this.#plotly = await loadPlotly(this.stage.base);
      this.invalidate();
    } catch {
      this.plot.replaceChildren(element("p", { className: "gb-calm" }, NO_WEBGL));
    }
  }

  async #save(format) {
    if (!this.#still) return;
    const { width, height } = this.plot.getBoundingClientRect();
    const url = await this.#plotly.toImage(this.plot, { format, width, height, scale: 2 });
    saveAs(await (await fetch(url)).blob(), `${this.frame.name.toLowerCase()}.${format}`);
  }
}

function surfaceTrace({ data, shape: [rows, columns] }, [x0, x1, y0, y1], theme) {
  const even = (low, high, count) =>
    Float32Array.from({ length: count }, (_, i) => low + (i / (count - 1)) * (high - low));
  const ramp = softRamp(theme);
  const css = (pixel) => `rgb(${pixel & 255},${(pixel >>> 8) & 255},${(pixel >>> 16) & 255})`;
  return {
    type: "surface",
    x: even(x0, x1, columns),
    y: even(y0, y1, rows),
    z: Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns)),
    colorscale: Array.from({ length: 17 }, (_, i) => [i / 16, css(ramp[Math.round((i / 16) * 255)])]),
    showscale: false,
    hoverinfo: "skip",
    lighting: { ambient: 0.85, diffuse: 0.5, specular: 0.05, roughness: 0.9 },
  };
}

/** The paths on the surface, up to the step that is shown. */
function pathTraces(spec, scene, grid, extent, theme) {
  const { at } = sampler(grid, extent);
  const [low, high] = finiteRange(grid.data);
  const { rows } = scene;
  const every = Math.ceil(rows / MOST_POINTS) || 1;
  return trailsOf(spec, scene).map(({ xs, ys, label, color }) => {
    const [x, y, z] = [[], [], []];
    for (let row = 0; row < rows; row += row + every < rows || row === rows - 1 ? every : rows - 1 - row) {
      x.push(xs[row]);
      y.push(ys[row]);
      z.push(at(xs[row], ys[row]) + LIFT * (high - low));
    }
    return {
      type: "scatter3d", mode: "lines", name: label, x, y, z,
      line: { color: theme[color], width: 6 }, showlegend: false, hoverinfo: "name",
    };
  });
}

function layoutOf(theme, plot) {
  const { fontFamily: family, fontSize } = getComputedStyle(plot);
  const axis = {
    title: { text: "" }, gridcolor: theme.line, zeroline: false, showbackground: false,
    tickfont: { color: theme.soft, size: parseFloat(fontSize) * 0.9 }, nticks: 5, showspikes: false,
  };
  return {
    autosize: true,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    paper_bgcolor: "rgba(0,0,0,0)",
    font: { family },
    uirevision: "camera",
    scene: {
      xaxis: axis, yaxis: axis, zaxis: { ...axis, nticks: 4 },
      aspectmode: "manual", aspectratio: { x: 1, y: 1, z: 0.65 },
      camera: { eye: { x: 1.05, y: -1.15, z: 0.85 }, center: { x: 0, y: 0, z: -0.12 } },
    },
  };
}
