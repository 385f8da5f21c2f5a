import { element } from "./dom.js";
import { Frame } from "./frame.js";
import { toPng } from "./picture.js";

const REST = 1200; // milliseconds without the pen until what is written is handed in
const PEN = 0.07; // of the height
const CLOSEST = 2; // pixels between two points of a stroke

/** A sheet to write on with the pointer: what is written is picked when the pen rests. */
export class PadPanel {
  stale = true;
  #strokes = []; // lists of x, y, x, y, …, in pixels
  #size = { width: 0, height: 0 };
  #timer = 0;

  constructor(spec, stage) {
    this.spec = spec;
    this.stage = stage;
    const drawing = { className: "gb-picks gb-paper", role: "img", ariaLabel: spec.alt };
    this.canvas = element("canvas", drawing);
    this.ctx = this.canvas.getContext("2d");
    this.frame = new Frame(spec, this.canvas, {
      formats: ["png"],
      make: () => toPng(this.canvas),
    });
    const clear = { type: "button", className: "gb-clear", onclick: () => this.#clear() };
    this.clear = element("button", clear, "clear");
    this.hint = element("p", { className: "gb-calm" }, spec.hint);
    this.frame.body.append(this.hint, this.clear);
    this.element = this.frame.element;
    const on = (name, handle) => this.canvas.addEventListener(name, handle.bind(this));
    on("pointerdown", this.#down);
    on("pointermove", this.#move);
    on("pointerup", this.#up);
    on("pointercancel", this.#up);
    this.observer = new ResizeObserver(([{ contentRect: { width, height } }]) => {
      this.#size = { width, height };
      this.invalidate();
    });
    this.observer.observe(this.frame.body);
  }

  invalidate() {
    this.stale = true;
    this.stage.invalidate();
  }

  /** What is written is the visitor's own, whatever the scene. */
  show() {
    if (!this.stale) return;
    this.stale = false;
    const { width, height } = this.#size;
    const scale = devicePixelRatio;
    const { canvas, ctx } = this;
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    Object.assign(ctx, { lineWidth: PEN * height, lineCap: "round", lineJoin: "round" });
    ctx.strokeStyle = this.stage.theme.ink;
    for (const stroke of this.#strokes) {
      ctx.beginPath();
      ctx.moveTo(stroke[0], stroke[1]);
      for (let i = 0; i < stroke.length; i += 2) ctx.lineTo(stroke[i], stroke[i + 1]);
      ctx.stroke();
    }
    this.hint.hidden = this.#strokes.length > 0;
    this.clear.hidden = !this.hint.hidden;
  }

  describe() {
    const { length } = this.#strokes;
    this.canvas.ariaLabel = `${this.frame.name}: ${length || "no"} strokes. ${this.spec.alt}`;
  }

  destroy() {
    clearTimeout(this.#timer);
    this.observer.disconnect();
  }

  #at({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top].map(Math.round);
  }

  #down(event) {
    if (event.button !== 0) return;
    clearTimeout(this.#timer);
    this.canvas.setPointerCapture(event.pointerId);
    this.#strokes.push(this.#at(event));
    this.invalidate();
  }

  #move(event) {
    const stroke = this.#strokes.at(-1);
    if (!stroke || !this.canvas.hasPointerCapture(event.pointerId)) return;
    const [x, y] = this.#at(event);
    if (Math.hypot(x - stroke.at(-2), y - stroke.at(-1)) < CLOSEST) return;
    stroke.push(x, y);
    this.invalidate();
  }

  #up() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#handIn(), REST);
  }

  #handIn() {
    if (!this.#strokes.length) return;
    this.stage.pick(this.spec.key, { strokes: JSON.stringify(this.#strokes) });
  }

  #clear() {
    clearTimeout(this.#timer);
    this.#strokes = [];
    this.invalidate();
  }
}
