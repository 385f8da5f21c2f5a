import { figure } from "./numbers.js";
import { between } from "./theme.js";

/** What was taken for what: a row for each truth, shaded by its share of the row. */
export class Matrix {
  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const counts = scene.array(this.spec.values);
    if (!counts) return;
    const { em } = sheet;
    const [size] = counts.shape;
    const names = scene.strings(this.spec.names);
    const widest = Math.max(...names.map((name) => sheet.measure(name)));
    const left = Math.min(widest, 0.3 * sheet.width) + 2 * em;
    const top = 2.5 * em;
    const width = (sheet.width - left) / size;
    const height = Math.min((sheet.height - top) / size, width);
    this.cells = { left, top, width, height, size };

    this.#drawNames(sheet, names);
    for (let row = 0; row < size; row++) {
      const values = counts.data.subarray(row * size, (row + 1) * size);
      const total = values.reduce((sum, value) => sum + value, 0) || 1;
      values.forEach((value, column) => this.#drawCell(sheet, row, column, value, value / total));
    }
  }

  summary(scene) {
    const counts = scene.array(this.spec.values);
    const total = counts?.data.reduce((sum, value) => sum + value, 0);
    if (!total) return "no counts yet";
    const { data, shape: [size] } = counts;
    const names = scene.strings(this.spec.names);
    const onDiagonal = (at) => at % (size + 1) === 0;
    const right = data.reduce((sum, value, at) => sum + (onDiagonal(at) ? value : 0), 0);
    const wrong = data.map((value, at) => (onDiagonal(at) ? 0 : value));
    const worst = wrong.indexOf(Math.max(...wrong));
    const parts = [`${Math.round((100 * right) / total)} % of ${figure(total)} right`];
    if (wrong[worst] > 0) {
      const [truth, taken] = [names[Math.floor(worst / size)], names[worst % size]];
      parts.push(`most often ${truth} taken for ${taken}, ${figure(wrong[worst])}`);
    }
    return parts.join("; ");
  }

  read(px, py, scene) {
    const counts = scene.array(this.spec.values);
    if (!counts || !this.cells) return null;
    const { left, top, width, height, size } = this.cells;
    const [column, row] = [Math.floor((px - left) / width), Math.floor((py - top) / height)];
    if (row < 0 || column < 0 || row >= size || column >= size) return null;
    const names = scene.strings(this.spec.names);
    const right = row === column;
    const what = right ? `${names[row]} found` : `${names[row]} taken for ${names[column]}`;
    const text = `${what}: ${figure(counts.data[row * size + column])}`;
    return { x: px, y: py, lines: [{ text, color: right ? "right" : "wrong" }] };
  }

  #drawNames(sheet, names) {
    const { ctx, em } = sheet;
    const { left, top, width, height, size } = this.cells;
    names.forEach((name, i) => {
      const [middle, centre] = [top + (i + 0.5) * height, left + (i + 0.5) * width];
      sheet.text(name, left - 0.6 * em, middle, { align: "right", most: left - 1.9 * em });
      sheet.text(name, centre, 1.8 * em, { align: "center", most: width - 4 });
    });
    sheet.text("predicted", left + (size * width) / 2, 0.5 * em, { align: "center" });
    ctx.save();
    ctx.translate(0.5 * em, top + (size * height) / 2);
    ctx.rotate(-Math.PI / 2);
    sheet.text("truth", 0, 0, { align: "center" });
    ctx.restore();
  }

  #drawCell(sheet, row, column, value, share) {
    const { ctx, em, theme } = sheet;
    const { left, top, width, height } = this.cells;
    const [x, y] = [left + column * width, top + row * height];
    const gap = Math.min(1.5, 0.06 * height);
    const box = [x + gap, y + gap, width - 2 * gap, height - 2 * gap];
    const right = row === column;
    const strength = 0.85 * Math.sqrt(Math.max(0, share));
    const fill = between(theme.dim, right ? theme.right : theme.wrong, strength);
    ctx.fillStyle = fill;
    ctx.fillRect(...box);
    const text = figure(value);
    sheet.text(text, x + width / 2, y + height / 2, {
      align: "center",
      size: Math.min(1, (width - 4) / sheet.measure(text), height / (1.2 * em)),
      weight: right ? 600 : 400,
      color: theme.over(fill, value === 0 ? theme.soft : theme.ink),
    });
  }
}
