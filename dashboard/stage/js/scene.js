/** What panels draw from: the arrays of one frame over those of the backdrop, and the series. */
export class Scene {
  constructor({ backdrop, series }, frame, { step, head, moving, beside }) {
    this.backdrop = backdrop;
    this.series = series;
    this.frame = frame;
    this.step = step;
    this.head = head; // whether this is the newest there is
    this.moving = moving; // whether another follows by itself
    this.beside = beside; // the series of a run to compare with, if there is one
  }

  /** A named array `{shape, data}`; undefined where there is none of that name. */
  array(name) {
    return this.frame?.arrays[name] ?? this.backdrop?.arrays[name];
  }

  /** Strings declared as such, or by the name of a text array. */
  strings(names) {
    if (typeof names !== "string") return names ?? [];
    return this.frame?.texts[names] ?? this.backdrop?.texts[names] ?? [];
  }

  /** Four numbers x0, x1, y0, y1 declared as such, or by the name of an array. */
  extent(named) {
    return typeof named === "string" ? this.array(named)?.data : named;
  }

  /** The rows of the series up to the step that is shown. */
  get rows() {
    return this.head ? this.series.length : this.series.rowAt(this.step) + 1;
  }
}
