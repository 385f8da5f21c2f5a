const OVER = ["finished", "ended", "recorded", "gone"];
const BROKEN = ["crashed", "failed"];

/** What a person can do to a run, whichever way they ask for it: button, key or scrubber. */
export class Controls {
  #eager = false; // play was asked for before the run could be told
  #askedAt = null; // the step at which one more was asked for

  constructor(source, playhead, onChange) {
    this.source = source;
    this.playhead = playhead;
    this.onChange = onChange;
  }

  /** Tell the run what was asked for before it could be told; those who only watch ask in vain. */
  settle() {
    if (!this.#eager || this.#early) return;
    this.#eager = false;
    if (this.steers && !this.running && !this.over) this.source.send({ do: this.mend ?? "start" });
  }

  /** Whether the run shall go, as soon as it can. */
  get wanted() {
    return this.#eager || Boolean(this.source.status.wanted);
  }

  get running() {
    return this.source.status.status === "running";
  }

  get over() {
    return OVER.includes(this.source.status.status);
  }

  get steers() {
    return this.source.connected && this.source.status.steer;
  }

  /** The command that mends a broken run; undefined where nothing is broken. */
  get mend() {
    const { status, saved } = this.source.status;
    if (!BROKEN.includes(status)) return undefined;
    return saved ? "start" : "reset";
  }

  /** Whether the picture moves by itself. */
  get moving() {
    return this.playhead.playing || (this.playhead.atHead && this.running);
  }

  get canToggle() {
    const replayable = this.source.timeline.steps.length > 1;
    return this.steers || this.#early || !this.playhead.atHead || (this.over && replayable);
  }

  get canStep() {
    return !this.playhead.atHead || (this.steers && !this.over);
  }

  toggle() {
    const { playhead } = this;
    if (playhead.playing) playhead.pause();
    else if (!playhead.atHead || this.over) playhead.play();
    else if (this.#early) this.#eager = !this.#eager;
    else if (this.steers) this.source.send({ do: this.mend ?? this.#other });
    this.onChange();
  }

  /** The command for the other state. */
  get #other() {
    return this.running || this.wanted ? "pause" : "start";
  }

  /** Nothing is known of the run yet. */
  get #early() {
    return this.source.status.status === "connecting";
  }

  toStart() {
    const { first } = this.source.timeline;
    if (first !== undefined) this.scrub(first);
  }

  toHead() {
    this.playhead.toHead();
    this.onChange();
  }

  scrub(step) {
    this.playhead.goTo(step);
    this.onChange();
  }

  back() {
    const before = this.source.timeline.before(this.playhead.shown);
    if (before !== undefined) this.scrub(before);
  }

  /** A key that is held asks for one step after another, not for many at once. */
  forward(held = false) {
    const { playhead, source } = this;
    if (!playhead.atHead) return this.scrub(source.timeline.after(playhead.step) ?? source.step);
    if (!this.canStep || (held && this.#askedAt === source.step)) return;
    this.#askedAt = source.step;
    source.send({ do: "step" });
  }

  reset() {
    this.source.send({ do: "reset" });
    this.toHead();
  }

  repair() {
    this.source.send({ do: this.mend });
  }

  /** Let the training go on from the recorded past that is shown. */
  goOn() {
    this.source.send({ do: "rewind", step: this.playhead.step });
    this.source.send({ do: "start" });
    this.toHead();
  }

  setSpeed(stepsPerSecond) {
    this.playhead.speed = stepsPerSecond;
    if (this.steers) this.source.send({ do: "speed", steps_per_second: stepsPerSecond });
  }
}
