/** The part of the home range that is in view; all of it at first. */
export const WHOLE = Object.freeze({ left: 0, right: 1, bottom: 0, top: 1 });

/** A box of the sheet as a window on data coordinates; y may be logarithmic. */
export class Plane {
  constructor(box, [x0, x1], [y0, y1], zoom = WHOLE, logY = false) {
    const [v0, v1] = logY ? [Math.log10(y0), Math.log10(y1)] : [y0, y1];
    const { left, top, width, height } = box;
    this.box = { left, top, width, height, right: left + width, bottom: top + height };
    this.logY = logY;
    this.x0 = x0 + zoom.left * (x1 - x0);
    this.v0 = v0 + zoom.bottom * (v1 - v0);
    this.perX = width / ((zoom.right - zoom.left) * (x1 - x0));
    this.perV = height / ((zoom.top - zoom.bottom) * (v1 - v0));
  }

  px(x) {
    return this.box.left + (x - this.x0) * this.perX;
  }

  py(y) {
    return this.box.bottom - ((this.logY ? Math.log10(y) : y) - this.v0) * this.perV;
  }

  x(px) {
    return this.x0 + (px - this.box.left) / this.perX;
  }

  y(py) {
    const v = this.v0 + (this.box.bottom - py) / this.perV;
    return this.logY ? 10 ** v : v;
  }

  get xRange() {
    return [this.x(this.box.left), this.x(this.box.right)];
  }

  get yRange() {
    return [this.y(this.box.bottom), this.y(this.box.top)];
  }

  holds(px, py) {
    const { left, right, top, bottom } = this.box;
    return px >= left && px <= right && py >= top && py <= bottom;
  }
}

/** A plane whose units are as long in y as in x: the ranges grow until they fill the box. */
export function squarePlane(box, xRange, yRange, zoom) {
  const unit = Math.max((xRange[1] - xRange[0]) / box.width, (yRange[1] - yRange[0]) / box.height);
  const grown = ([low, high], length) => {
    const [middle, half] = [(low + high) / 2, (unit * length) / 2];
    return [middle - half, middle + half];
  };
  return new Plane(box, grown(xRange, box.width), grown(yRange, box.height), zoom);
}

/** The largest box of a given shape (width over height) at the upper left of another. */
export function fitted({ left, top, width, height }, shape) {
  const wide = Math.min(width, shape * height);
  return { left, top, width: wide, height: wide / shape };
}
