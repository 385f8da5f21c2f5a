import { Raster } from "./pixels.js";
import { channels, packed } from "./theme.js";

const PHASES = 4; // places of a disc within a pixel, per direction

/**
 * Thousands of discs, blended into one image by hand: where canvases are drawn without a GPU,
 * this takes a fraction of the time that as many arcs take, and the discs stay round.
 */
export class Dots {
  #raster = new Raster();
  #stamps = null;
  #shown = {}; // what the raster holds: data that stay the same are blended once

  /**
   * `colors` are CSS colours, one of which `labels` chooses for each point by its index.
   * `underOf(margin)` gives the pixels of a box that is the whole sheet, and of a margin around
   * it, where they are known: then the canvas has nothing to blend.
   */
  draw(sheet, plane, { data, shape: [count] }, { labels, colors, diameter, opacity, underOf }) {
    const { ctx, scale } = sheet;
    const { box } = plane;
    const colorOf = (i) => {
      const label = labels ? labels[i] : 0;
      return label >= 0 && label < colors.length ? label : colors.length - 1;
    };
    if (ctx.vector) {
      drawDiscs(ctx, plane, data, { count, colorOf, colors, diameter, opacity });
      return;
    }
    // Pixel for pixel: the box need not lie on whole ones, but to resample would cost more.
    const edges = [box.left, box.top, box.right, box.bottom];
    const [west, north, east, south] = edges.map((at) => Math.round(at * scale));
    const [left, top, width, height] = [west / scale, north / scale, east - west, south - north];
    const stamps = this.#stampsOf(diameter * scale, opacity, width);
    const { size, masks } = stamps;
    const { u0, v0, perU, perV, logX, logY } = plane;
    const view = [...edges, scale, u0, v0, perU, perV, logX, logY];
    const look = [...view, stamps.name, colors].join();
    const place = [left, top, width / scale, height / scale];
    const under = underOf?.(size);
    const raster = this.#raster.sized(stamps.row, height + 2 * size);
    const paste = () => {
      const { canvas, image } = raster;
      if (!under) return ctx.drawImage(canvas, size, size, width, height, ...place);
      const { e, f } = ctx.getTransform(); // which this does not heed
      const [x, y] = [Math.round(e) + west - size, Math.round(f) + north - size];
      return ctx.putImageData(image, x, y, size, size, width, height);
    };
    const [shown, now] = [this.#shown, { data, labels, under, look }];
    if (["data", "labels", "under", "look"].every((n) => shown[n] === now[n])) {
      return paste();
    }
    this.#shown = now;
    if (under) raster.pixels.set(under);
    else raster.pixels.fill(0);
    const palette = colors.map((color) => packed(channels(color)));
    for (let i = 0; i < count; i++) {
      const x = (plane.px(data[2 * i]) - left) * scale + (size + 1) / 2;
      const y = (plane.py(data[2 * i + 1]) - top) * scale + (size + 1) / 2;
      if (!(x >= 0 && y >= 0 && x < width + size && y < height + size)) continue; // or NaN
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const phase = Math.floor((y - row) * PHASES) * PHASES + Math.floor((x - column) * PHASES);
      stamp(raster.pixels, row * stamps.row + column, masks[phase], palette[colorOf(i)]);
    }
    if (!under) raster.show();
    return paste();
  }

  #stampsOf(diameter, opacity, width) {
    const name = `${diameter} ${opacity} ${width}`;
    if (this.#stamps?.name !== name) {
      this.#stamps = { name, ...makeStamps(diameter, opacity, width) };
    }
    return this.#stamps;
  }
}

/**
 * A disc's pixels for each place within a pixel: where they are in an image `row` pixels wide,
 * which has a margin of `size` around `width`, and how much of each the disc covers.
 */
function makeStamps(diameter, opacity, width) {
  const size = Math.ceil(diameter) + 2;
  const row = width + 2 * size;
  const masks = [];
  for (let phase = 0; phase < PHASES * PHASES; phase++) {
    const [cx, cy] = [phase % PHASES, Math.floor(phase / PHASES)].map(
      (part) => size / 2 + (part + 0.5) / PHASES - 0.5,
    );
    const [offsets, alphas] = [[], []];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const inside = diameter / 2 + 0.5 - Math.hypot(x + 0.5 - cx, y + 0.5 - cy);
        const alpha = Math.floor(255 * opacity * Math.min(1, Math.max(0, inside)));
        if (!alpha) continue;
        offsets.push(y * row + x);
        alphas.push(alpha);
      }
    }
    masks.push({ offsets: Int32Array.from(offsets), alphas: Uint8Array.from(alphas) });
  }
  return { size, row, masks };
}

/** Blend one disc in; `corner` is the pixel of its mask's corner. */
function stamp(pixels, corner, { offsets, alphas }, color) {
  for (let i = 0; i < offsets.length; i++) {
    const at = corner + offsets[i];
    const under = pixels[at];
    const alpha = alphas[i];
    pixels[at] = under === 0 || alpha === 255 ? (alpha << 24) | color : blend(under, color, alpha);
  }
}

/** A colour with alpha over a pixel, both with straight alpha: red and blue in one product. */
function blend(under, color, alpha) {
  const below = under >>> 24;
  if (below === 255) {
    // With seven bits of alpha the products are whole numbers of 32 bits, which are quick.
    const over = (alpha + 1) >> 1;
    const rest = 128 - over;
    const redBlue = Math.imul(under & 0xff00ff, rest) + Math.imul(color & 0xff00ff, over);
    const green = Math.imul(under & 0xff00, rest) + Math.imul(color & 0xff00, over);
    return 0xff000000 | ((redBlue >>> 7) & 0xff00ff) | ((green >>> 7) & 0xff00);
  }
  const out = alpha + below - (alpha * below) / 255;
  const over = Math.round((256 * alpha) / out);
  const rest = 256 - over;
  const redBlue = ((under & 0xff00ff) * rest + (color & 0xff00ff) * over) >>> 8;
  const green = ((under & 0xff00) * rest + (color & 0xff00) * over) >>> 8;
  return (out << 24) | (redBlue & 0xff00ff) | (green & 0xff00);
}

/** The same as paths, for an image made of vectors. */
function drawDiscs(ctx, plane, data, { count, colorOf, colors, diameter, opacity }) {
  ctx.globalAlpha = opacity;
  colors.forEach((color, index) => {
    ctx.beginPath();
    for (let i = 0; i < count; i++) {
      const [x, y] = [plane.px(data[2 * i]), plane.py(data[2 * i + 1])];
      if (colorOf(i) === index && plane.holds(x, y)) {
        ctx.moveTo(x + diameter / 2, y);
        ctx.arc(x, y, diameter / 2, 0, 2 * Math.PI);
      }
    }
    ctx.fillStyle = color;
    ctx.fill();
  });
  ctx.globalAlpha = 1;
}
