import { element } from "./dom.js";
import { Sheet } from "./sheet.js";

/** What lies under a cloud, as pixels: drawn once for as long as it stays the same. */
export class Ground {
  // Without a GPU, from which pixels come back slowly.
  #ctx = element("canvas").getContext("2d", { alpha: false, willReadFrequently: true });
  #key = [];
  #pixels = null;

  /**
   * RGBA pixels of the whole sheet and an empty margin around it, one number each; `key` holds
   * what `draw(sheet)` depends on besides the sheet.
   */
  pixels(sheet, key, draw, margin) {
    const { width, height, scale, em, theme } = sheet;
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    const whole = [width, height, scale, em, theme.key, margin, ...key];
    if (whole.length !== this.#key.length || whole.some((part, i) => part !== this.#key[i])) {
      this.#key = whole;
      const ctx = this.#ctx;
      Object.assign(ctx.canvas, { width: wide, height: high });
      ctx.fillStyle = theme.card;
      ctx.fillRect(0, 0, wide, high);
      ctx.scale(scale, scale);
      draw(new Sheet(ctx, sheet));
      const box = [-margin, -margin, wide + 2 * margin, high + 2 * margin];
      this.#pixels = new Uint32Array(ctx.getImageData(...box).data.buffer);
    }
    return this.#pixels;
  }
}
