import { assign, element } from "./dom.js";

/** The few words beside the pointer, and a mark on what they are about. */
export class Readout {
  constructor() {
    this.element = element("div", { className: "gb-readout", hidden: true, ariaHidden: "true" });
  }

  show({ x, y, lines }, { width, height }) {
    const rows = lines.map(({ text, color }) =>
      element("div", color ? { style: `color:var(--gb-${color})` } : {}, text),
    );
    this.element.replaceChildren(...rows);
    this.element.hidden = false;
    const { offsetWidth, offsetHeight } = this.element;
    const left = x + 14 + offsetWidth > width ? x - 14 - offsetWidth : x + 14;
    const top = Math.min(Math.max(0, y - offsetHeight - 8), height - offsetHeight);
    this.element.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
  }

  hide() {
    assign(this.element, "hidden", true);
  }
}
