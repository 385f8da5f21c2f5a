import { element, still } from "./dom.js";
import { Frame } from "./frame.js";
import { Gestures } from "./gestures.js";
import { animationOf, MOST_FRAMES, pictureOf } from "./picture.js";
import { Readout } from "./readout.js";
import { Sheet } from "./sheet.js";

/** A panel whose drawing is made on a canvas, sharp at any size. */
export class CanvasPanel {
  size = { width: 0, height: 0 };
  stale = true;
  #pointer = null;
  #scene = null;
  #gone = false;
  #names; // of the arrays that the declaration may mean

  /** `stage` has `theme`, `invalidate()`, `pick(key, at)` and `scenes(most)`. */
  constructor(spec, drawing, stage) {
    this.spec = spec;
    this.#names = textsIn(spec);
    this.drawing = drawing;
    this.stage = stage;
    this.canvas = element("canvas", { role: "img", ariaLabel: spec.alt, tabIndex: 0 });
    this.canvas.classList.toggle("gb-picks", Boolean(drawing.picks));
    this.canvas.classList.toggle("gb-drags", Boolean(drawing.drags));
    this.ctx = this.canvas.getContext("2d", { alpha: false }); // costs less to compose
    this.ctx.fillStyle = stage.theme.card; // until a picture comes; black else
    this.ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.readout = new Readout();
    this.frame = new Frame(spec, this.canvas, {
      formats: ["png", "svg", "gif"],
      make: (format, tell) => this.#picture(format, tell),
    });
    this.frame.body.append(this.readout.element);
    this.element = this.frame.element;
    this.gestures = new Gestures(this.canvas, this);
    this.observer = new ResizeObserver(([{ contentRect: { width, height } }]) => {
      this.size = { width, height };
      this.invalidate();
    });
    this.observer.observe(this.frame.body);
  }

  invalidate() {
    this.stale = true;
    this.stage.invalidate();
  }

  /** Draw a scene if that changes the picture; `moved`: it has another frame than the one before. */
  show(scene, moved) {
    const before = this.#scene;
    this.#scene = scene;
    if (this.stale || (moved && this.#isTouched(scene, before))) this.#draw(scene);
  }

  /** Whether a new frame changes this picture: most repeat some arrays of the one before. */
  #isTouched(scene, last) {
    const [now, before] = [scene.frame, last?.frame];
    if (!now || !before || this.#pointer) return true;
    if (this.drawing.isTouched) return this.drawing.isTouched(scene);
    return this.#names.some(
      (name) =>
        !sameNumbers(now.arrays[name]?.data, before.arrays[name]?.data) ||
        String(now.texts[name]) !== String(before.texts[name]),
    );
  }

  #draw(scene) {
    const { width, height } = this.size;
    const { ctx, canvas } = this;
    const scale = devicePixelRatio;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (!wide || !high) return;
    if (canvas.width !== wide || canvas.height !== high) {
      Object.assign(canvas, { width: wide, height: high });
      this.em = parseFloat(getComputedStyle(canvas).fontSize);
    }
    const { em, stage: { theme } } = this;
    ctx.resetTransform(); // whole pixels, which the size need not be
    ctx.fillStyle = theme.card;
    ctx.fillRect(0, 0, wide, high);
    ctx.scale(scale, scale);
    this.sheet = new Sheet(ctx, { width, height, scale, em, theme, still: still.matches });
    this.stale = Boolean(this.drawing.draw(this.sheet, scene));
    if (this.drawing.shape) this.frame.body.style.setProperty("--gb-shape", this.drawing.shape);
    this.#read(scene);
  }

  describe(scene) {
    const { spec, frame } = this;
    this.canvas.ariaLabel = `${frame.name}: ${this.drawing.summary(scene)}. ${spec.alt}`;
  }

  hover(point) {
    this.#pointer = point;
    this.invalidate();
  }

  pick({ x, y }) {
    const { plane, picks } = this.drawing;
    this.drawing.choose?.({ x, y });
    this.invalidate();
    if (!picks || !plane?.holds(x, y)) return;
    this.stage.pick(this.spec.key, { x: plane.x(x), y: plane.y(y) });
  }

  /** Take what is there, to drag it; whether there was something. */
  grab(point) {
    return this.stage.steers && Boolean(this.drawing.grab?.(point));
  }

  /** What is held follows the pointer; let go of, it stays where it is. */
  drag(point, done = false) {
    this.stage.change(this.spec.key, this.drawing.drag(point), done);
    this.hover(point);
  }

  destroy() {
    this.#gone = true;
    this.observer.disconnect();
  }

  /** Tell what is under the pointer, or was chosen without one. */
  #read(scene) {
    const { sheet, drawing, readout } = this;
    const found = this.#pointer
      ? drawing.read(this.#pointer.x, this.#pointer.y, scene)
      : drawing.readChosen?.(scene);
    if (!found) return readout.hide();
    if (found.cursor) {
      const { top, bottom } = drawing.plane.box;
      sheet.hairline(found.x, top, found.x, bottom, sheet.theme.soft);
    }
    if (found.mark) sheet.disc(found.x, found.y, 0.4 * sheet.em, "#00000000", sheet.theme.ink);
    return readout.show(found, this.size);
  }

  async #picture(format, tell) {
    if (!this.sheet) return null; // nothing was drawn yet
    if (format !== "gif") {
      const blob = await pictureOf(this, this.#scene, format);
      this.invalidate();
      return blob;
    }
    const scenes = this.stage.scenes(MOST_FRAMES);
    const goesOn = (share) => {
      tell(share);
      return !this.#gone;
    };
    return animationOf(this, scenes.length ? scenes : [this.#scene], goesOn);
  }
}

/** All texts in a declaration, however deep. */
function textsIn(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
}

/** By a plain loop: `every` would make an object of each number. */
function sameNumbers(some, other) {
  if (some?.length !== other?.length) return false;
  for (let i = 0; i < (some?.length ?? 0); i++) {
    if (some[i] !== other[i]) return false;
  }
  return true;
}
