import { tracePath } from "./polyline.js";

/** What a plot declares and the scene has, with its numbers. */
export function marksOf({ lines, scatters, rules }, scene) {
  const data = (name) => scene.array(name)?.data;
  return {
    lines: lines
      .map((line) => ({ ...line, xs: data(line.x), ys: data(line.y), edges: line.band?.map(data) }))
      .filter(({ xs, ys }) => xs?.length && ys?.length)
      .map((line) => ({ ...line, copies: line.ys.length / line.xs.length })),
    scatters: scatters
      .map((scatter, index) => ({ ...scatter, index, data: data(scatter.points) }))
      .filter((scatter) => scatter.data?.length),
    rules: rules
      .map((rule) => ({ ...rule, value: typeof rule.at === "string" ? data(rule.at)?.[0] : rule.at }))
      .filter(({ value }) => Number.isFinite(value)),
  };
}

/** The values of a line's copies at one place of its x. */
export function valuesAt({ xs, ys, copies }, i) {
  return Array.from({ length: copies }, (_, copy) => ys[copy * xs.length + i]);
}

export function drawBand({ ctx, theme }, plane, { xs, edges, color }) {
  if (!edges?.every(Boolean)) return;
  const [low, high] = edges;
  const isGap = (i) => ![xs[i], low[i], high[i]].every(Number.isFinite);
  ctx.beginPath();
  for (let from = 0, to; from < xs.length; from = to + 1) {
    for (to = from; to < xs.length && !isGap(to); ) to++;
    for (let i = from; i < to; i++) {
      if (i === from) ctx.moveTo(plane.px(xs[i]), plane.py(low[i]));
      else ctx.lineTo(plane.px(xs[i]), plane.py(low[i]));
    }
    for (let i = to - 1; i >= from; i--) ctx.lineTo(plane.px(xs[i]), plane.py(high[i]));
  }
  ctx.fillStyle = theme[color];
  ctx.globalAlpha = 0.18;
  ctx.fill();
  ctx.globalAlpha = 1;
}

export function drawTrace({ ctx, em, theme }, plane, { xs, ys, copies, ...line }) {
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  const thin = line.thin || copies > 1;
  ctx.strokeStyle = theme[line.color];
  ctx.lineWidth = (thin ? 0.08 : 0.17) * em;
  ctx.globalAlpha = thin ? 0.6 : 1;
  ctx.setLineDash(line.dashed ? [0.45 * em, 0.35 * em] : []);
  for (let copy = 0; copy < copies; copy++) {
    const one = ys.subarray(copy * xs.length, (copy + 1) * xs.length);
    tracePath(ctx, plane, xs, one, 0, xs.length);
  }
  ctx.globalAlpha = 1;
  ctx.setLineDash([]);
}

/** A dashed line across. */
export function drawRule(sheet, plane, { axis, value, color }) {
  const { ctx, em, theme } = sheet;
  const { left, right, top, bottom } = plane.box;
  const [x, y] = [plane.px(value), plane.py(value)];
  ctx.setLineDash([0.3 * em, 0.3 * em]);
  if (axis === "y") sheet.hairline(left, y, right, y, theme[color]);
  else sheet.hairline(x, top, x, bottom, theme[color]);
  ctx.setLineDash([]);
}

/** The name of an upright rule, at its upper end. */
export function drawRuleName(sheet, plane, { axis, value, label, color }) {
  if (axis === "y" || !label) return;
  const { em, theme } = sheet;
  const { right, top } = plane.box;
  const x = plane.px(value);
  const fits = x + 0.5 * em + sheet.measure(label, 1, 600) < right;
  const [at, align] = fits ? [x + 0.5 * em, "left"] : [x - 0.5 * em, "right"];
  sheet.text(label, at, top + 0.8 * em, { color: theme[color], weight: 600, align, halo: true });
}

export function drawScatter(sheet, plane, { data, color, faint }, dots) {
  const count = data.length / 2;
  const byCount = Math.min(7, Math.max(2.2, 9.6 - 2 * Math.log10(count + 1)));
  dots.draw(sheet, plane, { data, shape: [count, 2] }, {
    colors: [sheet.theme[color]],
    diameter: (faint ? 0.8 : 1) * byCount * Math.max(1, sheet.em / 12),
    opacity: faint ? 0.3 : 0.85,
  });
}

/** Where the name of a mark stands right of the plot: beside its last part that is in view. */
export function endOf(mark, plane) {
  const { label, color } = mark;
  if (mark.axis) return { label, color, y: plane.py(mark.value) };
  const heights = mark.data ? rightmost(mark, plane) : lastHeights(mark, plane);
  return { label, color, y: heights.reduce((sum, y) => sum + y, 0) / heights.length };
}

/** Heights at the last place in view where a line has any. */
function lastHeights(line, plane) {
  const { left, right } = plane.box;
  for (let i = line.xs.length - 1; i >= 0; i--) {
    const x = plane.px(line.xs[i]);
    if (!(x >= left - 1 && x <= right + 1)) continue;
    const heights = valuesAt(line, i).map((y) => plane.py(y)).filter(Number.isFinite);
    if (heights.length) return heights;
  }
  return [];
}

/** Heights of the points in view that are rightmost, within a tenth of the view. */
function rightmost({ data }, plane) {
  const inView = [];
  for (let i = 0; i < data.length; i += 2) {
    const [x, y] = [plane.px(data[i]), plane.py(data[i + 1])];
    if (plane.holds(x, y)) inView.push({ x, y });
  }
  const end = inView.reduce((most, { x }) => Math.max(most, x), 0);
  return inView.filter(({ x }) => x > end - 0.1 * plane.box.width).map(({ y }) => y);
}
