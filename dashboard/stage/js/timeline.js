/** The recorded frames that are in the browser, by step. They are the multiples of a stride. */
export class Timeline {
  constructor() {
    this.clear();
  }

  clear() {
    this.frames = new Map();
    this.steps = [];
  }

  get first() {
    return this.steps[0];
  }

  get last() {
    return this.steps[this.steps.length - 1];
  }

  add(frame) {
    if (!this.frames.has(frame.step)) {
      this.steps.splice(this.#place(frame.step), 0, frame.step);
    }
    this.frames.set(frame.step, frame);
  }

  thin(stride) {
    this.steps = this.steps.filter((step) => step % stride === 0);
    this.frames = new Map(this.steps.map((step) => [step, this.frames.get(step)]));
  }

  at(step) {
    return this.frames.get(step);
  }

  /** The recorded step next to any step. */
  nearest(step) {
    const place = this.#place(step);
    const [before, after] = [this.steps[place - 1], this.steps[place]];
    return after === undefined || step - before < after - step ? before : after;
  }

  before(step) {
    return this.steps[this.#place(step) - 1];
  }

  after(step) {
    return this.steps[this.#place(step + 1)];
  }

  /** Up to `most` recorded steps that are not here yet, spread evenly over the run. */
  missing(stride, last, most) {
    const steps = [];
    for (let step = 0; step <= last; step += stride) {
      if (!this.frames.has(step)) steps.push(step);
    }
    const every = Math.ceil(steps.length / most);
    return steps.filter((_, index) => index % every === 0);
  }

  /** Up to `most` recorded steps, as even as they are; the first and the last are among them. */
  spread(most) {
    if (this.steps.length <= most) return this.steps;
    const { first, last } = this;
    const even = (i) => this.nearest(first + (i / (most - 1)) * (last - first));
    return [...new Set(Array.from({ length: most }, (_, i) => even(i)))];
  }

  #place(step) {
    let low = 0;
    let high = this.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.steps[middle] < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
