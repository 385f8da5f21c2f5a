import { figure, figures } from "./numbers.js";
import { onRamp, Raster, writeTable } from "./pixels.js";
import { signedRamp } from "./ramps.js";
import { finiteRange } from "./ticks.js";

const SLOT = { width: 3.1, height: 1.14 }; // em of one number
const TOLD = 8; // rows, and columns, that are told in figures
const TILES = { width: 6, height: 4 }; // em that all tiles together may take

/** Rows and columns of an array of any shape: the last axis runs across. */
export function asTable({ shape, data }) {
  const columns = shape.at(-1) ?? 1;
  return { shape: [columns ? data.length / columns : 0, columns], data };
}

/** The size in em of an array as numbers, or as tiles where it has more than `most` of them. */
export function sizeOfCells(array, most) {
  const { shape: [rows, columns], data } = asTable(array);
  if (data.length <= most) return { width: columns * SLOT.width, height: rows * SLOT.height };
  const shape = Math.min(Math.max(columns / rows, 0.25), 8);
  const width = Math.min(TILES.width, TILES.height * shape);
  return { width, height: Math.min(TILES.height, Math.max(width / shape, 0.6)), tiles: true };
}

/** An array in a box, as numbers or as tiles from blue over zero to orange. */
export class Cells {
  #raster = new Raster();

  draw(sheet, array, box, color) {
    const table = asTable(array);
    if (box.tiles) this.#drawTiles(sheet, table, box, color);
    else this.#drawNumbers(sheet, table, box, color);
  }

  #drawNumbers(sheet, { shape: [rows, columns], data }, { x, y, width, height }, color) {
    const [wide, high] = [width / columns, height / rows];
    const texts = textsOf(data);
    const widest = Math.max(...texts.map((text) => sheet.measure(text, 1, 600)));
    const size = Math.min(high / (SLOT.height * sheet.em), (0.9 * wide) / widest);
    texts.forEach((text, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      const middle = [x + (column + 0.5) * wide, y + (row + 0.5) * high];
      sheet.text(text, ...middle, { align: "center", color, weight: 600, size });
    });
  }

  #drawTiles(sheet, table, { x, y, width, height }, color) {
    const { ctx, theme } = sheet;
    const far = table.data.reduce((most, v) => (Math.abs(v) > most ? Math.abs(v) : most), 0) || 1;
    writeTable(this.#raster, table, onRamp(signedRamp(theme), [-far, far])).show();
    ctx.fillStyle = theme.dim;
    ctx.fillRect(x, y, width, height);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.#raster.canvas, x, y, width, height);
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(x, y, width, height);
  }
}

/** An array as lines of text in even columns: its corner and its range where it is large. */
export function linesOfCells(array) {
  const { shape: [rows, columns], data } = asTable(array);
  const [down, across] = [Math.min(rows, TOLD), Math.min(columns, TOLD)];
  const told = Array.from({ length: down }, (_, row) =>
    [...data.subarray(row * columns, row * columns + across)],
  );
  const all = textsOf(told.flat());
  const texts = told.map((_, row) => all.slice(row * across, (row + 1) * across));
  const widest = Math.max(...texts.flat().map((text) => text.length));
  const more = across < columns ? "  …" : "";
  const lines = texts.map((row) => row.map((text) => text.padStart(widest, "\u2007")).join("  "));
  if (down === rows && !more) return lines;
  const [low, high] = finiteRange(data).map(figure);
  return [...lines.map((line) => line + more), `… from ${low} to ${high}`];
}

function textsOf(values) {
  return figures(values).map((text, i) => (Number.isNaN(values[i]) ? "–" : text));
}
