/** Arrows (K, 4) of x, y, dx, dy in data coordinates. */
export function drawArrows({ ctx, em, theme }, plane, { data, shape: [count] }, color) {
  const head = 0.45 * em;
  ctx.strokeStyle = theme[color];
  ctx.lineWidth = 0.11 * em;
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const [x, y, dx, dy] = data.subarray(4 * i, 4 * i + 4);
    const [fromX, fromY] = [plane.px(x), plane.py(y)];
    const [toX, toY] = [plane.px(x + dx), plane.py(y + dy)];
    const length = Math.hypot(toX - fromX, toY - fromY);
    if (!(length > 0.5 && length < 1e5)) continue;
    const angle = Math.atan2(toY - fromY, toX - fromX);
    const wing = Math.min(head, 0.5 * length);
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
    for (const turn of [2.6, -2.6]) {
      ctx.moveTo(toX, toY);
      ctx.lineTo(toX + wing * Math.cos(angle + turn), toY + wing * Math.sin(angle + turn));
    }
  }
  ctx.stroke();
}
