/**
 * What is marked on an image: shapes in pixels of the upright image, in the order in which they were drawn. All are immutable.
 * A pixel is in a shape where its centre is, as the job's masks have it.
 */

/** Some of an image's pixels, one byte each: 1 in the shape, 0 not. Pixels beyond are left out. */
export class Bitmap {
  constructor({left, top, right, bottom}) {
    Object.assign(this, {left, top, right, bottom, width: Math.max(0, right - left), height: Math.max(0, bottom - top)});
    this.data = new Uint8Array(this.width * this.height);
  }

  /** Sets a row's pixels from one up to another, which is not set. */
  span(y, from, to, value) {
    if (y >= this.top && y < this.bottom) {
      const row = (y - this.top) * this.width - this.left;
      const start = Math.max(from, this.left);
      const end = Math.min(to, this.right);
      if (start < end) {
        this.data.fill(value, row + start, row + end);
      }
    }
  }

  count() {
    let n = 0;
    for (const v of this.data) {
      n += v;
    }
    return n;
  }
}

const EMPTY = {left: 0, top: 0, right: 0, bottom: 0};

const isEmpty = r => r.left >= r.right || r.top >= r.bottom;

const meet = (a, b) => ({left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right),
  bottom: Math.min(a.bottom, b.bottom)});

const join = (a, b) => isEmpty(a) ? b : isEmpty(b) ? a : {left: Math.min(a.left, b.left), top: Math.min(a.top, b.top),
  right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom)};

/** The whole pixels around points [x, y]. */
function around(points, more) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return {left: Math.floor(left - more), top: Math.floor(top - more), right: Math.ceil(right + more), bottom: Math.ceil(bottom + more)};
}

/** A way of the brush, or of the eraser: all that is no further from its points' line than half its size. */
export class Stroke {
  constructor(points, size, erases) {
    Object.assign(this, {points, size, erases, bounds: around(points, size / 2)});
  }

  fill(bitmap, value) {
    const r = this.size / 2;
    const p = this.points;
    for (let i = p.length > 1 ? 1 : 0; i < p.length; i++) {
      fillCapsule(bitmap, p[Math.max(0, i - 1)], p[i], r, value);
    }
  }

  paint(context) {
    context.globalCompositeOperation = this.erases ? 'destination-out' : 'source-over';
    context.lineWidth = this.size;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...this.points[0]);
    // A line to where it begins is a dot.
    for (const [x, y] of this.points) {
      context.lineTo(x, y);
    }
    context.stroke();
    context.globalCompositeOperation = 'source-over';
  }
}

/** The pixels that are no further than r from the line from a to b. It is convex: one span in each row. */
function fillCapsule(bitmap, [ax, ay], [bx, by], r, value) {
  const length = Math.hypot(bx - ax, by - ay);
  const nx = length === 0 ? 0 : -(by - ay) / length * r;
  const ny = length === 0 ? 0 : (bx - ax) / length * r;
  const sides = [[ax + nx, ay + ny], [bx + nx, by + ny], [bx - nx, by - ny], [ax - nx, ay - ny]];
  const top = Math.max(bitmap.top, Math.floor(Math.min(ay, by) - r));
  const bottom = Math.min(bitmap.bottom, Math.ceil(Math.max(ay, by) + r));
  for (let y = top; y < bottom; y++) {
    const centre = y + 0.5;
    let low = Infinity;
    let high = -Infinity;
    for (const [x, cy] of [[ax, ay], [bx, by]]) {
      const square = r * r - (centre - cy) * (centre - cy);
      if (square >= 0) {
        low = Math.min(low, x - Math.sqrt(square));
        high = Math.max(high, x + Math.sqrt(square));
      }
    }
    for (let i = 0; i < 4; i++) {
      const [x0, y0] = sides[i];
      const [x1, y1] = sides[(i + 1) % 4];
      if ((y0 <= centre) !== (y1 <= centre)) {
        const x = x0 + (centre - y0) / (y1 - y0) * (x1 - x0);
        low = Math.min(low, x);
        high = Math.max(high, x);
      }
    }
    bitmap.span(y, Math.ceil(low - 0.5), Math.floor(high - 0.5) + 1, value);
  }
}

