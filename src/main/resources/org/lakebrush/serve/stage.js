/** Where an image is drawn: zoomed, panned, and touched. */

const SMALLEST = 1 / 64;
const LARGEST = 32;
/** What is kept free around an image that is fitted, in CSS pixels. */
const RIM = 16;
/** An image is not fitted to more than so many CSS pixels a pixel. */
const FITTED = 3;
/** Image pixels that are at least so large on the screen are drawn as squares. */
const SQUARES = 3;

/**
 * Two canvases over one another, the picture and what is marked on it, and the gestures: one finger or button is the scene's; two fingers,
 * the middle button, or the space bar with a button pan, and the wheel and two fingers zoom.
 *
 * <p>A scene has paint(stage), begin(point), move(points), end(), cancel(), hover(point or null) and size(steps); points are [x, y] in
 * pixels of the image.
 */
export class Stage {
  scale = 1;
  x = 0;
  y = 0;
  picture = null;
  scene = null;
  #pointers = new Map();
  #drawing = null;
  #space = false;
  #fitted = true;
  #frame = 0;
  #paper;
  #onView;

  /**
   * @param onView told whenever the view changes
   */
  constructor(element, onView) {
    this.element = element;
    this.#onView = onView;
    [this.base, this.marks] = [...element.querySelectorAll('canvas')].map(canvas => canvas.getContext('2d'));
    this.#paper = element.querySelector('.paper');
    new ResizeObserver(() => this.#resize()).observe(element);
    const listen = (type, listener) => element.addEventListener(type, listener.bind(this));
    listen('pointerdown', this.#down);
    listen('pointermove', this.#moved);
    listen('pointerup', event => this.#up(event, false));
    listen('pointercancel', event => this.#up(event, true));
    listen('pointerleave', () => this.scene?.hover(null));
    listen('wheel', this.#wheel);
    // The middle button would scroll the page.
    listen('mousedown', event => event.button === 1 && event.preventDefault());
    addEventListener('keydown', event => this.#hold(event));
    addEventListener('keyup', event => event.code === 'Space' && this.#letGo());
    addEventListener('blur', () => this.#letGo());
  }

  /** CSS pixels. */
  get width() {
    return this.element.clientWidth;
  }

  get height() {
    return this.element.clientHeight;
  }

  /** Whether it has a picture. */
  get isOpen() {
    return this.picture !== null;
  }

  /** Shows a picture, fitted, or as the one before it where that has the same size. */
  show(picture, scene) {
    const same = this.isOpen && picture.width === this.picture.width && picture.height === this.picture.height;
    this.#drop();
    Object.assign(this, {picture, scene});
    if (same) {
      this.repaint();
    } else {
      this.fit();
    }
  }

  fit() {
    if (this.isOpen) {
      const {width, height} = this.picture;
      this.scale = Math.max(SMALLEST, Math.min(FITTED, (this.width - 2 * RIM) / width, (this.height - 2 * RIM) / height));
      this.x = (this.width - width * this.scale) / 2;
      this.y = (this.height - height * this.scale) / 2;
      this.#fitted = true;
      this.#changed();
    }
  }

  /** Zooms by a factor around a place of the stage, its middle where none is given. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    if (this.isOpen) {
      const scale = Math.max(SMALLEST, Math.min(LARGEST, this.scale * factor));
      this.pan(x - (x - this.x) / this.scale * scale - this.x, y - (y - this.y) / this.scale * scale - this.y, scale);
    }
  }

  /** Moves the picture; some of it stays in sight. */
  pan(dx, dy, scale = this.scale) {
    const keep = (at, length, extent) => Math.max(Math.min(60, length) - length, Math.min(extent - Math.min(60, length), at));
    this.scale = scale;
    this.x = keep(this.x + dx, this.picture.width * scale, this.width);
    this.y = keep(this.y + dy, this.picture.height * scale, this.height);
    this.#fitted = false;
    this.#changed();
  }

  /** Moves the picture where a point of it would be out of sight. */
  reveal([px, py]) {
    const off = (at, extent) => at < 20 ? 20 - at : at > extent - 20 ? extent - 20 - at : 0;
    const [dx, dy] = [off(this.x + px * this.scale, this.width), off(this.y + py * this.scale, this.height)];
    if (dx !== 0 || dy !== 0) {
      this.pan(dx, dy);
    }
  }

  /** The image's point at a place of the stage. */
  point(x, y) {
    return [(x - this.x) / this.scale, (y - this.y) / this.scale];
  }

  /** The image's part that is seen, in its pixels. */
  get visible() {
    const [left, top] = this.point(0, 0);
    const [right, bottom] = this.point(this.width, this.height);
    return {left: Math.max(0, left), top: Math.max(0, top), right: Math.min(this.picture.width, right),
      bottom: Math.min(this.picture.height, bottom)};
  }

  /** Draws all again, before the screen's next frame. */
  repaint() {
    if (this.#frame === 0) {
      this.#frame = requestAnimationFrame(() => {
        this.#frame = 0;
        if (this.isOpen) {
          this.scene.paint(this);
        }
      });
    }
  }

  /** Empties a canvas, and lets it take the image's pixels for coordinates. */
  clear(context) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    const dpr = devicePixelRatio;
    context.setTransform(this.scale * dpr, 0, 0, this.scale * dpr, this.x * dpr, this.y * dpr);
  }

  /** Draws what is seen of a picture, between two columns of the image. */
  draw(context, picture, from = 0, to = picture.width) {
    const seen = this.visible;
    const left = Math.max(seen.left, from);
    const [width, height] = [Math.min(seen.right, to) - left, seen.bottom - seen.top];
    if (width > 0 && height > 0) {
      const scale = this.scale * devicePixelRatio;
      const bitmap = picture.level(scale);
      const [kx, ky] = [bitmap.width / picture.width, bitmap.height / picture.height];
      context.imageSmoothingEnabled = scale < SQUARES;
      context.imageSmoothingQuality = scale < 1 ? 'high' : 'low';
      context.drawImage(bitmap, left * kx, seen.top * ky, width * kx, height * ky, left, seen.top, width, height);
    }
  }

  #resize() {
    for (const {canvas} of [this.base, this.marks]) {
      canvas.width = Math.round(this.width * devicePixelRatio);
      canvas.height = Math.round(this.height * devicePixelRatio);
    }
    if (this.isOpen) {
      if (this.#fitted) {
        this.fit();
      } else {
        this.pan(0, 0);
      }
      // An emptied canvas would be seen until the next frame.
      this.scene.paint(this);
    }
  }

  #changed() {
    this.#paper.style.width = this.picture.width * this.scale + 'px';
    this.#paper.style.height = this.picture.height * this.scale + 'px';
    this.#paper.style.transform = `translate(${this.x}px, ${this.y}px)`;
    this.#onView();
    this.repaint();
  }

  #at(event) {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (!this.isOpen || event.button > 1) {
      return;
    }
    this.element.setPointerCapture(event.pointerId);
    const pans = event.button === 1 || this.#space;
    this.#pointers.set(event.pointerId, {at: this.#at(event), pans});
    if (this.#pointers.size > 1) {
      this.#drop();
    } else if (!pans) {
      this.#drawing = event.pointerId;
      this.scene.begin(this.point(...this.#at(event)));
    }
  }

  #moved(event) {
    if (!this.isOpen) {
      return;
    }
    const at = this.#at(event);
    const pointer = this.#pointers.get(event.pointerId);
    this.scene.hover(event.pointerType === 'touch' || this.#space ? null : this.point(...at));
    if (pointer === undefined) {
      return;
    }
    if (this.#pointers.size === 2) {
      this.#pinch(event.pointerId, at);
    } else if (pointer.pans) {
      this.pan(at[0] - pointer.at[0], at[1] - pointer.at[1]);
    } else if (this.#drawing === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      this.scene.move((all.length > 0 ? all : [event]).map(one => this.point(...this.#at(one))));
    }
    pointer.at = at;
  }

  /** What was between two fingers stays between them. */
  #pinch(id, [x, y]) {
    const {at: [oldX, oldY]} = this.#pointers.get(id);
    const [, {at: [otherX, otherY]}] = [...this.#pointers].find(([other]) => other !== id);
    const before = Math.hypot(oldX - otherX, oldY - otherY);
    const now = Math.hypot(x - otherX, y - otherY);
    this.pan((x - oldX) / 2, (y - oldY) / 2);
    if (before > 0 && now > 0) {
      this.zoom(now / before, (x + otherX) / 2, (y + otherY) / 2);
    }
  }

  #up(event, cancelled) {
    this.#pointers.delete(event.pointerId);
    if (this.#drawing === event.pointerId) {
      if (cancelled) {
        this.#drop();
      } else {
        this.#drawing = null;
        this.scene.end();
      }
    }
  }

  /** Gives up what is being drawn. */
  #drop() {
    if (this.#drawing !== null) {
      this.#drawing = null;
      this.scene.cancel();
    }
  }

  #wheel(event) {
    event.preventDefault();
    if (!this.isOpen) {
      return;
    }
    // With Shift some systems turn the wheel sideways.
    const delta = (event.deltaY || event.deltaX) * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1);
    if (event.shiftKey) {
      this.scene.size(-Math.sign(delta));
    } else {
      // A pinch on a touch pad comes as a wheel with Ctrl, in small steps.
      this.zoom(Math.exp(-delta * (event.ctrlKey ? 0.01 : 0.0016)), ...this.#at(event));
    }
  }

  #hold(event) {
    if (event.code === 'Space' && this.isOpen && !event.target.closest('button, input, select, summary, a, dialog, pre')) {
      event.preventDefault();
      this.#space = true;
      this.element.classList.add('panning');
      this.scene.hover(null);
    }
  }

  #letGo() {
    this.#space = false;
    this.element.classList.remove('panning');
  }
}
