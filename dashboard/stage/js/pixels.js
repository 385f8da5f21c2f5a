import { element } from "./dom.js";

/** An image that is written pixel by pixel; `pixels` are RGBA, one number each. */
export class Raster {
  constructor() {
    this.canvas = element("canvas");
    this.ctx = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /** An empty image of a size. */
  clear(width, height) {
    if (this.image?.width === width && this.image.height === height) {
      this.pixels.fill(0);
      return this;
    }
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.ctx.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    return this;
  }

  /** The canvas, with what was written. */
  show() {
    this.ctx.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

/** Write a table as colours of a ramp; what is not finite stays empty. Row 0 may go below. */
export function writeTable(raster, { data, shape: [rows, columns] }, ramp, [low, high], upward) {
  const { pixels } = raster.clear(columns, rows);
  const last = ramp.length - 1;
  const per = last / (high - low);
  for (let row = 0; row < rows; row++) {
    const to = (upward ? rows - 1 - row : row) * columns;
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column];
      if (!Number.isFinite(value)) continue;
      const at = Math.round((value - low) * per);
      pixels[to + column] = ramp[at < 0 ? 0 : at > last ? last : at];
    }
  }
  return raster;
}
