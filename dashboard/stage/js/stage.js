import { Atlas } from "./atlas.js";
import { Bars } from "./bars.js";
import { Board } from "./board.js";
import { CanvasPanel } from "./canvaspanel.js";
import { Contours } from "./contours.js";
import { Controls } from "./controls.js";
import { Curves } from "./curves.js";
import { element, keepHeight, still } from "./dom.js";
import { Graph } from "./graph.js";
import { Grid } from "./grid.js";
import { Heatmap } from "./heatmap.js";
import { Images } from "./images.js";
import { Keyboard } from "./keyboard.js";
import { LiveSource } from "./live.js";
import { Words } from "./markup.js";
import { Matrix } from "./matrix.js";
import { Meter } from "./meter.js";
import { Chips, Notice, Veil } from "./notices.js";
import { PadPanel } from "./pad.js";
import { Playhead } from "./playhead.js";
import { Plot } from "./plot.js";
import { Points } from "./points.js";
import { Recording } from "./recording.js";
import { Scene } from "./scene.js";
import { styles } from "./styles.js";
import { SurfacePanel } from "./surface.js";
import { Theme } from "./theme.js";
import { Tokens } from "./tokens.js";
import { Transport } from "./transport.js";
import { Unrolled } from "./unrolled.js";
import { Vectors } from "./vectors.js";
import { copied } from "./wire.js";

const DRAWINGS = {
  atlas: Atlas,
  bars: Bars,
  board: Board,
  contours: Contours,
  curves: Curves,
  graph: Graph,
  grid: Grid,
  heatmap: Heatmap,
  images: Images,
  matrix: Matrix,
  plot: Plot,
  points: Points,
  tokens: Tokens,
  unrolled: Unrolled,
  vectors: Vectors,
};
const SLOWLY = 500; // milliseconds between updates of what is read, not watched
const LEGIBLY = 300; // and of texts under pictures of which each stays for less than that
const stages = new Set(); // on this page, and for a moment those of the scene before

/**
 * Put a stage on an element, or bring the one that is there up to date. Options:
 * panels (Stage.to_json), source ({kind: "live", base, run} or {kind: "recording", bytes}),
 * speeds (steps per second; null: full speed), present, shown (any new value: come into view),
 * onPick(key, {x, y}, {strokes} or {settings}), onFork(step), beside (a run that a second stage
 * shows under this one), follows (this is that second one, and shows the step of the first). The
 * stage is also the element's property `stage`.
 */
export function mount(root, options) {
  root.stage ??= new Stage(root);
  root.stage.update(options);
  return root.stage;
}

class Stage {
  drawn = 0; // pictures that came on the screen, scrubbed ones included
  step = 0; // of the last of them
  #options = {};
  #panels = [];
  #controls = null;
  #words = null;
  #meter = new Meter();
  #frame = null;
  #request = 0;
  #described = 0;
  #written = 0;
  #moved = 0;
  #compared = -1;
  #steerable = true; // by keys
  #toDescribe = true;
  #gone = false;

