import { figure } from "./numbers.js";
import { GREY, onRamp, Raster, writeTable } from "./pixels.js";
import { signedRamp } from "./ramps.js";
import { unpacked } from "./theme.js";
import { finiteRange } from "./ticks.js";

const LEAST = 0.6; // of the type size: smaller numbers are left out
const WIDEST = 3.4; // of the type size, a cell
const HEADROOM = 1.3; // so that numbers can be read on the largest as well

/** A table as square cells with their numbers in them, and outlines around some. */
export class Grid {
  #raster = new Raster();

  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const table = scene.array(this.spec.values);
    if (!table) return;
    const { ctx, theme } = sheet;
    const { shape: [rows, columns] } = table;
    const names = scene.strings(this.spec.names);
    const left = names.length ? Math.max(...names.map((n) => sheet.measure(n))) + sheet.em : 1;
    const wide = Math.min((sheet.width - left - 2) / columns, WIDEST * sheet.em);
    const side = Math.min(wide, (sheet.height - 2) / rows);
    this.cells = { left, top: 1, side, rows, columns };
    this.shape = sheet.width / (rows * wide + 2); // where the height is free

    writeTable(this.#raster, table, this.#shade(scene, table, theme), false).show();
    ctx.fillStyle = theme.dim; // of cells that are empty
    ctx.fillRect(left, 1, columns * side, rows * side);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.#raster.canvas, left, 1, columns * side, rows * side);
    if (side > 6) this.#drawLines(sheet);
    this.#drawNumbers(sheet, table);
    const size = Math.min(side / sheet.em, 1); // so that no name runs into the next
    names.forEach((name, row) => sheet.text(name, 0, 1 + (row + 0.5) * side, { size }));
    for (const { boxes, color } of this.spec.outlines) {
      this.#drawOutlines(sheet, scene.array(boxes)?.data ?? [], theme[color]);
    }
  }

  summary(scene) {
    const table = scene.array(this.spec.values);
    if (!table) return "no values yet";
    const { shape: [rows, columns], data } = table;
    const filled = data.filter(Number.isFinite).length;
    const range = finiteRange(data).map(figure).join(" to ");
    return `${rows} rows by ${columns} columns, ${filled} filled${filled ? `, ${range}` : ""}`;
  }

  read(px, py, scene) {
    const table = scene.array(this.spec.values);
    if (!table || !this.cells) return null;
    const { left, top, side, rows, columns } = this.cells;
    const [row, column] = [Math.floor((py - top) / side), Math.floor((px - left) / side)];
    if (row < 0 || column < 0 || row >= rows || column >= columns) return null;
    const value = table.data[row * columns + column];
    const text = Number.isNaN(value) ? "empty" : figure(value);
    const name = scene.strings(this.spec.names)[row] ?? `row ${row}`;
    return { x: px, y: py, lines: [{ text }, { text: `${name}, column ${column}` }] };
  }

  #shade(scene, { data }, theme) {
    const { scale, value_range: given } = this.spec;
    if (scale === "grey") return onRamp(GREY, given ?? [0, 255]);
    const range = typeof given === "string" ? scene.array(given)?.data : given;
    const ends = [...(range ?? finiteRange(data))].map(Math.abs).filter(Number.isFinite);
    const far = HEADROOM * Math.max(...ends, 0) || 1;
    return onRamp(signedRamp(theme), [-far, far]);
  }

  #drawLines(sheet) {
    const { left, top, side, rows, columns } = this.cells;
    const [right, bottom] = [left + columns * side, top + rows * side];
    for (let row = 0; row <= rows; row++) {
      sheet.hairline(left, top + row * side, right, top + row * side);
    }
    for (let column = 0; column <= columns; column++) {
      sheet.hairline(left + column * side, top, left + column * side, bottom);
    }
  }

  #drawNumbers(sheet, { data }) {
    const { left, top, side, columns } = this.cells;
    const texts = Array.from(data, (value) => (Number.isNaN(value) ? "" : figure(value)));
    const longest = texts.reduce((most, text) => (text.length > most.length ? text : most), "");
    const room = Math.min((0.84 * side) / sheet.measure(longest), (0.8 * side) / sheet.em);
    if (!longest || room < LEAST) return;
    const size = Math.min(room, 1.15);
    texts.forEach((text, at) => {
      if (!text) return;
      const [row, column] = [Math.floor(at / columns), at % columns];
      const color = sheet.theme.over(unpacked(this.#raster.pixels[at]));
      const place = [left + (column + 0.5) * side, top + (row + 0.5) * side];
      sheet.text(text, ...place, { align: "center", size, color });
    });
  }

  /** Boxes of row, column, rows, columns. */
  #drawOutlines({ ctx }, boxes, color) {
    const { left, top, side } = this.cells;
    ctx.strokeStyle = color;
    ctx.lineWidth = Math.min(2.5, Math.max(1.5, side / 9));
    for (let at = 0; at + 3 < boxes.length; at += 4) {
      const [row, column, rows, columns] = boxes.slice(at, at + 4);
      if (!(rows > 0)) continue;
      ctx.strokeRect(left + column * side, top + row * side, columns * side, rows * side);
    }
  }
}
