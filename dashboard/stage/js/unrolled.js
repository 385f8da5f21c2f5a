import { figure } from "./numbers.js";
import { onRamp, Raster, writeTable } from "./pixels.js";
import { signedRamp } from "./ramps.js";

const ARROW = 0.42; // of a step's room: the arrow from one state to the next
const NARROW = 0.75; // em: steps with less room stand close, with a ribbon for the arrows
const DECADES = 4; // powers of ten from the thinnest arrow to the thickest

/** A recurrent net along time: letters come in below, a state is handed on, letters go out. */
export class Unrolled {
  #raster = new Raster();
  #steps = null; // where they are drawn

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const states = scene.array(this.spec.states);
    if (!states) return;
    const { em } = sheet;
    const [units, count] = states.shape;
    const rows = scene.strings(this.spec.gate_names);
    const titles = ["says", "wanted", "state", "hears", ...rows];
    const left = Math.max(...titles.map((title) => sheet.measure(title))) + 0.8 * em;
    const wide = (sheet.width - left) / count;
    const bar = Math.min(1.5 * em, (0.4 * sheet.height) / Math.max(rows.length, 1));
    const tops = { says: 0.8 * em, wanted: 2.1 * em, state: 4 * em };
    const bars = sheet.height - rows.length * bar - 0.2 * em;
    const bottom = bars - 3.6 * em; // of the states
    const gap = wide < NARROW * em ? 0 : ARROW * wide;
    this.#steps = { left, wide, gap, count, units, top: tops.state, high: bottom - tops.state };

    sheet.text("says", 0, tops.says);
    sheet.text("wanted", 0, tops.wanted);
    sheet.text("state", 0, (tops.state + bottom) / 2);
    sheet.text("hears", 0, bottom + 2 * em);
    this.#drawStates(sheet, states);
    this.#drawFlow(sheet, scene.array(this.spec.strength)?.data);
    this.#drawLetters(sheet, scene, tops, bottom);
    rows.forEach((_, row) => this.#drawGate(sheet, scene, row, bars + row * bar, bar));
    const every = Math.ceil((1.1 * em) / bar); // a name for every so many rows
    rows.forEach((name, row) => {
      if (row % every === 0) sheet.text(name, 0, bars + (row + 0.5) * bar);
    });
  }

  summary(scene) {
    const states = scene.array(this.spec.states);
    if (!states) return "no state yet";
    const { says, wanted, hears } = this.#letters(scene);
    const right = says.filter((letter, t) => letter === wanted[t]).length;
    const asked = wanted.filter(Boolean).length;
    return (
      `${states.shape[1]} steps of ${states.shape[0]} units; hears ${hears.join("")}, ` +
      `says ${says.join("")}, ${right} of ${asked} right`
    );
  }

  read(px, py, scene) {
    const states = scene.array(this.spec.states);
    if (!states || !this.#steps) return null;
    const { left, wide, count, units, top, high } = this.#steps;
    const t = Math.floor((px - left) / wide);
    if (t < 0 || t >= count) return null;
    const { says, wanted, hears } = this.#letters(scene);
    const lines = [{ text: `step ${t + 1}: hears ${hears[t]}, says ${says[t]}` }];
    if (wanted[t]) lines[0].color = says[t] === wanted[t] ? "right" : "wrong";
    const unit = Math.floor(((py - top) / high) * units);
    if (unit >= 0 && unit < units) {
      lines.push({ text: `unit ${unit}: ${figure(states.data[unit * count + t])}` });
    }
    const strength = scene.array(this.spec.strength)?.data[t];
    if (strength > 0) lines.push({ text: `reaches the end by ${figure(strength)}`, color: "gradient" });
    const gates = scene.array(this.spec.gates);
    scene.strings(this.spec.gate_names).forEach((name, row) =>
      lines.push({ text: `${name} ${figure(gates.data[row * count + t])}` }),
    );
    return { x: px, y: py, lines };
  }

  #letters(scene) {
    const { says, wanted, hears } = this.spec;
    return {
      says: scene.strings(says), wanted: scene.strings(wanted), hears: scene.strings(hears),
    };
  }

