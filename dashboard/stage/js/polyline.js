import { spread } from "./placement.js";

const BEYOND = 1e5; // pixels: no canvas draws lines to places much farther away

/** A polyline with gaps where values are not finite; at most a few points per pixel. */
export function tracePath(ctx, plane, xs, ys, from, to) {
  ctx.beginPath();
  let drawing = false;
  let lastX = 0;
  let low = 0;
  let high = 0;
  for (let i = from; i < to; i++) {
    const x = plane.px(xs[i]);
    const height = plane.py(ys[i]);
    if (!Number.isFinite(x) || !Number.isFinite(height)) {
      drawing = false;
      continue;
    }
    const y = Math.min(Math.max(height, -BEYOND), BEYOND);
    const away = Math.abs(x - lastX) >= 0.5;
    if (!drawing) {
      ctx.moveTo(x, y);
      ctx.lineTo(x + 0.01, y); // a value between two gaps shows as a dot
      drawing = true;
      lastX = x;
      low = high = y;
    } else if (away || y < low || y > high || i === to - 1) {
      ctx.lineTo(x, y);
      if (away) {
        lastX = x;
        low = high = y;
      } else {
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
  }
  ctx.stroke();
}

/** The room right of a plot that the names of its lines take. */
export function widthOfEndLabels(sheet, marks) {
  const widest = Math.max(0, ...marks.map(({ label }) => sheet.measure(label, 1, 600)));
  return Math.min(widest + 0.9 * sheet.em, 0.4 * sheet.width);
}

/** Names `{label, color, y}` beside the places where lines end, none over another. */
export function drawEndLabels(sheet, { box }, ends) {
  const { em, theme } = sheet;
  const clamped = ({ y }) => Math.min(Math.max(y, box.top), box.bottom);
  const labels = ends
    .filter(({ label, y }) => label && Number.isFinite(y))
    .map((end) => ({ ...end, y: clamped(end) }));
  spread(labels, 1.15 * em, box.top, box.bottom);
  const most = sheet.width - box.right - 0.6 * em;
  for (const { label, color, y } of labels) {
    sheet.text(label, box.right + 0.6 * em, y, { color: theme[color], weight: 600, most });
  }
}
