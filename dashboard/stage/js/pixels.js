import { element } from "./dom.js";

/** Bytes from black to white, as pixels. */
export const GREY = Uint32Array.from(
  { length: 256 },
  (_, v) => 0xff000000 | (v << 16) | (v << 8) | v,
);

/** An image that is written pixel by pixel; `pixels` are RGBA, one number each. */
export class Raster {
  constructor() {
    this.canvas = element("canvas");
    this.ctx = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /** An image of a size, which holds what was written to it before. */
  sized(width, height) {
    if (this.image?.width === width && this.image.height === height) return this;
    this.canvas.width = width;
    this.canvas.height = height;
    this.image = this.ctx.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    return this;
  }

  /** An empty image of a size. */
  clear(width, height) {
    this.sized(width, height).pixels.fill(0);
    return this;
  }

  /** The canvas, with what was written. */
  show() {
    this.ctx.putImageData(this.image, 0, 0);
    return this.canvas;
  }
}

/** Write a table (rows, columns); `shade` gives each value's pixel. Row 0 may go below. */
export function writeTable(raster, { data, shape: [rows, columns] }, shade, upward) {
  const { pixels } = raster.clear(columns, rows);
  for (let row = 0; row < rows; row++) {
    const to = (upward ? rows - 1 - row : row) * columns;
    for (let column = 0; column < columns; column++) {
      pixels[to + column] = shade(data[row * columns + column]);
    }
  }
  return raster;
}

/** Pixels of numbers on a ramp from low to high; none for what is not finite. */
export function onRamp(ramp, [low, high]) {
  const last = ramp.length - 1;
  const per = last / (high - low);
  return (value) => {
    if (!Number.isFinite(value)) return 0;
    return ramp[Math.min(Math.max(Math.round((value - low) * per), 0), last)];
  };
}

/** Pixels of classes by their number; none for what is no class. */
export function ofClasses(ramp) {
  return (value) => ramp[value] ?? 0;
}