  /** Each state as a column of its units. */
  #drawStates({ ctx, theme }, { shape: [units, count], data }) {
    const { left, wide, gap, top, high } = this.#steps;
    const far = data.reduce((most, v) => (Math.abs(v) > most ? Math.abs(v) : most), 1);
    const table = { shape: [units, count], data };
    writeTable(this.#raster, table, onRamp(signedRamp(theme), [-far, far])).show();
    ctx.imageSmoothingEnabled = false;
    if (!gap) ctx.drawImage(this.#raster.canvas, left, top, count * wide, high);
    for (let t = 0; gap && t < count; t++) {
      const [x, width] = [left + t * wide, wide - gap];
      ctx.drawImage(this.#raster.canvas, t, 0, 1, units, x, top, width, high);
      ctx.strokeStyle = theme.model;
      ctx.lineWidth = 1;
      ctx.strokeRect(x, top, width, high);
    }
  }

  /** Arrows from state to state, as thick as the gradient that came back from the last one. */
  #drawFlow(sheet, strength) {
    const { ctx, theme, em } = sheet;
    const { left, wide, gap, count, top, high } = this.#steps;
    const [y, most] = [top + high / 2, gap ? Math.min(0.9 * em, 0.5 * gap) : 0.9 * em];
    for (let t = 0; t + 1 < count; t++) {
      const share = strength ? 1 + Math.log10(strength[t] || 0) / DECADES : 0;
      const width = most * Math.min(Math.max(share, 0), 1);
      const [from, to] = [left + (t + 1) * wide - gap, left + (t + 1) * wide];
      ctx.fillStyle = theme.gradient;
      if (gap) sheet.hairline(from + 1, y, to - 1, y, theme.soft);
      if (width < 0.5) continue;
      if (gap) this.#drawArrow(ctx, from + 1, to - 1, y, width);
      else ctx.fillRect(from - wide, y - width / 2, wide, width);
    }
  }

  /** An arrow to the left: gradients come back. */
  #drawArrow(ctx, from, to, y, width) {
    const neck = from + Math.min(1.1 * width, 0.6 * (to - from));
    const edge = [[neck, width], [neck, width / 2], [to, width / 2]];
    ctx.beginPath();
    ctx.moveTo(from, y);
    for (const [x, dy] of edge) ctx.lineTo(x, y - dy);
    for (const [x, dy] of edge.toReversed()) ctx.lineTo(x, y + dy);
    ctx.fill();
  }

  #drawLetters(sheet, scene, tops, bottom) {
    const { em, theme } = sheet;
    const { left, wide, gap, count } = this.#steps;
    const { says, wanted, hears } = this.#letters(scene);
    const size = Math.min(1.3, Math.max(0.8, wide / (0.75 * em)));
    const align = "center";
    for (let t = 0; t < count; t++) {
      const x = left + t * wide + (wide - gap) / 2;
      const color = !wanted[t] ? theme.soft : says[t] === wanted[t] ? theme.right : theme.wrong;
      sheet.text(says[t] ?? "", x, tops.says, { align, size, color, weight: wanted[t] ? 700 : 400 });
      const none = gap ? "·" : "";
      sheet.text(wanted[t] || none, x, tops.wanted, { align, size: 0.8 * size });
      sheet.text(hears[t] ?? "", x, bottom + 2 * em, { align, size, color: theme.data, weight: 600 });
      if (!gap) continue;
      sheet.hairline(x, tops.state - 1.1 * em, x, tops.state - 2);
      sheet.hairline(x, bottom + 2, x, bottom + 1.1 * em);
    }
  }

  /** A row of bars from 0, shut, to 1, open. */
  #drawGate(sheet, scene, row, top, high) {
    const { ctx, theme } = sheet;
    const { left, wide, gap, count } = this.#steps;
    const { data } = scene.array(this.spec.gates);
    for (let t = 0; t < count; t++) {
      const open = Math.min(Math.max(data[row * count + t] || 0, 0), 1);
      const [x, width, room] = [left + t * wide, wide - gap, 0.84 * high];
      ctx.fillStyle = theme.dim;
      ctx.fillRect(x, top, width, room);
      ctx.fillStyle = theme.model;
      if (high > 0.8 * sheet.em) ctx.fillRect(x, top + (1 - open) * room, width, open * room);
      else sheet.faintly(Math.sqrt(open), () => ctx.fillRect(x, top, width, room)); // no room
    }
  }
}
