/** Before on the left of a line, after on its right. */

export class Compare {
  /** Where the line is, as a share of what is seen of the picture's width. */
  cut = 0.5;
  #before;
  #after;
  #stage;
  #line;
  #onCut;

  /**
   * @param line element that shows where the line is
   * @param onCut told where it was moved by the pointer
   */
  constructor(stage, before, after, line, onCut) {
    this.#stage = stage;
    this.#before = before;
    this.#after = after;
    this.#line = line;
    this.#onCut = onCut;
  }

  paint(stage) {
    const {left, right} = stage.visible;
    const at = left + this.cut * (right - left);
    stage.clear(stage.base);
    stage.draw(stage.base, this.#before, 0, at);
    stage.draw(stage.base, this.#after, at);
    stage.clear(stage.marks);
    this.#line.style.transform = `translateX(${at * stage.scale + stage.x}px)`;
  }

  /** Moves the line. */
  to(cut) {
    this.cut = Math.max(0, Math.min(1, cut));
    this.#stage.repaint();
  }

  begin([x]) {
    const {left, right} = this.#stage.visible;
    this.to((x - left) / (right - left));
    this.#onCut();
  }

  move(points) {
    this.begin(points.at(-1));
  }

  end() {}

  cancel() {}

  hover() {}

  size(steps) {
    this.to(this.cut + 0.02 * steps);
    this.#onCut();
  }

  /** Frees the picture after. */
  close() {
    this.#after.close();
  }
}
