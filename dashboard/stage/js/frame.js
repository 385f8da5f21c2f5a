import { element, icon } from "./dom.js";
import { plainTitle, titleNodes } from "./markup.js";

/** The figure around a drawing: heading, tools that show when they are wanted, full screen. */
export class Frame {
  constructor(spec, body, { onSave }) {
    this.spec = spec;
    this.name = plainTitle(spec.title);
    const tools = element("div", { className: "gb-tools" });
    for (const format of ["png", "svg"]) {
      const text = format.toUpperCase();
      tools.append(tool(text, `Save ${this.name} as ${text}`, () => onSave(format)));
    }
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

  /** Offer a file of this panel as a download. */
  save(blob, format) {
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
function noteOf({ note, log_x: logX, log_y: logY }) {
  const logs = [logX && "x", logY && "y"].filter(Boolean);
  return [note, logs.length && `log ${logs.join(", ")}`].filter(Boolean).join(" · ");
}

function tool(content, title, onclick) {
  const properties = { type: "button", className: "gb-tool", title, ariaLabel: title, onclick };
  return element("button", properties, content);
}
