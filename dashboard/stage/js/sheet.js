/** What a drawing draws on: a context, its size in CSS pixels, the theme and the type size. */
export class Sheet {
  #font = "";

  /** `scale` is device pixels per CSS pixel; `still` asks for no motion. */
  constructor(ctx, { width, height, scale, em, theme, still }) {
    Object.assign(this, { ctx, width, height, scale, em, theme, still });
  }

  font(size = 1, weight = 400) {
    const font = `${weight} ${size * this.em}px ${this.theme.family}`;
    if (font !== this.#font) this.ctx.font = this.#font = font; // to set it is slow
  }

  measure(text, size, weight) {
    this.font(size, weight);
    return this.ctx.measureText(text).width;
  }

  /** Text; with `halo` it stands clear of what is under it, with `most` it is cut to a width. */
  text(text, x, y, options = {}) {
    const { color, align = "left", baseline = "middle", size, weight, halo, most } = options;
    const { ctx, theme } = this;
    this.font(size, weight);
    if (most !== undefined) text = this.#cut(text, most);
    ctx.textAlign = align;
    ctx.textBaseline = baseline;
    if (halo) {
      ctx.lineWidth = 3;
      ctx.lineJoin = "round";
      ctx.strokeStyle = theme.card;
      ctx.strokeText(text, x, y);
    }
    ctx.fillStyle = color ?? theme.soft;
    ctx.fillText(text, x, y);
  }

  /** A line one device pixel wide, from edge to edge of the pixels it meets. */
  hairline(x0, y0, x1, y1, color = this.theme.line) {
    const { ctx, scale } = this;
    const sharp = (at) => (Math.round(at * scale - 0.5) + 0.5) / scale;
    const width = Math.max(1, Math.round(scale)) / scale;
    ctx.strokeStyle = color;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(sharp(x0), sharp(y0));
    ctx.lineTo(sharp(x1), sharp(y1));
    ctx.stroke();
  }

  /** Hairlines along the edges of a box, within it. */
  border(x, y, width, height) {
    const [right, bottom] = [x + width - 0.5, y + height - 0.5]; // the last pixels mostly met
    this.hairline(x, y, right, y);
    this.hairline(x, bottom, right, bottom);
    this.hairline(x, y, x, bottom);
    this.hairline(right, y, right, bottom);
  }

  disc(x, y, radius, color, ring = this.theme.card) {
    const { ctx } = this;
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = ring;
    ctx.stroke();
  }

  /** Draw with everything outside a box cut off. */
  inside({ left, top, width, height }, draw) {
    const { ctx } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    draw();
    ctx.restore();
    this.#font = "";
  }

  /** Draw at part of the full strength. */
  faintly(alpha, draw) {
    const { ctx } = this;
    const before = ctx.globalAlpha;
    ctx.globalAlpha = alpha * before;
    draw();
    ctx.globalAlpha = before;
  }

  #cut(text, most) {
    if (this.ctx.measureText(text).width <= most) return text;
    let length = text.length - 1;
    while (length > 1 && this.ctx.measureText(`${text.slice(0, length)}…`).width > most) length--;
    return `${text.slice(0, length)}…`;
  }
}
