import { placeBeside } from "./placement.js";

const FAR = 1e5; // pixels: beyond it a path that ran away is cut

/** The paths a panel declares, as far as the run has their columns. */
export function trailsOf({ paths }, { series }) {
  return paths
    .filter(({ x, y }) => series.has(x) && series.has(y))
    .map(({ x, y, label, color }) => ({
      xs: series.column(x), ys: series.column(y), label, color,
    }));
}

/** Paths with a disc and their label where they are, and faintly where they will go. */
export function drawTrails(sheet, plane, spec, scene) {
  const { ctx, em, theme } = sheet;
  const { series, rows } = scene;
  const trails = trailsOf(spec, scene);
  const trace = ({ xs, ys }, from, to, width, color) => {
    ctx.lineWidth = width * em;
    ctx.strokeStyle = color;
    traceTrail(ctx, plane, xs, ys, from, to);
  };
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  for (const trail of trails) {
    const yetToCome = [Math.max(0, rows - 1), series.length];
    sheet.faintly(0.35, () => trace(trail, ...yetToCome, 0.1, theme[trail.color]));
    sheet.faintly(0.75, () => trace(trail, 0, rows, 0.36, theme.card));
    trace(trail, 0, rows, 0.19, theme[trail.color]);
  }

  const heads = trails.flatMap(({ xs, ys, label, color }) => {
    const [x, y] = [plane.px(xs[rows - 1]), plane.py(ys[rows - 1])];
    if (!plane.holds(x, y)) return [];
    sheet.disc(x, y, 0.42 * em, theme[color]);
    return [{ x, y, label, color, width: sheet.measure(label, 1, 600) + 0.4 * em }];
  });
  const places = placeBeside(heads, 1.2 * em, plane.box);
  heads.forEach(({ label, color }, i) => {
    const { x, y } = places[i];
    sheet.text(label, x, y, { color: theme[color], weight: 600, align: "center", halo: true });
  });
}

function traceTrail(ctx, plane, xs, ys, from, to) {
  ctx.beginPath();
  let drawing = false;
  let [lastX, lastY] = [0, 0];
  for (let row = from; row < to; row++) {
    const [x, y] = [plane.px(xs[row]), plane.py(ys[row])];
    if (!(Math.abs(x) < FAR && Math.abs(y) < FAR)) {
      drawing = false;
      continue;
    }
    if (drawing && row < to - 1 && Math.abs(x - lastX) + Math.abs(y - lastY) < 0.7) continue;
    if (drawing) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
    [drawing, lastX, lastY] = [true, x, y];
  }
  ctx.stroke();
}
