import { element } from "./dom.js";
import { Frame } from "./frame.js";
import { hasWebGL, loadPlotly } from "./plotly.js";
import { softRamp } from "./ramps.js";
import { sampler, summaryOf } from "./relief.js";
import { finiteRange } from "./ticks.js";
import { trailsOf } from "./trails.js";

const PAUSE = { least: 125, most: 2000, factor: 8 }; // milliseconds; times what an update took
const MOST_POINTS = 500; // of a path
const LIFT = 0.02; // of the height's range, so that paths do not sink into the surface
const NO_WEBGL = "This browser cannot draw in space (no WebGL); the level lines show the same.";

/** A grid of heights as a surface in space, drawn by Plotly.js. */
export class SurfacePanel {
  stale = true;
  #plotly = null;
  #next = 0; // when it may be updated again
  #timer = 0;
  #grid = null; // what the surface itself was drawn for
  #surface = "";

  constructor(spec, stage) {
    this.spec = spec;
    this.stage = stage;
    const properties = { className: "gb-space", role: "img", ariaLabel: spec.alt, tabIndex: 0 };
    this.plot = element("div", properties);
    this.frame = new Frame(spec, this.plot, {
      formats: ["png", "svg"],
      make: (format) => this.#picture(format),
    });
    this.element = this.frame.element;
    this.observer = new ResizeObserver(([{ contentRect: { width } }]) => {
      if (this.#surface && width) this.#plotly.Plots.resize(this.plot); // not one that is hidden
    });
    this.observer.observe(this.frame.body);
    this.#load();
  }

  invalidate() {
    this.stale = true;
    this.stage.invalidate();
  }

  /** Draw a scene: its paths grow with every step. */
  show(scene, moved) {
    if (!this.stale && !moved) return;
    this.stale = false;
    const grid = scene.array(this.spec.grid);
    const extent = scene.extent(this.spec.extent);
    if (!this.#plotly || !extent || !grid?.data.some(Number.isFinite)) return;
    clearTimeout(this.#timer);
    const early = performance.now() < this.#next;
    if (early) this.#timer = setTimeout(() => this.invalidate(), PAUSE.least);
    else this.#update(grid, extent, pathTraces(this.spec, scene, grid, extent, this.stage.theme));
  }

  describe(scene) {
    const grid = scene.array(this.spec.grid);
    const summary = grid ? summaryOf(grid, this.spec, scene) : "no surface yet";
    this.plot.ariaLabel = `${this.frame.name}: ${summary}. ${this.spec.alt}`;
  }

  destroy() {
    clearTimeout(this.#timer);
    this.observer.disconnect();
    if (this.#surface) this.#plotly.purge(this.plot);
  }

  /** Draw anew where the surface changed; else only let the paths grow. */
  #update(grid, extent, traces) {
    const { theme } = this.stage;
    const surface = `${theme.card} ${extent.join()} ${traces.length}`;
    const began = performance.now();
    this.#next = Infinity; // until it is known how long this took
    if (this.#grid === grid && this.#surface === surface) {
      const of = (name) => traces.map((trace) => trace[name]);
      const changes = { x: of("x"), y: of("y"), z: of("z") };
      this.#plotly.restyle(this.plot, changes, traces.map((_, i) => i + 1));
    } else {
      this.#grid = grid;
      this.#surface = surface;
      const data = [surfaceTrace(grid, extent, theme), ...traces];
      const config = { displayModeBar: false, plotGlPixelRatio: devicePixelRatio };
      this.#plotly.react(this.plot, data, layoutOf(theme, this.plot, grid, extent), config);
    }
    requestAnimationFrame(() => requestAnimationFrame(() => this.#rest(began)));
  }

  /** Where there is no GPU one update can take as long as ten frames: then they are few. */
  #rest(began) {
    const now = performance.now();
    this.#next = now + Math.min(PAUSE.most, Math.max(PAUSE.least, PAUSE.factor * (now - began)));
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

  async #picture(format) {
    if (!this.#surface) return null;
    const { width, height } = this.plot.getBoundingClientRect();
    const url = await this.#plotly.toImage(this.plot, { format, width, height, scale: 2 });
    return (await fetch(url)).blob();
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
    z: Array.from({ length: rows }, (_, row) => data.slice(row * columns, (row + 1) * columns)),
    colorscale: Array.from({ length: 18 }, (_, i) => [i / 17, css(ramp[15 * i])]),
    showscale: false,
    hoverinfo: "skip",
    lighting: { ambient: 0.85, diffuse: 0.5, specular: 0.05, roughness: 0.9 },
  };
}

/** The paths on the surface, up to the step that is shown. */
function pathTraces(spec, scene, grid, extent, theme) {
  const heightAt = sampler(grid, extent);
  const [low, high] = finiteRange(grid.data);
  const [x0, x1, y0, y1] = extent;
  const { rows } = scene;
  const every = Math.ceil(rows / MOST_POINTS) || 1;
  const shown = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => row % every === 0 || row === rows - 1,
  );
  return trailsOf(spec, scene).map(({ xs, ys, label, color }) => {
    const inside = (row) => xs[row] >= x0 && xs[row] <= x1 && ys[row] >= y0 && ys[row] <= y1;
    const [x, y] = [xs, ys].map((column) => shown.map((row) => (inside(row) ? column[row] : NaN)));
    const z = x.map((_, i) => heightAt(x[i], y[i]) + LIFT * (high - low));
    const line = { color: theme[color], width: 6 };
    const quiet = { showlegend: false, hoverinfo: "name" };
    return { type: "scatter3d", mode: "lines", name: label, x, y, z, line, ...quiet };
  });
}

function layoutOf(theme, plot, grid, [x0, x1, y0, y1]) {
  const { fontFamily: family, fontSize } = getComputedStyle(plot);
  const [low, high] = finiteRange(grid.data);
  const back = Math.max(1, (1.1 * plot.offsetHeight) / plot.offsetWidth); // a tall panel is narrow
  const axis = {
    title: { text: "" }, gridcolor: theme.line, zeroline: false, showbackground: false,
    tickfont: { color: theme.soft, size: parseFloat(fontSize) * 1.2 }, nticks: 5, showspikes: false,
  };
  return {
    autosize: true,
    margin: { l: 0, r: 0, t: 0, b: 0 },
    paper_bgcolor: "rgba(0,0,0,0)",
    font: { family },
    uirevision: "camera",
    scene: {
      xaxis: { ...axis, range: [x0, x1] },
      yaxis: { ...axis, range: [y0, y1] },
      zaxis: { ...axis, showticklabels: false, range: [low, high + 2 * LIFT * (high - low)] },
      aspectmode: "manual", aspectratio: { x: 1, y: 1, z: 0.65 },
      camera: {
        eye: { x: 0.95 * back, y: -1.05 * back, z: 1.2 * back },
        center: { x: 0, y: 0, z: -0.12 },
      },
    },
  };
}
