import { figure } from "./numbers.js";

/** What was taken for what: a row for each truth, shaded by its share of the row. */
export class Matrix {
  constructor(spec) {
    this.spec = spec;
  }

  draw(sheet, scene) {
    const counts = scene.array(this.spec.values);
    if (!counts) return;
    const { ctx, em, theme } = sheet;
    const [size] = counts.shape;
    const names = scene.strings(this.spec.names);
    const widest = Math.max(...names.map((name) => sheet.measure(name)));
    const left = Math.min(widest, 0.3 * sheet.width) + 2 * em;
    const top = 2.5 * em;
    const cell = {
      width: (sheet.width - left) / size,
      height: Math.min((sheet.height - top) / size, (sheet.width - left) / size),
    };
    this.cells = { left, top, ...cell, size };
    const gap = Math.min(1.5, 0.06 * cell.height);

    sheet.text("predicted", left + 0.5 * (sheet.width - left), 0.5 * em, { align: "center" });
    this.#drawTruth(sheet, top + (cell.height * size) / 2);
    for (let row = 0; row < size; row++) {
      const middle = top + (row + 0.5) * cell.height;
      sheet.text(names[row] ?? "", left - 0.6 * em, middle, { align: "right", most: left - 1.9 * em });
      const centre = left + (row + 0.5) * cell.width;
      sheet.text(names[row] ?? "", centre, 1.8 * em, { align: "center", most: cell.width - 4 });
      const values = counts.data.subarray(row * size, (row + 1) * size);
      const total = values.reduce((sum, value) => sum + value, 0) || 1;
      values.forEach((value, column) => {
        const x = left + column * cell.width;
        const share = Math.max(0, value / total);
        ctx.fillStyle = theme.dim;
        const box = [x + gap, top + row * cell.height + gap, cell.width - 2 * gap, cell.height - 2 * gap];
        ctx.fillRect(...box);
        sheet.faintly(0.85 * Math.sqrt(share), () => {
          ctx.fillStyle = row === column ? theme.right : theme.wrong;
          ctx.fillRect(...box);
        });
        const strong = share > 0.45;
        const color = value === 0 ? theme.soft : strong ? theme.card : theme.ink;
        const text = figure(value);
        const fits = Math.min(1, (cell.width - 4) / sheet.measure(text), cell.height / (1.2 * em));
        const weight = row === column ? 600 : 400;
        sheet.text(text, x + cell.width / 2, middle, { align: "center", size: fits, color, weight });
      });
    }
  }

  summary(scene) {
    const counts = scene.array(this.spec.values);
    if (!counts) return "no counts yet";
    const { data, shape: [size] } = counts;
    const names = scene.strings(this.spec.names);
    const total = data.reduce((sum, value) => sum + value, 0);
    const right = names.reduce((sum, _, i) => sum + data[i * size + i], 0);
    const wrong = data.map((value, i) => (i % (size + 1) ? value : -1));
    const worst = wrong.indexOf(Math.max(...wrong));
    const [truth, taken] = [names[Math.floor(worst / size)], names[worst % size]];
    const most = wrong[worst] > 0 ? `; most often ${truth} taken for ${taken}, ${figure(wrong[worst])}` : "";
    return `${Math.round((100 * right) / total)} % of ${figure(total)} right${most}`;
  }

  read(px, py, scene) {
    const counts = scene.array(this.spec.values);
    if (!counts || !this.cells) return null;
    const { left, top, width, height, size } = this.cells;
    const [column, row] = [Math.floor((px - left) / width), Math.floor((py - top) / height)];
    if (row < 0 || column < 0 || row >= size || column >= size) return null;
    const names = scene.strings(this.spec.names);
    const color = row === column ? "right" : "wrong";
    const value = figure(counts.data[row * size + column]);
    const text = row === column ? `${names[row]} found: ${value}` : `${names[row]} taken for ${names[column]}: ${value}`;
    return { x: px, y: py, lines: [{ text, color }] };
  }

  #drawTruth(sheet, middle) {
    const { ctx, em } = sheet;
    ctx.save();
    ctx.translate(0.5 * em, middle);
    ctx.rotate(-Math.PI / 2);
    sheet.text("truth", 0, 0, { align: "center" });
    ctx.restore();
  }
}
