import { element, icon } from "./dom.js";
import { plainTitle, titleNodes } from "./markup.js";

/** The figure around a drawing: heading, tools that show when they are wanted, full screen. */
export class Frame {
  /** `make(format, tell)` gives a file as a blob; `tell` hears how much of it is done. */
  constructor(spec, body, { formats, make }) {
    this.spec = spec;
    this.name = plainTitle(spec.title);
    const tools = element("div", { className: "gb-tools" });
    for (const format of formats) tools.append(this.#saver(format, make));
    if (document.fullscreenEnabled) {
      tools.append(tool(icon("full"), `${this.name} on the full screen`, () => this.#toggleFull()));
    }
    this.body = element("div", { className: "gb-body" }, body);
    this.element = element(
      "figure",
      { className: `gb-panel gb-${spec.kind}` },
      element(
        "figcaption",
        {},
        element("h3", {}, ...titleNodes(spec.title), " ", element("small", {}, noteOf(spec))),
        tools,
      ),
      this.body,
    );
  }

  /** A tool that has a file of this panel made, and offers it as a download. */
  #saver(format, make) {
    const text = format.toUpperCase();
    const title = `Save ${this.name}${format === "gif" ? ", the run so far," : ""} as ${text}`;
    const show = (done) => {
      button.textContent = text + done;
      button.ariaLabel = title + done;
    };
    const button = tool(text, title, async () => {
      if (button.ariaBusy === "true") return; // disabled it would lose the focus
      button.ariaBusy = "true";
      try {
        const blob = await make(format, (share) => show(` ${Math.round(100 * share)} %`));
        if (blob) this.#offer(blob, format);
      } finally {
        show("");
        button.ariaBusy = "false";
      }
    });
    return button;
  }

  #offer(blob, format) {
    const words = this.name.normalize("NFKD").match(/\w+/g) ?? ["panel"];
    const href = URL.createObjectURL(blob);
    element("a", { href, download: `${words.join("-").toLowerCase()}.${format}` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }

  #toggleFull() {
    const root = this.element.getRootNode();
    if (root.fullscreenElement === this.element) document.exitFullscreen();
    else this.element.requestFullscreen();
  }
}

/** What a heading says beside its title: its note, and where axes are logarithmic. */
export function noteOf({ note, log_x: logX, log_y: logY }) {
  const logs = [logX && "x", logY && "y"].filter(Boolean);
  return [note, logs.length && `log ${logs.join(", ")}`].filter(Boolean).join(" · ");
}

function tool(content, title, onclick) {
  const properties = { type: "button", className: "gb-tool", title, ariaLabel: title, onclick };
  return element("button", properties, content);
}
