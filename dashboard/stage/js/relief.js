import { traceIsoline } from "./isolines.js";
import { figure } from "./numbers.js";
import { Raster } from "./pixels.js";
import { softRamp } from "./ramps.js";
import { finiteRange } from "./ticks.js";
import { trailsOf } from "./trails.js";

const LEVELS = 16;

/** A grid of heights as coloured bands with a thin line between any two; drawn once, kept. */
export class Relief {
  #raster = new Raster();
  #drawn = "";
  #grid = null;
  #heights = null;

  draw(sheet, plane, grid, extent) {
    const { ctx, scale, theme } = sheet;
    const { box } = plane;
    const view = [box.width, box.height, plane.u0, plane.v0, plane.perU, scale, theme.card].join();
    if (this.#grid !== grid || this.#drawn !== view) {
      this.#grid = grid;
      this.#drawn = view;
      this.#heights = heightsOf(grid);
      this.#fill(plane, grid, extent, scale, theme);
      this.#drawLines(plane, grid, extent, scale, theme);
    }
    ctx.drawImage(this.#raster.canvas, box.left, box.top, box.width, box.height);
  }

  #fill(plane, grid, extent, scale, theme) {
    const { box } = plane;
    const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
    const raster = this.#raster.clear(width, height);
    const ramp = softRamp(theme);
    const { colorOf } = this.#heights;
    const heightAt = sampler(grid, extent);
    for (let row = 0, pixel = 0; row < height; row++) {
      const y = plane.y(box.top + (row + 0.5) / scale);
      for (let column = 0; column < width; column++, pixel++) {
        const value = heightAt(plane.x(box.left + (column + 0.5) / scale), y);
        if (Number.isFinite(value)) raster.pixels[pixel] = ramp[colorOf(value)];
      }
    }
    raster.show();
  }

  #drawLines(plane, grid, [x0, x1, y0, y1], scale, theme) {
    const { ctx } = this.#raster;
    const { left, top } = plane.box;
    const [rows, columns] = grid.shape;
    const px = (column) => plane.px(x0 + (column / (columns - 1)) * (x1 - x0)) - left;
    const py = (row) => plane.py(y0 + (row / (rows - 1)) * (y1 - y0)) - top;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.strokeStyle = theme.dark ? "#00000048" : "#ffffff58";
    ctx.lineWidth = Math.max(1, Math.round(scale)) / scale;
    ctx.beginPath();
    for (const level of this.#heights.levels) traceIsoline(ctx, grid, level, px, py);
    ctx.stroke();
  }
}

/** Heights between the points of a grid, bilinear; not a number outside of it. */
export function sampler({ data, shape: [rows, columns] }, [x0, x1, y0, y1]) {
  return (x, y) => {
    const column = ((x - x0) / (x1 - x0)) * (columns - 1);
    const row = ((y - y0) / (y1 - y0)) * (rows - 1);
    if (!(column >= 0 && row >= 0 && column <= columns - 1 && row <= rows - 1)) return NaN;
    const left = Math.min(Math.floor(column), columns - 2);
    const below = Math.min(Math.floor(row), rows - 2);
    const [right, up] = [column - left, row - below];
    const corner = below * columns + left;
    return (
      (1 - up) * ((1 - right) * data[corner] + right * data[corner + 1]) +
      up * ((1 - right) * data[corner + columns] + right * data[corner + columns + 1])
    );
  };
}

/** The range of a grid, and where the paths over it have come to, in words. */
export function summaryOf(grid, spec, scene) {
  const row = scene.rows - 1;
  const places = trailsOf(spec, scene)
    .filter(() => row >= 0)
    .map(({ xs, ys, label }) => `${label} at ${figure(xs[row])}, ${figure(ys[row])}`);
  return [`heights from ${finiteRange(grid.data).map(figure).join(" to ")}`, ...places].join("; ");
}

/**
 * Levels of equal distance in asinh of the height above the lowest: like even levels where
 * heights are alike, and like powers of ten where a valley lies between cliffs.
 */
function heightsOf({ data }) {
  const [low, high] = finiteRange(data);
  const sorted = Float32Array.from(data).filter(Number.isFinite).sort();
  const unit = sorted[Math.floor(0.2 * sorted.length)] - low || high - low || 1;
  const per = LEVELS / (Math.asinh((high - low) / unit) || 1);
  const colorOf = (value) => {
    const band = Math.min(Math.floor(Math.asinh((value - low) / unit) * per), LEVELS - 1);
    return Math.round(((band + 0.5) / LEVELS) * 255);
  };
  const levels = [];
  for (let i = 1; i < LEVELS; i++) levels.push(low + unit * Math.sinh(i / per));
  return { colorOf, levels };
}
