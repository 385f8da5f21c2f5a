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

  /** `colors` are CSS colours, one of which `labels` chooses for each point by its index. */
  draw(sheet, plane, { data, shape: [count] }, { labels, colors, diameter, opacity }) {
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
    const stamps = this.#stampsOf(diameter * scale, opacity);
    const { size } = stamps;
    const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
    const { u0, v0, perU, perV, logX, logY } = plane;
    const view = [width, height, scale, u0, v0, perU, perV, logX, logY];
    const place = [...view, stamps.name, colors].join();
    const paste = (image) =>
      ctx.drawImage(image, size, size, width, height, box.left, box.top, box.width, box.height);
    const shown = this.#shown;
    if (shown.data === data && shown.labels === labels && shown.place === place) {
      paste(this.#raster.canvas);
      return;
    }
    this.#shown = { data, labels, place };
    const raster = this.#raster.clear(width + 2 * size, height + 2 * size);
    const palette = colors.map((color) => packed(channels(color)));
    for (let i = 0; i < count; i++) {
      const x = (plane.px(data[2 * i]) - box.left) * scale + (size + 1) / 2;
      const y = (plane.py(data[2 * i + 1]) - box.top) * scale + (size + 1) / 2;
      if (!(x >= 0 && y >= 0 && x < width + size && y < height + size)) continue; // or NaN
      stamp(raster, stamps, x, y, palette[colorOf(i)]);
    }
    paste(raster.show());
  }

  #stampsOf(diameter, opacity) {
    const name = `${diameter} ${opacity}`;
    if (this.#stamps?.name !== name) this.#stamps = { name, ...makeStamps(diameter, opacity) };
    return this.#stamps;
  }
}

/** Coverage masks of a disc, one for each place within a pixel. */
function makeStamps(diameter, opacity) {
  const size = Math.ceil(diameter) + 2;
  const masks = [];
  for (let phase = 0; phase < PHASES * PHASES; phase++) {
    const [cx, cy] = [phase % PHASES, Math.floor(phase / PHASES)].map(
      (part) => size / 2 + (part + 0.5) / PHASES - 0.5,
    );
    masks.push(
      Uint8Array.from({ length: size * size }, (_, at) => {
        const distance = Math.hypot((at % size) + 0.5 - cx, Math.floor(at / size) + 0.5 - cy);
        return 255 * opacity * Math.min(1, Math.max(0, diameter / 2 + 0.5 - distance));
      }),
    );
  }
  return { size, masks };
}

/** Blend one disc in; x and y are those of its mask's corner. */
function stamp({ pixels, image: { width } }, { size, masks }, x, y, color) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const phase = Math.floor((y - top) * PHASES) * PHASES + Math.floor((x - left) * PHASES);
  const mask = masks[phase];
  for (let row = 0, at = 0; row < size; row++) {
    const start = (top + row) * width + left;
    for (let column = 0; column < size; column++, at++) {
      const alpha = mask[at];
      if (alpha === 0) continue;
      const under = pixels[start + column];
      pixels[start + column] =
        under === 0 || alpha === 255 ? (alpha << 24) | color : blend(under, color, alpha);
    }
  }
}

/** A colour with alpha over a pixel, both with straight alpha. */
function blend(under, color, alpha) {
  const out = alpha + ((under >>> 24) * (255 - alpha)) / 255;
  const share = alpha / out;
  const mix = (shift) => {
    const below = (under >>> shift) & 255;
    return (below + share * (((color >>> shift) & 255) - below)) << shift;
  };
  return (out << 24) | (mix(16) & 0xff0000) | (mix(8) & 0xff00) | (mix(0) & 0xff);
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
