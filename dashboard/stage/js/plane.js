/** The part of the home range that is in view; all of it at first. */
export const WHOLE = Object.freeze({ left: 0, right: 1, bottom: 0, top: 1 });

/** A box of the sheet as a window on data coordinates; both axes may be logarithmic. */
export class Plane {
  constructor(box, xRange, yRange, zoom = WHOLE, logY = false, logX = false) {
    const [u0, u1] = logX ? xRange.map(Math.log10) : xRange;
    const [v0, v1] = logY ? yRange.map(Math.log10) : yRange;
    const { left, top, width, height } = box;
    this.box = { left, top, width, height, right: left + width, bottom: top + height };
    this.logX = logX;
    this.logY = logY;
    this.u0 = u0 + zoom.left * (u1 - u0);
    this.v0 = v0 + zoom.bottom * (v1 - v0);
    this.perU = width / ((zoom.right - zoom.left) * (u1 - u0));
    this.perV = height / ((zoom.top - zoom.bottom) * (v1 - v0));
  }

  px(x) {
    return this.box.left + ((this.logX ? Math.log10(x) : x) - this.u0) * this.perU;
  }

  py(y) {
    return this.box.bottom - ((this.logY ? Math.log10(y) : y) - this.v0) * this.perV;
  }

  x(px) {
    const u = this.u0 + (px - this.box.left) / this.perU;
    return this.logX ? 10 ** u : u;
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
