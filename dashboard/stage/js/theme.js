import { element } from "./dom.js";

const COLORS = [
  ..."paper card ink soft line accent data model gradient right wrong".split(" "),
  ...Array.from({ length: 10 }, (_, index) => `c${index}`),
];

const pixel = element("canvas", { width: 1, height: 1 }).getContext("2d", {
  willReadFrequently: true,
});

/** The red, green and blue of a colour "#rrggbb". */
export function channels(color) {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** A colour as one number of an RGBA image, without its alpha. */
export function packed([red, green, blue]) {
  return (blue << 16) | (green << 8) | red;
}

/** The colour "#rrggbb" of a pixel of an RGBA image. */
export function unpacked(pixel) {
  return hex([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
}

/** A colour between two. */
export function between(color, other, share) {
  const [from, to] = [channels(color), channels(other)];
  return hex(from.map((value, i) => value + share * (to[i] - value)));
}

const LEGIBLE = 4.5; // contrast of text, as WCAG 2.2 asks for

/** How strongly two colours differ in luminance, from 1 to 21 (WCAG 2.2). */
function contrast(...colors) {
  const [low, high] = colors.map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color) {
  const [red, green, blue] = channels(color).map((value) => {
    const v = value / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Watches the colours that CSS gives the stage, Streamlit's among them. */
export class Theme {
  /** `probe` is an element inside `root` whose background is the page's. */
  constructor(root, probe, onChange) {
    this.root = root;
    this.probe = probe;
    // A transition of almost no length tells when a custom property changed; no event does.
    probe.addEventListener("transitionend", () => {
      this.read();
      onChange();
    });
    this.read();
  }

  read() {
    const [red, green, blue] = resolve(getComputedStyle(this.probe).backgroundColor);
    this.dark = 0.3 * red + 0.59 * green + 0.11 * blue < 128;
    this.root.classList.toggle("gb-dark", this.dark);
    for (const name of COLORS) {
      this.probe.style.color = `var(--gb-${name})`;
      this[name] = hex(resolve(getComputedStyle(this.probe).color));
    }
    this.family = getComputedStyle(this.root).fontFamily;
    this.classes = COLORS.slice(-10).map((name) => this[name]);
    this.key = COLORS.map((name) => this[name]).join(); // tells these colours from any others
    this.dim = between(this.line, this.card, 0.3);
  }

  /** The colour of a class, by its number; of no class where it has none. */
  ofClass(index) {
    return this.classes[index] ?? this.soft;
  }

  /** The colour of text that can be read on a colour; `first` is taken where it can. */
  over(color, first = this.ink) {
    const inks = [first, this.ink, this.card, "#000000", "#ffffff"]; // one of the last two can
    return inks.find((ink) => contrast(ink, color) >= LEGIBLE);
  }
}

/** Red, green and blue of any CSS colour, as the browser paints it. */
function resolve(color) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

function hex(values) {
  return `#${values.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}
