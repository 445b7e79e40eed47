/** Marks what is to be repaired: the tools, and what can be undone. */
import {Box, Found, Lasso, Stroke} from './shapes.js';
import {simplify} from './trace.js';

/** Tools that have a size. */
const SIZED = new Set(['brush', 'eraser']);
/** A rectangle or lasso that is smaller on the screen, in CSS pixels, was a slip. */
const SLIP = 3;
/** Points that are nearer on the screen say nothing more. */
const NEAR = 0.7;

const clamp = (v, least, most) => Math.max(least, Math.min(most, v));

export class Editor {
  tool = 'brush';
  brush = 40;
  #steps = [[]];
  #step = 0;
  #points = null;
  #hover = null;
  #byKeys = false;
  #stage;
  #ring;
  #onChange;

  /**
   * @param stage it draws on
   * @param ring element that shows the brush
   * @param onChange told whenever something is marked, or the tool or its size is another
   */
  constructor(stage, ring, onChange) {
    this.#stage = stage;
    this.#ring = ring;
    this.#onChange = onChange;
  }

  /** For an image on which nothing is marked yet. */
  reset({width, height}) {
    this.#steps = [[]];
    this.#step = 0;
    this.#points = null;
    this.most = Math.max(64, Math.round(Math.min(width, height) / 2));
    this.resize(Math.round(Math.min(width, height) / 14));
  }

  /** All that is marked, in order. */
  get shapes() {
    return this.#steps[this.#step];
  }

  get canUndo() {
    return this.#step > 0;
  }

  get canRedo() {
    return this.#step + 1 < this.#steps.length;
  }

  /** Goes back, -1, or forth, 1. */
  go(by) {
    this.cancel();
    this.#step = clamp(this.#step + by, 0, this.#steps.length - 1);
    this.#changed();
  }

  /** Lets other shapes be marked, which can be undone. */
  set(shapes) {
    this.#steps = [...this.#steps.slice(0, this.#step + 1), shapes];
    this.#step++;
    this.#changed();
  }

  /** Adds what was found, in the place of what its kind had found before; null takes that away. */
  find(kind, found) {
    const others = this.shapes.filter(shape => !(shape instanceof Found && shape.kind === kind));
    this.set(found === null ? others : [...others, found]);
  }

  /** What a kind has found; undefined where it was not asked. */
  found(kind) {
    return this.shapes.find(shape => shape instanceof Found && shape.kind === kind);
  }

  /** Tells a find otherwise in the job, as the same step. */
  retell(kind, settings) {
    this.#steps[this.#step] = this.shapes.map(shape => shape === this.found(kind) ? shape.with(settings) : shape);
    this.#changed();
  }

  take(tool) {
    this.cancel();
    this.tool = tool;
    this.#changed();
  }

  /** The brush's width in pixels of the image. */
  resize(size) {
    this.brush = clamp(Math.round(size), 1, this.most);
    this.#changed();
  }

  /** Larger or smaller by so many steps. */
  size(steps) {
    const next = Math.round(this.brush * 1.15 ** steps);
    this.resize(next === this.brush ? this.brush + Math.sign(steps) : next);
  }

  begin(point) {
    this.#points = [this.#inside(point)];
    this.#stage.repaint();
  }

  move(points) {
    for (const point of points.map(p => this.#inside(p))) {
      const [x, y] = this.#points.at(-1);
      if (Math.hypot(point[0] - x, point[1] - y) * this.#stage.scale >= NEAR) {
        this.#points.push(point);
      }
    }
    this.#stage.repaint();
  }

  end() {
    const shape = this.#shape();
    this.#points = null;
    if (shape === null) {
      this.#stage.repaint();
    } else {
      this.set([...this.shapes, shape]);
    }
  }

  cancel() {
    this.#points = null;
    this.#stage.repaint();
  }

  get isDrawing() {
    return this.#points !== null;
  }

  /**
   * Shows where it would draw.
   *
   * @param byKeys a pointer shows itself where the tool has no size
   */
  hover(point, byKeys = false) {
    this.#hover = point;
    this.#byKeys = byKeys;
    this.#showRing();
  }

  paint(stage) {
    const {base, marks, picture} = stage;
    stage.clear(base);
    stage.draw(base, picture);
    stage.clear(marks);
    marks.save();
    marks.beginPath();
    marks.rect(0, 0, picture.width, picture.height);
    marks.clip();
    marks.fillStyle = marks.strokeStyle = getComputedStyle(stage.element).getPropertyValue('--hole');
    const drawn = this.isDrawing ? this.#shape(true) : null;
    for (const shape of drawn === null ? this.shapes : [...this.shapes, drawn]) {
      shape.paint(marks);
    }
    marks.restore();
    this.#showRing();
  }

  /** The brush goes on beyond the image; the corners of rectangles and lassos do not. Tenths of a pixel are enough. */
  #inside([x, y]) {
    const round = v => Math.round(10 * v) / 10;
    const {width, height} = this.#stage.picture;
    return SIZED.has(this.tool) ? [round(x), round(y)] : [round(clamp(x, 0, width)), round(clamp(y, 0, height))];
  }

  /** What the points make with the tool; null where that is too little. */
  #shape(unfinished = false) {
    const points = this.#points;
    if (SIZED.has(this.tool)) {
      return new Stroke(unfinished ? points : simplify(points, 0.25, false), this.brush, this.tool === 'eraser');
    }
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const least = SLIP / this.#stage.scale;
    if (this.tool === 'box') {
      const [x, y] = points[0];
      const [toX, toY] = points.at(-1);
      return Math.abs(toX - x) < least && Math.abs(toY - y) < least || toX === x || toY === y ? null
        : new Box(Math.floor(Math.min(x, toX)), Math.floor(Math.min(y, toY)), Math.ceil(Math.max(x, toX)), Math.ceil(Math.max(y, toY)));
    }
    if (unfinished) {
      return new Lasso(points);
    }
    const flat = Math.max(...xs) - Math.min(...xs) < least || Math.max(...ys) - Math.min(...ys) < least;
    return points.length < 3 || flat ? null : new Lasso(simplify(points, 0.5, true));
  }

  #showRing() {
    const sized = SIZED.has(this.tool);
    const shown = this.#hover !== null && (sized || this.#byKeys) && this.#stage.scene === this;
    this.#ring.hidden = !shown;
    this.#ring.classList.toggle('cross', !sized);
    this.#stage.element.classList.toggle('ringed', shown);
    if (shown) {
      const {scale, x, y} = this.#stage;
      const size = sized ? Math.max(4, this.brush * scale) : 24;
      this.#ring.style.width = this.#ring.style.height = size + 'px';
      this.#ring.style.transform = `translate(${this.#hover[0] * scale + x - size / 2}px, ${this.#hover[1] * scale + y - size / 2}px)`;
    }
  }

  #changed() {
    this.#stage.repaint();
    this.#onChange();
  }
}
