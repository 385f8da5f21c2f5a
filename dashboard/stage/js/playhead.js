const WHOLE_RUN = 10; // seconds to replay a run when no speed is set

/** Which step is shown: the newest there is (the head), or a recorded one. */
export class Playhead {
  step = null;
  playing = false;
  speed = null; // steps per second
  #position = 0;
  #time = null;

  constructor(source) {
    this.source = source;
  }

  get atHead() {
    return this.step === null;
  }

  /** The step on the screen. */
  get shown() {
    return this.step ?? this.source.newest?.step ?? this.source.step;
  }

  get frame() {
    return this.atHead ? this.source.newest : this.source.timeline.at(this.step);
  }

  toHead() {
    this.step = null;
    this.playing = false;
  }

  goTo(step) {
    const { timeline } = this.source;
    this.playing = false;
    this.step = step < this.source.step ? timeline.nearest(step) ?? null : null;
  }

  /** Show what was at a step, or was recorded last before it; the newest if it lies ahead. */
  upTo(step) {
    const { timeline } = this.source;
    this.playing = false;
    this.step =
      step < this.source.step ? timeline.before(step + 1) ?? timeline.first ?? null : null;
  }

  /** Replay what is recorded, from here on or from the start. */
  play() {
    this.step ??= this.source.timeline.first ?? null;
    this.playing = !this.atHead;
    this.#position = this.step;
    this.#time = null;
  }

  pause() {
    this.playing = false;
  }

  /** Move on to the time of a new picture, and keep to what is still recorded. */
  advance(now) {
    const { timeline } = this.source;
    if (this.playing) {
      const { first, last } = timeline;
      const speed = this.speed ?? (last - first) / WHOLE_RUN;
      this.#position += ((now - (this.#time ?? now)) / 1000) * speed;
      this.#time = now;
      if (this.#position >= last) this.toHead();
      else this.step = timeline.before(Math.floor(this.#position) + 1) ?? first;
    }
    if (!this.atHead && !timeline.at(this.step)) this.step = timeline.nearest(this.step) ?? null;
  }
}
