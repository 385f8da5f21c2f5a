const MANY = 40; // arrows from which they are a texture rather than single things

/**
 * Arrows (K, 4) of x, y, dx, dy in data coordinates. Where a field is dense or its vectors are
 * long, an arrow shows the direction only: it ends before it would reach its neighbours.
 */
export function drawArrows(sheet, plane, { data, shape: [count] }, color) {
  const { ctx, em, theme } = sheet;
  const { width, height } = plane.box;
  const most = Math.min(4 * em, Math.max(1.2 * em, 0.9 * Math.sqrt((width * height) / count)));
  ctx.strokeStyle = theme[color];
  ctx.lineWidth = (count > MANY ? 0.08 : 0.12) * em;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const [x, y, dx, dy] = data.subarray(4 * i, 4 * i + 4);
    const [right, down] = [dx * plane.perU, -dy * plane.perV];
    const length = Math.min(Math.hypot(right, down), most);
    if (!(length > 0.5)) continue;
    const angle = Math.atan2(down, right);
    const [fromX, fromY] = [plane.px(x), plane.py(y)];
    const [toX, toY] = [fromX + length * Math.cos(angle), fromY + length * Math.sin(angle)];
    const wing = Math.min(0.45 * em, 0.4 * length);
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
    for (const turn of [2.6, -2.6]) {
      ctx.moveTo(toX, toY);
      ctx.lineTo(toX + wing * Math.cos(angle + turn), toY + wing * Math.sin(angle + turn));
    }
  }
  sheet.faintly(count > MANY ? 0.6 : 1, () => ctx.stroke());
}
