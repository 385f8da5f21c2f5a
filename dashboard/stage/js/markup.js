import { element } from "./dom.js";

/** The parts of a title such as `x_{t}`: texts, some of them subscripts. */
export function titleParts(title) {
  return title
    .split(/(_\{[^}]*\})/)
    .filter(Boolean)
    .map((part) => ({ text: part.replace(/^_\{(.*)\}$/, "$1"), low: part.startsWith("_{") }));
}

export function titleNodes(title) {
  return titleParts(title).map(({ text, low }) => (low ? element("sub", {}, text) : text));
}

/** A title without its markup, for file names and those who listen. */
export function plainTitle(title) {
  return titleParts(title).map(({ text }) => text).join("");
}

/** Colours words as the panels colour what they name. */
export class Words {
  #colors;
  #pattern;
  #shown = null;

  /** `colors` are CSS values by name. A name that is a number might be any number: not coloured. */
  constructor(root, colors) {
    this.root = root;
    this.#colors = colors;
    const told = [...colors.keys()].filter((name) => /\p{L}/u.test(name));
    const names = told.sort((a, b) => b.length - a.length);
    const any = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
    this.#pattern = any ? new RegExp(`(?<![\\p{L}\\d])(${any})(?![\\p{L}\\d])`, "gu") : null;
  }

  show(text) {
    if (text === this.#shown) return;
    this.#shown = text;
    const parts = this.#pattern ? text.split(this.#pattern) : [text];
    const nodes = parts.map((part) => {
      const color = this.#colors.get(part);
      return color ? element("b", { style: `color:${color}` }, part) : part;
    });
    this.root.replaceChildren(...nodes);
  }
}