/** A rectangle of whole pixels. */
export class Box {
  constructor(left, top, right, bottom) {
    this.bounds = {left, top, right, bottom};
  }

  fill(bitmap, value) {
    const {left, top, right, bottom} = this.bounds;
    for (let y = top; y < bottom; y++) {
      bitmap.span(y, left, right, value);
    }
  }

  paint(context) {
    const {left, top, right, bottom} = this.bounds;
    context.fillRect(left, top, right - left, bottom - top);
  }
}

/** What a line encloses, by the even-odd rule. */
export class Lasso {
  constructor(points) {
    Object.assign(this, {points, bounds: around(points, 0)});
  }

  fill(bitmap, value) {
    const p = this.points;
    const top = Math.max(bitmap.top, this.bounds.top);
    const bottom = Math.min(bitmap.bottom, this.bounds.bottom);
    for (let y = top; y < bottom; y++) {
      const centre = y + 0.5;
      const crossings = [];
      for (let i = 0; i < p.length; i++) {
        const [x0, y0] = p[i];
        const [x1, y1] = p[(i + 1) % p.length];
        if ((y0 <= centre) !== (y1 <= centre)) {
          crossings.push(x0 + (centre - y0) / (y1 - y0) * (x1 - x0));
        }
      }
      crossings.sort((a, b) => a - b);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        bitmap.span(y, Math.ceil(crossings[i] - 0.5), Math.ceil(crossings[i + 1] - 0.5), value);
      }
    }
  }

  paint(context) {
    context.beginPath();
    this.points.forEach(([x, y]) => context.lineTo(x, y));
    context.fill('evenodd');
  }
}

/** What an automatic kind found. */
export class Found {
  /**
   * @param kind of the job's masks: text, scratches or watermark
   * @param settings its keys in the job, by name
   * @param mark the file that it looked for; null where it needs none
   * @param count how many were found
   * @param runs y, from, to of each run of pixels, one after the other
   * @param outline the same as a path
   */
  constructor({kind, settings, mark = null, count, runs, outline}) {
    Object.assign(this, {kind, settings, mark, count, runs, outline});
    let bounds = EMPTY;
    for (let i = 0; i < runs.length; i += 3) {
      bounds = join(bounds, {left: runs[i + 1], top: runs[i], right: runs[i + 2], bottom: runs[i] + 1});
    }
    this.bounds = bounds;
  }

  /** The same find, told otherwise in the job. */
  with(settings) {
    return new Found({...this, settings});
  }

  fill(bitmap, value) {
    for (let i = 0; i < this.runs.length; i += 3) {
      bitmap.span(this.runs[i], this.runs[i + 1], this.runs[i + 2], value);
    }
  }

  paint(context) {
    context.fill(this.outline, 'evenodd');
  }
}

const whole = image => ({left: 0, top: 0, right: image.width, bottom: image.height});

/**
 * What is left of some shapes after the erasers that came later.
 *
 * @param shapes all, in order
 * @param wanted which of those that add
 * @param image its width and height
 */
export function rasterise(shapes, wanted, image) {
  const adds = shape => !shape.erases && wanted(shape);
  const bounds = shapes.filter(adds).reduce((all, shape) => join(all, shape.bounds), EMPTY);
  const bitmap = new Bitmap(meet(bounds, whole(image)));
  for (const shape of shapes) {
    if (adds(shape) || shape.erases && !isEmpty(meet(shape.bounds, bitmap))) {
      shape.fill(bitmap, shape.erases ? 0 : 1);
    }
  }
  return bitmap;
}

/** Whether an eraser took something of a shape. */
export function isCut(shapes, shape, image) {
  const later = shapes.slice(shapes.indexOf(shape) + 1);
  if (!later.some(other => other.erases && !isEmpty(meet(other.bounds, shape.bounds)))) {
    return false;
  }
  const one = other => other === shape;
  return rasterise([shape, ...later], one, image).count() < rasterise([shape], one, image).count();
}
