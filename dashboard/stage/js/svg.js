import { element } from "./dom.js";

const ROUND = 100; // hundredths of a pixel are enough

/** Takes the calls of a canvas context that the drawings make, and writes them down as SVG. */
export class SvgContext {
  vector = true;
  globalAlpha = 1;
  fillStyle = "#000000";
  strokeStyle = "#000000";
  lineWidth = 1;
  lineCap = "butt";
  lineJoin = "miter";
  font = "12px sans-serif";
  textAlign = "left";
  textBaseline = "alphabetic";
  imageSmoothingEnabled = true;

  #parts = [];
  #clips = 0;
  #path = "";
  #dash = [];
  #transform = "";
  #clip = "";
  #saved = [];
  #ruler = element("canvas").getContext("2d");

  constructor(width, height) {
    this.size = { width, height };
  }

  toString() {
    const { width, height } = this.size;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}">${this.#parts.join("\n")}</svg>`
    );
  }

  save() {
    const { globalAlpha } = this;
    this.#saved.push({ globalAlpha, transform: this.#transform, clip: this.#clip });
  }

  restore() {
    const { globalAlpha, transform, clip } = this.#saved.pop();
    this.globalAlpha = globalAlpha;
    this.#transform = transform;
    this.#clip = clip;
  }

  translate(x, y) {
    this.#transform += `translate(${rounded2(x)} ${rounded2(y)})`;
  }

  rotate(angle) {
    this.#transform += `rotate(${rounded2((angle * 180) / Math.PI)})`;
  }

  beginPath() {
    this.#path = "";
  }

  moveTo(x, y) {
    this.#path += `M${rounded2(x)} ${rounded2(y)}`;
  }

  lineTo(x, y) {
    this.#path += `${this.#path ? "L" : "M"}${rounded2(x)} ${rounded2(y)}`;
  }

  rect(x, y, width, height) {
    this.moveTo(x, y);
    this.#path += `h${rounded2(width)}v${rounded2(height)}h${rounded2(-width)}z`;
  }

  roundRect(x, y, width, height, radius) {
    const r = rounded2(radius);
    const [across, down] = [rounded2(width - 2 * r), rounded2(height - 2 * r)];
    const turn = (right, below) => `a${r} ${r} 0 0 1 ${right * r} ${below * r}`;
    this.moveTo(x + r, y);
    this.#path +=
      `h${across}${turn(1, 1)}v${down}${turn(-1, 1)}h${-across}${turn(-1, -1)}v${-down}` +
      `${turn(1, -1)}z`;
  }

  /** Whole circles only: nothing here draws parts of one. */
  arc(x, y, radius) {
    const r = rounded2(radius);
    this.moveTo(x + radius, y);
    for (const side of [-2 * r, 2 * r]) this.#path += `a${r} ${r} 0 1 1 ${side} 0`;
  }

  clip() {
    const id = `clip${this.#clips++}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path}"/></clipPath>`);
    this.#clip = `url(#${id})`;
  }

  fill() {
    this.#write("path", { d: this.#path, fill: this.fillStyle });
  }

  stroke() {
    this.#write("path", { d: this.#path, fill: "none", ...this.#pen() });
  }

  fillRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.fill();
  }

  strokeRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.stroke();
  }

  setLineDash(dash) {
    this.#dash = dash;
  }

  measureText(text) {
    this.#ruler.font = this.font;
    return this.#ruler.measureText(text);
  }

  fillText(text, x, y) {
    this.#writeText(text, x, y, { fill: this.fillStyle });
  }

  strokeText(text, x, y) {
    this.#writeText(text, x, y, { fill: "none", ...this.#pen() });
  }

  /** An image, whole, or a part of it as in canvases. */
  drawImage(image, ...place) {
    const [x, y, width, height] = place.slice(-4).map(rounded2);
    if (place.length === 8) image = cutOut(image, ...place);
    const rendering = this.imageSmoothingEnabled ? "auto" : "pixelated";
    const attributes = { x, y, width, height, href: image.toDataURL() };
    this.#write("image", {
      ...attributes, preserveAspectRatio: "none", style: `image-rendering:${rendering}`,
    });
  }

  #pen() {
    return {
      stroke: this.strokeStyle,
      "stroke-width": rounded2(this.lineWidth),
      "stroke-linecap": this.lineCap,
      "stroke-linejoin": this.lineJoin,
      "stroke-dasharray": this.#dash.map(rounded2).join(" "),
    };
  }

  #writeText(text, x, y, paint) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign];
    const baseline = { middle: "central", alphabetic: "auto" }[this.textBaseline];
    const attributes = {
      x: rounded2(x), y: rounded2(y), style: `font:${this.font}`,
      "text-anchor": anchor, "dominant-baseline": baseline, ...paint,
    };
    this.#write("text", attributes, escaped(text));
  }

  #write(tag, attributes, content = "") {
    const all = {
      ...attributes,
      transform: this.#transform,
      "clip-path": this.#clip,
      opacity: this.globalAlpha === 1 ? "" : this.globalAlpha,
    };
    const texts = Object.entries(all)
      .filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}="${escaped(String(value))}"`);
    this.#parts.push(`<${tag} ${texts.join(" ")}>${content}</${tag}>`);
  }
}

function rounded2(value) {
  return Math.round(value * ROUND) / ROUND;
}

function escaped(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => signs[sign]);
}

function cutOut(image, x, y, width, height) {
  const canvas = element("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, -x, -y);
  return canvas;
}
