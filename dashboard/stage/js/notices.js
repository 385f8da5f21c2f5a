import { assign, element } from "./dom.js";
import { grouped } from "./numbers.js";

const ABOUT = ["data", "weights", "device"];

/** The stage's top line: what the run uses, and how it stands where that is out of the ordinary. */
export class Chips {
  #shown = "";

  constructor() {
    this.about = element("span", { className: "gb-about" });
    this.state = element("span", { className: "gb-state", role: "status" });
    this.element = element("div", { className: "gb-top" }, this.about, this.state);
  }

  /** `follows`: this run is shown at the step of another, so how far it has come is told, too. */
  show({ backdrop, connected, status, step }, follows) {
    const about = ABOUT.map((name) => backdrop?.about[name]).filter(Boolean);
    const states = [];
    const known = status.status !== "connecting" && status.status !== "gone";
    if (known && !connected) states.push("connection lost, trying again");
    else if (known && follows) states.push(`${status.status}, step ${grouped(step)}`);
    else if (known && !status.steer && status.status !== "recorded") states.push("watching");
    const shown = JSON.stringify([about, states]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const chip = (text) => element("span", { className: "gb-chip", title: text }, text);
    this.about.replaceChildren(...about.map(chip));
    this.state.replaceChildren(...states.map(chip));
  }
}

/** A sentence when the run needs one, with what a person can do about it. */
export class Notice {
  constructor(controlsOf) {
    this.text = element("span");
    this.button = element("button", {
      type: "button", className: "gb-chip gb-act", onclick: () => controlsOf()?.repair(),
    });
    const properties = { className: "gb-notice", role: "status" };
    this.element = element("div", properties, this.text, this.button);
  }

  show(controls) {
    const { status } = controls.source;
    const text = sentence(status);
    const able = controls.mend && controls.steers;
    assign(this.text, "textContent", text);
    assign(this.element, "hidden", !text);
    assign(this.button, "hidden", !able);
    if (able) {
      const mends = { start: "Go on from the last checkpoint", reset: "Begin anew" };
      assign(this.button, "textContent", mends[controls.mend]);
    }
  }
}

/** Over panels that are empty, or still of the run before: a first picture is on its way. */
export class Veil {
  constructor() {
    const text = "Getting ready: the first picture is on its way.";
    this.element = element("p", { className: "gb-veil", role: "status" }, text);
  }

  show({ source, playhead, mend, over }) {
    const { status } = source.status;
    assign(this.element, "hidden", Boolean(playhead.frame || mend || over || status === "queued"));
  }
}

function sentence({ status, message, place }) {
  if (status === "gone") return "This run is no longer here.";
  if (message) return message;
  if (status === "queued") return `The server is full: number ${place} in line.`;
  if (status === "crashed") return "The training stopped unexpectedly.";
  if (status === "failed") return "The training failed.";
  return "";
}
