import { WHOLE } from "./plane.js";

const CLICK = 4; // pixels that a pointer may move in a click
const NEAREST = 1e-4; // part of the home range that can still be seen

/**
 * Wheel, drag, double click and keys change a drawing's `zoom`; hovering reads it; a click picks.
 * The wheel scrolls the page as ever, unless the panel was clicked and the pointer is still there,
 * or it has the focus, or it fills the screen.
 */
export class Gestures {
  #canvas;
  #panel;
  #from = null;
  #dragged = false;
  #held = false; // whether it is a thing of the drawing that follows the pointer

  /**
   * `panel` has `drawing`, `invalidate()`, `hover(point)`, `pick(point)`, `grab(point)` and
   * `drag(point, done)`.
   */
  constructor(canvas, panel) {
    this.#canvas = canvas;
    this.#panel = panel;
    const on = (name, handle) => canvas.addEventListener(name, handle.bind(this));
    on("pointermove", this.#move);
    on("pointerdown", this.#down);
    on("pointerup", this.#up);
    on("pointerleave", this.#leave);
    on("pointercancel", () => (this.#from = this.#held = null));
    on("keydown", this.#key);
    on("dblclick", () => this.#reset());
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  get #zoomable() {
    return this.#panel.drawing.zoom && this.#panel.drawing.plane;
  }

  #at(event) {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  #down(event) {
    if (event.button !== 0) return undefined;
    this.#from = this.#at(event);
    this.#dragged = false;
    this.#held = this.#panel.grab(this.#from);
    if (this.#held) return this.#canvas.setPointerCapture(event.pointerId);
    // A finger scrolls the page, unless there is something to move about in.
    if (event.pointerType === "touch" && this.#panel.drawing.zoom === WHOLE) return undefined;
    return this.#canvas.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const at = this.#at(event);
    if (this.#held) return this.#panel.drag(at);
    if (!this.#from || !this.#zoomable) return this.#panel.hover(at);
    const [right, down] = [at.x - this.#from.x, at.y - this.#from.y];
    if (!this.#dragged && Math.hypot(right, down) < CLICK) return undefined;
    this.#dragged = true;
    this.#from = at;
    const { box } = this.#panel.drawing.plane;
    this.#pan(-right / box.width, down / box.height);
    return this.#panel.hover(null);
  }

  #up(event) {
    if (this.#held) this.#panel.drag(this.#at(event), true);
    else if (this.#from && !this.#dragged) this.#panel.pick(this.#at(event));
    this.#from = null;
    this.#held = false;
  }

  #leave() {
    this.#panel.hover(null);
    if (!this.#canvas.matches(":focus-visible")) this.#canvas.blur();
  }

  #wheel(event) {
    const root = this.#canvas.getRootNode();
    const taken = root.activeElement === this.#canvas || root.fullscreenElement || event.ctrlKey;
    if (!taken || !this.#zoomable) return;
    event.preventDefault();
    this.#magnify(Math.exp(0.0016 * event.deltaY), this.#at(event));
  }

  #key(event) {
    if (this.#panel.drawing.press?.(event.key)) {
      event.preventDefault();
      return this.#panel.invalidate();
    }
    const factor = { "+": 0.8, "=": 0.8, "-": 1.25 }[event.key];
    if (!this.#zoomable || (!factor && event.key !== "0")) return;
    const { box } = this.#zoomable;
    if (factor) this.#magnify(factor, { x: box.left + box.width / 2, y: box.top + box.height / 2 });
    else this.#reset();
    event.preventDefault();
  }

  /** Show `factor` as much as before; what is under a point stays there. */
  #magnify(factor, { x, y }) {
    const { zoom, plane: { box } } = this.#panel.drawing;
    const span = (zoom.right - zoom.left) * factor;
    if (span < NEAREST) return;
    if (span >= 1) return this.#reset();
    const around = (low, high, share) => {
      const middle = low + share * (high - low);
      return [middle + factor * (low - middle), middle + factor * (high - middle)];
    };
    const [left, right] = around(zoom.left, zoom.right, (x - box.left) / box.width);
    const [bottom, top] = around(zoom.bottom, zoom.top, (box.bottom - y) / box.height);
    this.#set({ left, right, bottom, top });
  }

  #pan(right, up) {
    const { zoom } = this.#panel.drawing;
    const [x, y] = [right * (zoom.right - zoom.left), up * (zoom.top - zoom.bottom)];
    const { left, right: end, bottom, top } = zoom;
    this.#set({ left: left + x, right: end + x, bottom: bottom + y, top: top + y });
  }

  #reset() {
    if (this.#zoomable) this.#set(WHOLE);
  }

  #set(zoom) {
    this.#panel.drawing.zoom = zoom;
    this.#panel.invalidate();
  }
}