  constructor(root) {
    this.root = root;
    stages.add(this);
    root.classList.add("gb-stage");
    const controlsOf = () => this.#controls;
    const probe = element("span", { className: "gb-probe" });
    this.chips = new Chips();
    this.grid = element("div", { className: "gb-panels" });
    this.veil = new Veil();
    this.strip = element("p", { className: "gb-words" });
    this.notice = new Notice(controlsOf);
    this.transport = new Transport(controlsOf, (step) => {
      this.transport.forks = false; // nor is it steered, until the page has answered
      this.#steerable = false;
      this.#options.onFork(step);
      this.refresh();
    });
    root.replaceChildren(
      element("style", {}, styles),
      probe,
      this.chips.element,
      this.grid,
      this.strip,
      this.notice.element,
      this.transport.element,
    );
    this.theme = new Theme(root, probe, () => this.refresh());
    const steered = () => (this.#steerable ? this.#controls : null);
    this.keyboard = new Keyboard(steered, this.transport.scrubber);
    this.keeper = keepHeight(this.strip);
    this.timer = setInterval(() => this.#tell(performance.now()), SLOWLY);
  }

  get base() {
    return this.#options.source.base ?? "";
  }

  /** How many steps of the past are here, to be shown at once. */
  get recorded() {
    return this.#controls.source.timeline.steps.length;
  }

  update(options) {
    const before = this.#options;
    this.#options = options;
    this.root.classList.toggle("gb-present", Boolean(options.present));
    this.root.classList.toggle("gb-beside", Boolean(options.beside));
    this.root.classList.toggle("gb-follows", Boolean(options.follows));
    this.#steerable = !options.follows;
    this.transport.forks = Boolean(options.onFork);
    this.transport.setSpeeds(options.speeds ?? [null]);
    if (JSON.stringify(options.panels) !== JSON.stringify(before.panels)) this.#build();
    if (!isSame(options.source, before.source)) this.#open();
    if (options.shown && options.shown !== before.shown) {
      this.root.scrollIntoView({ behavior: still.matches ? "instant" : "smooth" });
    }
    this.refresh();
  }

  destroy() {
    this.#gone = true;
    stages.delete(this);
    cancelAnimationFrame(this.#request);
    clearInterval(this.timer);
    this.keyboard.destroy();
    this.keeper.disconnect();
    this.#controls.source.close();
    for (const panel of this.#panels) panel.destroy();
    this.root.replaceChildren();
    this.root.classList.remove("gb-stage", "gb-dark", "gb-present", "gb-beside", "gb-follows");
    delete this.root.stage;
  }

  /** Draw what is stale with the browser's next picture. */
  invalidate() {
    if (!this.#gone) this.#request ||= requestAnimationFrame((now) => this.#draw(now));
  }

  /** Draw everything with the browser's next picture. */
  refresh() {
    for (const panel of this.#panels) panel.stale = true;
    this.invalidate();
  }

  pick(key, at) {
    this.#options.onPick?.(key, at);
  }

  get steers() {
    return Boolean(this.#controls?.steers);
  }

  /** Have the run take live settings at once; `done`: the page's widgets shall say so too. */
  change(key, settings, done) {
    this.#controls.source.send({ do: "set", settings });
    if (done) this.pick(key, { settings });
  }

  /** The stage with the run that this one's is compared with; one of the two follows the other. */
  get #other() {
    const { follows, beside, source } = this.#options;
    const isOther = ({ follows: also, beside: run, source: { run: own } }) =>
      Boolean(also) !== Boolean(follows) && (follows ? run === source.run : own === beside);
    return beside ? [...stages].find((stage) => isOther(stage.#options)) : undefined;
  }

  /** Up to `most` recorded pictures, spread over the run, and the newest; as they are now. */
  scenes(most) {
    const { backdrop, series, timeline, newest } = this.#controls.source;
    const frames = timeline.spread(most - 1).map((step) => timeline.at(step));
    if (frames.at(-1)?.step === newest?.step) frames.pop();
    if (newest) frames.push(copied(newest)); // it may soon give its memory back
    const source = { backdrop, series: series.snapshot() };
    const beside = this.#beside?.snapshot();
    return frames.map((frame) => {
      const { step } = frame;
      return new Scene(source, frame, { step, head: step === newest?.step, moving: false, beside });
    });
  }

  #build() {
    const { columns, widths } = this.#options.panels;
    for (const panel of this.#panels) panel.destroy();
    const built = columns.map((specs) => specs.map((spec) => this.#panel(spec)));
    this.#panels = built.flat();
    this.#words = null;
    const share = Math.max(...widths) / widths.reduce((sum, width) => sum + width, 0);
    this.grid.style.setProperty("--gb-share", share.toFixed(3));
    this.grid.style.setProperty("--gb-rows", Math.max(...columns.map((column) => column.length)));
    this.grid.style.setProperty("--gb-columns", widths.map((w) => `minmax(0, ${w}fr)`).join(" "));
    this.grid.replaceChildren(
      ...built.map((column) =>
        element("div", { className: "gb-column" }, ...column.map((panel) => panel.element)),
      ),
      this.veil.element,
    );
  }

  #panel(spec) {
    if (spec.kind === "pad") return new PadPanel(spec, this);
    if (spec.kind === "surface") return new SurfacePanel(spec, this);
    return new CanvasPanel(spec, new DRAWINGS[spec.kind](spec), this);
  }

  #open() {
    const { source: address } = this.#options;
    this.#controls?.source.close();
    const source =
      address.kind === "live"
        ? new LiveSource(address, {
            onFrame: () => this.invalidate(),
            onChange: () => {
              this.#controls?.settle();
              this.#written = 0; // texts tell it at once
              this.refresh();
            },
          })
        : new Recording(address.bytes);
    this.#controls = new Controls(source, new Playhead(source), () => this.refresh());
    this.#words = null;
    this.#frame = null;
  }

  #draw(now) {
    this.#request = 0;
    const { source, playhead } = this.#controls;
    const other = this.#other;
    if (this.#options.follows && other) playhead.upTo(other.#controls.playhead.shown);
    playhead.advance(now);
    const { frame } = playhead;
    const moved = frame !== this.#frame;
    const slow = moved && now > this.#moved + LEGIBLY;
    // A run that begins anew keeps its last picture until there is a first new one.
    if (frame || (source.backdrop && !this.#frame)) {
      const scene = this.#scene();
      for (const panel of this.#panels) panel.show(scene, moved);
      this.#words ??= new Words(this.strip, this.#namesOf(scene));
      this.#toDescribe = true;
    }
    if (moved && frame) {
      this.#frame = frame;
      this.#moved = now;
      this.step = frame.step;
      this.drawn++;
      this.#meter.count(now, source.step);
    }
    const resting = !this.#controls.moving && !this.#options.follows;
    if (slow || resting || now > this.#written + LEGIBLY) this.#write(now);
    source.drawn(playhead.atHead);
    if (moved && !this.#options.follows) other?.invalidate();
    if (playhead.playing || this.#panels.some((panel) => panel.stale)) this.invalidate();
  }

  /** All texts. They cost the browser more than a picture, and nobody reads 30 a second. */
  #write(now) {
    const { source } = this.#controls;
    this.#written = now;
    this.#words?.show(this.#frame?.words ?? "");
    this.chips.show(source, this.#options.follows);
    this.veil.show(this.#controls);
    this.notice.show(this.#controls);
    this.transport.show(this.#controls);
  }

  /** What is read rather than watched: figures twice a second, descriptions at most once. */
  #tell(now) {
    const controls = this.#controls;
    const { last } = controls.source.series;
    if (last !== this.#compared) this.#other?.refresh(); // its curves show this run's, too
    this.#compared = last;
    this.transport.measure(controls, this.#meter.read(now));
    // A picture that is on its way brings its own.
    const due = !controls.moving || now > this.#written + LEGIBLY;
    if (due && !this.#request) this.#write(now);
    if (!this.#toDescribe || now < this.#described + 2 * SLOWLY) return;
    this.#described = now;
    this.#toDescribe = false;
    const scene = this.#scene();
    for (const panel of this.#panels) panel.describe(scene);
  }

  #scene() {
    const { source, playhead, moving } = this.#controls;
    const { shown: step, atHead: head } = playhead;
    return new Scene(source, playhead.frame, { step, head, moving, beside: this.#beside });
  }

  /** The series that the curves compare theirs with. */
  get #beside() {
    return this.#options.follows ? undefined : this.#other?.#controls.source.series;
  }

  /** The colours of all classes, by name. */
  #namesOf(scene) {
    const colors = new Map();
    for (const { spec } of this.#panels) {
      const names = spec.colors === "classes" ? spec.names : spec.classes;
      scene.strings(names).forEach((name, i) => colors.set(name, `var(--gb-c${i})`));
    }
    return colors;
  }
}

function isSame(source, other) {
  return (
    source.kind === other?.kind && source.base === other.base &&
    source.run === other.run && source.bytes === other.bytes
  );
}
