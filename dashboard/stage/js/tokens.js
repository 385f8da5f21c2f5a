import { figure } from "./numbers.js";
import { between } from "./theme.js";

const LINE = 1.3; // em from line to line within a token

/** A text, token by token, each shaded by its weight. */
export class Tokens {
  #boxes = [];

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const { ctx, em, theme } = sheet;
    const { tokens, weights, chosen } = this.spec;
    const words = scene.strings(tokens);
    const shades = scene.array(weights)?.data;
    const marked = new Set(scene.array(chosen)?.data);
    this.#boxes = flow(sheet, words);
    this.#boxes.forEach(({ x, y, width, height, size, lines }, i) => {
      const strength = 0.9 * Math.min(1, Math.max(0, shades?.[i] || 0));
      const fill = between(theme.dim, theme.model, strength);
      ctx.fillStyle = fill;
      ctx.fillRect(x, y, width, height);
      if (marked.has(i)) {
        ctx.lineWidth = 2;
        ctx.strokeStyle = theme.accent;
        ctx.strokeRect(x, y, width, height);
      }
      const color = theme.over(fill);
      const weight = marked.has(i) ? 600 : 400;
      lines.forEach((line, at) => {
        const middle = y + height / 2 + (at - (lines.length - 1) / 2) * LINE * size * em;
        sheet.text(line, x + width / 2, middle, { align: "center", color, size, weight });
      });
    });
  }

  summary(scene) {
    const words = scene.strings(this.spec.tokens);
    if (!words.length) return "no tokens yet";
    const parts = [`${words.length} tokens: ${words.slice(0, 40).join(" ")}`];
    const shades = scene.array(this.spec.weights)?.data;
    if (shades) {
      const top = shades.indexOf(Math.max(...shades));
      parts.push(`heaviest ${words[top]}, ${figure(shades[top])}`);
    }
    const marked = scene.array(this.spec.chosen)?.data;
    if (marked) parts.push(`chosen ${[...marked].map((i) => words[i]).join(", ")}`);
    return parts.join("; ");
  }

  read(px, py, scene) {
    const i = this.#boxes.findIndex(
      ({ x, y, width, height }) => px >= x && px <= x + width && py >= y && py <= y + height,
    );
    if (i < 0) return null;
    const shade = scene.array(this.spec.weights)?.data[i];
    const word = visible(scene.strings(this.spec.tokens)[i]);
    const text = shade === undefined ? word : `${word} ${figure(shade)}`;
    return { x: px, y: py, lines: [{ text: `${i + 1}: ${text}` }] };
  }
}

/** Boxes for words, left to right and row by row; smaller type where they do not fit. */
function flow(sheet, words) {
  for (let size = 1.3; ; size *= 0.88) {
    const { em, width: most } = sheet;
    const [pad, gap] = [0.9 * size * em, 0.35 * size * em];
    const widthOf = (text) => sheet.measure(text, size, 600);
    let [x, y, bottom] = [1, 1, 1];
    const boxes = words.map((word) => {
      const lines = folded(visible(word), (line) => widthOf(line) + pad <= most - 2);
      const width = Math.min(Math.max(...lines.map(widthOf)) + pad, most - 2);
      const height = (LINE * lines.length + 0.45) * size * em;
      if (x > 1 && x + width > most - 1) [x, y] = [1, bottom + gap];
      const box = { x, y, width, height, size, lines };
      x += width + gap;
      bottom = Math.max(bottom, y + height);
      return box;
    });
    if (bottom <= sheet.height || size < 0.6) return boxes;
  }
}

/** A text in as many lines as it needs where it has blanks to break it at. */
function folded(text, fits) {
  const lines = [""];
  for (const word of text.split(/(?<= )/)) {
    const line = lines.at(-1) + word;
    if (!lines.at(-1) || fits(line.trimEnd())) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.map((line) => line.trimEnd());
}

/** A token as it can be seen: blanks and line ends have signs. */
function visible(token) {
  const dotted = token.replace(/^ +| +$/g, (blanks) => "·".repeat(blanks.length));
  return dotted.replaceAll("\n", "⏎") || "∅";
}
