import { Cells, linesOfCells } from "./cells.js";
import { sayFormula, setFormula } from "./formula.js";
import { wayBetween, planOf } from "./graphplan.js";
import { between } from "./theme.js";

const NONE = -1;
const ROUND_BY = 6; // pixels
const GRASP = 9; // pixels from an edge at which it is read

/** A computation graph: values come forward through it, gradients go back. */
export class Graph {
  #cells = new Map();
  #plan = null;
  #ways = [];
  #chosen = NONE; // by keys or a tap: read without a pointer

  constructor(spec) {
    this.spec = spec;
  }

  isTouched() {
    return true; // its arrays are those of many nodes
  }

  draw(sheet, scene) {
    const { nodes, edges } = this.spec;
    const state = this.#stateOf(scene);
    this.#place(sheet, scene);
    edges.forEach((_, i) => this.#drawEdge(sheet, i, state));
    edges.forEach((_, i) => this.#drawEdgeLabel(sheet, i, state));
    nodes.forEach((_, i) => this.#drawNode(sheet, i, state, scene));
  }

  /** Plan anew where something changed that a plan depends on. */
  #place(sheet, scene) {
    const { nodes, edges } = this.spec;
    const arrays = nodes.map(({ value, gradient }) =>
      [value, gradient].map((name) => scene.array(name)).filter(Boolean),
    );
    const { ctx, width, height, em } = sheet;
    const key = [width, height, em, ...arrays.flat().map(({ shape }) => shape.join("×"))].join();
    if (this.#plan?.key === key && this.#plan.ctx === ctx) return;
    this.#plan = { ...planOf(sheet, this.spec, arrays), key, ctx };
    const boxOf = (key) => this.#plan.boxes[nodes.findIndex((node) => node.key === key)];
    this.#ways = edges.map(({ start, end }) => wayBetween(boxOf(start), boxOf(end)));
  }

  summary(scene) {
    const { nodes } = this.spec;
    const { progress, now } = this.#stateOf(scene);
    const reached = (least) => progress.filter((p) => p >= least).length;
    const parts = [`${reached(1)} of ${nodes.length} values and ${reached(2)} gradients`];
    const told = this.#chosen === NONE ? now : this.#chosen;
    if (told !== NONE) parts.push(this.#linesOf(told, scene).map(({ text }) => text).join(" "));
    return parts.join("; ");
  }

  read(px, py, scene) {
    if (!this.#plan) return null;
    const at = { x: px, y: py };
    const node = this.#nodeAt(at);
    if (node !== NONE) return { ...at, lines: this.#linesOf(node, scene) };
    const edge = this.#ways.findIndex((way) => distance(way, at) < GRASP);
    return edge === NONE ? null : { ...at, lines: this.#linesOfEdge(edge, scene) };
  }

  /** What was chosen without a pointer. */
  readChosen(scene) {
    const box = this.#plan?.boxes[this.#chosen];
    if (!box) return null;
    return { x: box.x + box.width / 2 - 10, y: box.y, lines: this.#linesOf(this.#chosen, scene) };
  }

  /** A tap chooses a node, another one lets it go. */
  choose(at) {
    const node = this.#plan ? this.#nodeAt(at) : NONE;
    this.#chosen = node === this.#chosen ? NONE : node;
  }

  /** Keys walk through the nodes. Whether this key meant something. */
  press(key) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (key === "Escape") this.#chosen = NONE;
    else if (by) {
      const count = this.spec.nodes.length;
      const from = this.#chosen === NONE && by < 0 ? 0 : this.#chosen;
      this.#chosen = (from + by + count) % count;
    }
    return Boolean(by) || key === "Escape";
  }

  #stateOf(scene) {
    const { nodes, edges, progress: name, active, flow: used } = this.spec;
    const progress = [...(scene.array(name)?.data ?? nodes.map(() => 0))];
    const [now, along = NONE] = scene.array(active)?.data ?? [NONE];
    const at = (key) => progress[nodes.findIndex((node) => node.key === key)];
    const flow =
      scene.array(used)?.data ?? edges.map(({ start, end }) => Math.min(at(start), at(end)));
    const forward = now !== NONE && progress[now] < 2;
    const isActive = (i) => i === along || (forward && edges[i].end === nodes[now].key);
    return { progress, flow, now, isActive };
  }

  #nodeAt({ x, y }) {
    return this.#plan.boxes.findIndex(
      (box) => Math.abs(x - box.x) <= box.width / 2 && Math.abs(y - box.y) <= box.height / 2,
    );
  }

  #drawEdge(sheet, i, { flow, isActive }) {
    const { ctx, theme } = sheet;
    const { start, end, angle } = this.#ways[i];
    const [from, to, turned] = flow[i] > 1 ? [end, start, angle + Math.PI] : [start, end, angle];
    const width = isActive(i) ? 3.4 : flow[i] ? 1.8 : 1.2;
    const head = 0.55 * this.#plan.em + width;
    const behind = (length, turn) => [
      to.x - length * Math.cos(turned + turn), to.y - length * Math.sin(turned + turn),
    ];
    ctx.strokeStyle = shadeOf(theme, flow[i]);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(...behind(0.7 * head, 0));
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(to.x, to.y);
    for (const side of [-0.4, 0.4]) ctx.lineTo(...behind(head, side));
    ctx.fill();
  }

  #drawEdgeLabel(sheet, i, { flow, isActive }) {
    const { label, label_at: part } = this.spec.edges[i];
    if (!label) return;
    const { ctx, theme } = sheet;
    const { start, end } = this.#ways[i];
    const formula = setFormula(ctx, label, 1.15 * this.#plan.em);
    const [x, y] = [start.x + part * (end.x - start.x), start.y + part * (end.y - start.y)];
    const height = formula.up + formula.down;
    const gap = 0.2 * this.#plan.em;
    ctx.fillStyle = theme.card;
    ctx.fillRect(
      x - formula.width / 2 - gap, y - height / 2 - gap, formula.width + 2 * gap, height + 2 * gap,
    );
    ctx.fillStyle = flow[i] > 1 || isActive(i) ? shadeOf(theme, flow[i]) : theme.soft;
    formula.draw(x - formula.width / 2, y + height / 2 - formula.down);
  }

  #drawNode(sheet, i, { progress, now }, scene) {
    const { ctx, theme } = sheet;
    const { value, gradient } = this.spec.nodes[i];
    const box = this.#plan.boxes[i];
    const [left, top] = [box.x - box.width / 2, box.y - box.height / 2];
    const color = shadeOf(theme, progress[i]);
    ctx.fillStyle = i === now ? between(theme.card, color, 0.16) : theme.card;
    ctx.strokeStyle = color;
    ctx.lineWidth = i === now ? 3.5 : progress[i] ? 1.8 : 1.2;
    ctx.beginPath();
    ctx.roundRect(left, top, box.width, box.height, ROUND_BY);
    ctx.fill();
    ctx.stroke();
    if (i === this.#chosen) {
      ctx.strokeStyle = theme.accent;
      ctx.lineWidth = 2;
      ctx.beginPath();
      ctx.roundRect(left - 4, top - 4, box.width + 8, box.height + 8, ROUND_BY + 4);
      ctx.stroke();
    }
    ctx.fillStyle = progress[i] ? theme.ink : theme.soft;
    box.name.draw(box.x - box.name.width / 2, box.base);

    const parts = [[value, "data", 1], [gradient, "gradient", 2]];
    const known = parts.filter(([name]) => scene.array(name));
    known.forEach(([name, role, least], at) => {
      if (progress[i] < least) return;
      if (!this.#cells.has(name)) this.#cells.set(name, new Cells());
      this.#cells.get(name).draw(sheet, scene.array(name), box.slots[at], theme[role]);
    });
  }

  /** A node in words: its name and shape, its value, its gradient. */
  #linesOf(i, scene) {
    const { label, value, gradient } = this.spec.nodes[i];
    const progress = this.#stateOf(scene).progress[i];
    const name = sayFormula(label);
    const [values, slopes] = [value, gradient].map((array) => scene.array(array));
    const lines = [{ text: `${name}${shapeText(values ?? slopes)}` }];
    if (!progress) lines.push({ text: "not computed yet" });
    if (values && progress) lines.push(...told(values, "data"));
    if (slopes && progress > 1) {
      lines.push({ text: `gradient by ${name}` }, ...told(slopes, "gradient"));
    }
    return lines;
  }

  #linesOfEdge(i, scene) {
    const { start, end, label, local } = this.spec.edges[i];
    const [from, to] = [start, end].map((key) =>
      sayFormula(this.spec.nodes.find((node) => node.key === key).label),
    );
    const lines = [{ text: `${from} → ${to}` }];
    const array = scene.array(local);
    if (label) lines.push({ text: sayFormula(label) + (array ? shapeText(array) : "") });
    if (array?.data.some((value) => !Number.isNaN(value))) lines.push(...told(array, "gradient"));
    return lines;
  }
}

function shadeOf(theme, progress) {
  return [theme.soft, theme.data, theme.gradient][progress] ?? theme.soft;
}

function told(array, color) {
  return linesOfCells(array).map((text) => ({ text, color }));
}

function shapeText(array) {
  if (!array) return "";
  return array.data.length > 1 ? `, ${array.shape.join(" × ")}` : ", a number";
}

/** From a point to a way between boxes. */
function distance({ start, end }, { x, y }) {
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const along = ((x - start.x) * dx + (y - start.y) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(Math.max(along, 0), 1);
  return Math.hypot(x - start.x - part * dx, y - start.y - part * dy);
}
