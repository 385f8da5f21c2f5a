import { between, channels, packed } from "./theme.js";

const OPAQUE = 0xff000000;

// Viridis at nine even places: lightness grows steadily, for colour-blind eyes as well.
const EVEN = [
  "#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725",
];

/** 256 colours from low to high, as the pixels of an RGBA image. */
export function evenRamp() {
  return ramp(EVEN);
}

/** The same with some of the paper over it: what is drawn on it stands out. */
export function softRamp({ dark, card }) {
  const veil = dark ? 0.45 : 0.4;
  return ramp(EVEN.map((color) => between(color, card, veil)));
}

/** 256 colours from below zero (blue) over zero (the paper) to above zero (orange). */
export function signedRamp({ dark, card }) {
  return ramp(
    dark
      ? ["#a9d8f5", "#56b4e9", card, "#f0a33a", "#ffd9a0"]
      : ["#003a63", "#3b8fc7", card, "#e8953c", "#8a3a00"],
  );
}

/** The colours of the classes on the paper, as pixels; `strength` is from 0 to 1. */
export function classRamp({ classes, card }, strength) {
  return Uint32Array.from(
    classes,
    (color) => packed(channels(between(card, color, strength))) | OPAQUE,
  );
}

function ramp(colors) {
  const stops = colors.map(channels);
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1);
    const left = Math.min(Math.floor(at), stops.length - 2);
    const mix = stops[left].map((v, c) => Math.round(v + (at - left) * (stops[left + 1][c] - v)));
    return packed(mix) | OPAQUE;
  });
}
