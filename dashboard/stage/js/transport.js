import { assign, element, icon } from "./dom.js";
import { grouped } from "./numbers.js";

/** The bar under the panels: buttons, step counter, scrubber, speed, and what is measured. */
export class Transport {
  forks = false; // whether a run can be forked here
  #speeds = "";
  #rates = "";
  #stepping = false;

  /** `controlsOf` gives the controls of the run that is on stage; `fork(step)` forks it. */
  constructor(controlsOf, fork) {
    const does = (verb) => () => controlsOf()?.[verb]();
    this.start = button("start", "To the start (Home)", does("toStart"));
    this.play = button("play", "", does("toggle"), "gb-go");
    this.step = button("step", "One step (→)", does("forward"));
    this.reset = button("reset", "Begin anew", does("reset"));
    this.fork = button("fork", "Fork: a second run goes on from this step, and this one stays", () =>
      fork(controlsOf().playhead.shown),
    );
    this.counter = element("span", { className: "gb-figures gb-counter" });
    const properties = { type: "range", className: "gb-scrubber", ariaLabel: "Step" };
    this.scrubber = element("input", properties);
    this.scrubber.addEventListener("input", () => controlsOf()?.scrub(Number(this.scrubber.value)));
    this.speed = element("select", { className: "gb-speed", ariaLabel: "Speed", title: "Speed" });
    this.speed.addEventListener("change", () => {
      controlsOf()?.setSpeed(JSON.parse(this.speed.value));
    });
    this.rates = element("span", { className: "gb-rates" });
    this.live = chip("Live", "Back to the newest step (End)", does("toHead"));
    this.goOn = chip("Go on from here", "Let the training go on from this step", does("goOn"));
    this.side = element("span", { className: "gb-side" }, this.rates, this.live, this.goOn);
    this.element = element(
      "div",
      { className: "gb-transport", role: "group", ariaLabel: "Transport" },
      this.start, this.play, this.step, this.reset, this.fork,
      this.counter, this.scrubber, this.speed, this.side,
    );
  }

  setSpeeds(speeds) {
    if (JSON.stringify(speeds) === this.#speeds) return;
    this.#speeds = JSON.stringify(speeds);
    this.speed.replaceChildren(...speeds.map(speedOption));
    this.speed.hidden = speeds.length < 2;
  }

  /** Show how things stand. */
  show(controls) {
    const { source, playhead } = controls;
    const { steers } = controls;
    const back = !playhead.atHead;
    const recorded = source.status.status === "recorded";
    const total = recorded ? source.step : Number(source.backdrop?.about.total ?? 0);
    this.#showPlay(controls);
    assign(this.play, "disabled", !controls.canToggle);
    assign(this.step, "disabled", !controls.canStep);
    assign(this.start, "disabled", source.timeline.first === undefined);
    assign(this.reset, "hidden", recorded);
    assign(this.side, "hidden", recorded);
    assign(this.reset, "disabled", !steers);
    assign(this.fork, "hidden", recorded);
    const forkable = this.forks && steers && playhead.frame && !controls.mend;
    assign(this.fork, "disabled", !forkable);
    assign(this.speed, "disabled", !steers && !recorded && !back);
    this.#showSpeed(steers ? source.status.speed : playhead.speed);
    assign(this.live, "hidden", !back);
    assign(this.goOn, "hidden", !back || !steers);
    assign(this.rates, "textContent", back ? "" : this.#standing(controls));
    this.rates.classList.toggle("gb-moving", controls.moving);

    const first = source.timeline.first ?? 0;
    const last = Math.max(source.step, total, first + 1);
    const shown = grouped(playhead.shown);
    const text = total ? `${shown} / ${grouped(total)}` : shown;
    assign(this.counter, "textContent", text);
    const digits = grouped(last).length * (total ? 2 : 1) + (total ? 1.5 : 0);
    assign(this.counter.style, "minWidth", `${digits}ch`);
    const { scrubber } = this;
    assign(scrubber, "min", String(first));
    assign(scrubber, "max", String(last));
    assign(scrubber, "value", String(playhead.shown));
    assign(scrubber, "ariaValueText", `step ${text}`);
    const share = (playhead.shown - first) / (last - first);
    scrubber.style.setProperty("--gb-at", `${(100 * share).toFixed(2)}%`);
  }

  /** Take in what is measured. */
  measure(controls, { frames, steps }) {
    const round = (rate) => grouped(rate < 5 ? Math.round(10 * rate) / 10 : Math.round(rate));
    const rates = [`${round(frames)} frames/s`];
    if (!controls.playhead.playing) rates.push(`${round(steps)} steps/s`);
    // A step may take longer than is measured over: it is under way, not at a standstill.
    this.#rates = frames ? rates.join(" · ") : "working";
    this.#stepping = Boolean(controls.source.status.stepping);
  }

  /** How fast it goes, or how the run stands where nothing moves. */
  #standing({ moving, wanted, source }) {
    if (moving) return this.#rates;
    if (this.#stepping && source.status.stepping) return "working";
    return wanted ? "starts when ready" : source.status.status;
  }

  #showPlay({ moving, wanted }) {
    const [title, name] = moving
      ? ["Pause (Space)", "pause"]
      : wanted ? ["Starts when ready; stop it (Space)", "pause"] : ["Play (Space)", "play"];
    this.play.classList.toggle("gb-wanted", !moving && wanted);
    if (this.play.title === title) return;
    Object.assign(this.play, { title, ariaLabel: title });
    this.play.replaceChildren(icon(name));
  }

  #showSpeed(speed) {
    const value = JSON.stringify(speed ?? null);
    if (![...this.speed.options].some((option) => option.value === value)) {
      this.speed.prepend(speedOption(speed));
    }
    assign(this.speed, "value", value);
  }
}

function speedOption(speed) {
  const text = speed === null ? "full speed" : `${grouped(speed)} step${speed === 1 ? "" : "s"}/s`;
  return element("option", { value: JSON.stringify(speed) }, text);
}

function button(name, title, onclick, className = "") {
  const node = element(
    "button",
    { type: "button", className: `gb-button ${className}`, title, ariaLabel: title, onclick },
    icon(name),
  );
  // A click leaves the focus where it was, so that Space still means play.
  node.addEventListener("pointerdown", (event) => event.preventDefault());
  return node;
}

function chip(text, title, onclick) {
  return element("button", { type: "button", className: "gb-chip gb-act", title, onclick }, text);
}
