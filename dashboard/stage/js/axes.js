import { figure, tickLabels } from "./numbers.js";
import { logTicks, ticks } from "./ticks.js";

export const TITLE_ROOM = 2; // em over a box for the y axis' title, clear of a figure at the top

/** Hairlines at round values, without figures: enough to see that nothing moved but the data. */
export function drawGrid(sheet, plane) {
  const { box } = plane;
  const count = Math.max(2, Math.round(box.width / 75));
  const { values, step } = ticks(...plane.xRange, count);
  for (const x of values) sheet.hairline(plane.px(x), box.top, plane.px(x), box.bottom);
  const [low, high] = plane.yRange;
  for (const y of ticks(low, high, (high - low) / step).values) {
    sheet.hairline(box.left, plane.py(y), box.right, plane.py(y));
  }
}

/** Ticks of the y axis and what to write at them; `whole` where there is nothing in between. */
export function yTicks(sheet, plane, whole = false) {
  const range = plane.yRange.sort((a, b) => a - b);
  return axisTicks(range, plane.logY, tickCount(plane.box.height, 3.4 * sheet.em), whole);
}

/** Figures left of the box, with a hairline through it at each. */
export function drawYAxis(sheet, plane, { values, labels }) {
  const { left, right } = plane.box;
  let previous = -Infinity;
  values.forEach((value, i) => {
    const y = plane.py(value);
    sheet.hairline(left, y, right, y);
    if (Math.abs(y - previous) < 0.8 * sheet.em) return; // no room for another
    previous = y;
    sheet.text(labels[i], left - 0.6 * sheet.em, y, { align: "right" });
  });
}

/** The title over the figures of the y axis. */
export function drawYTitle(sheet, title) {
  if (title) sheet.text(title, 0, 0.7 * sheet.em);
}

/** Figures, or names, under the box; the title stands at the last figure's place. */
export function drawXAxis(sheet, plane, title = "", whole = false, named = undefined) {
  const { em } = sheet;
  const { left, right, bottom, width } = plane.box;
  const y = bottom + 0.95 * em;
  const end = title ? right - sheet.measure(title) - em : right + em;
  const count = tickCount(width, 5 * em);
  const { values, labels } = named ?? axisTicks(plane.xRange, plane.logX, count, whole);
  // Letters under their columns may stand close, and be small, for the row is read as a text.
  const letters = labels.every((label) => label.length < 2);
  const size = letters ? Math.min(1, Math.max(0.6, (1.3 * width) / values.length / em)) : 1;
  const gap = letters ? 0 : 0.8 * em;
  let previous = -Infinity;
  values.forEach((value, i) => {
    const half = sheet.measure(labels[i], size) / 2;
    const x = Math.min(Math.max(plane.px(value), left + half - em), right - half + em);
    if (x + half > end || x - half < previous + gap) return;
    previous = x + half;
    sheet.text(labels[i], x, y, { align: "center", size });
  });
  if (title) sheet.text(title, right, y, { align: "right" });
}

function axisTicks([low, high], log, count, whole) {
  const round = log ? logTicks(low, high, count) : [];
  // So short a part of a decade that it has no two round values is as good as linear.
  if (round.length > 1) return { values: round, labels: round.map(figure) };
  const { values, step } = ticks(low, high, whole ? Math.min(count, high - low) : count);
  return { values, labels: tickLabels(values, step) };
}

function tickCount(length, distance) {
  return Math.min(6, Math.max(2, Math.round(length / distance)));
}
