/** The automatic kinds of masks. */
import {file, post} from './api.js';
import {runs} from './picture.js';
import {Bitmap, Found} from './shapes.js';
import {polygons, rings} from './trace.js';
import {$, busy, say, tell} from './ui.js';

const MARK = 'mark.png';
/** How far a drawn outline may lie off the pixels. */
const DRAWN = 0.5;

const rowOf = kind => document.querySelector(`.finder[data-kind=${kind}]`);

export class Finders {
  #editor;
  #image;
  #mark = null;

  /**
   * @param image gives what is open: file, name, width, height
   */
  constructor(editor, image) {
    this.#editor = editor;
    this.#image = image;
    for (const row of document.querySelectorAll('.finder')) {
      const {kind} = row.dataset;
      row.querySelector('.find').addEventListener('click', () => editor.found(kind) ? editor.find(kind, null) : this.#find(kind));
      row.addEventListener('change', event => this.#set(kind, event.target.name));
      row.addEventListener('input', () => this.show());
    }
    $('mark-choose').addEventListener('click', () => $('mark').click());
    $('mark').addEventListener('change', () => this.#take($('mark').files[0]));
    this.show();
  }

  /** Shows what was found. */
  show() {
    for (const row of document.querySelectorAll('.finder')) {
      const found = this.#editor.found(row.dataset.kind);
      const state = row.querySelector('.state');
      const button = row.querySelector('.find');
      const word = found ? 'Remove' : row.dataset.kind === 'watermark' && this.#mark === null ? 'Choose' : 'Find';
      state.textContent = found === undefined ? state.dataset.about : found.count > 0 ? found.count + ' found' : 'None in this image';
      row.classList.toggle('found', found !== undefined);
      button.textContent = word;
      button.setAttribute('aria-label', word + ' ' + row.querySelector('h3').textContent.toLowerCase());
      for (const output of row.querySelectorAll('output')) {
        output.textContent = output.previousElementSibling.value + '%';
      }
    }
  }

  /** A kind's keys in a job. */
  #settings(kind) {
    const row = rowOf(kind);
    const value = name => row.querySelector(`[name=${name}]`).value;
    switch (kind) {
      case 'text':
        return {confidence: value('confidence')};
      case 'scratches':
        return {polarity: value('polarity'), sensitivity: value('sensitivity')};
      default:
        return {file: MARK, min_scale: value('min_scale') + '%', max_scale: value('max_scale') + '%',
          unblend: row.querySelector('[name=unblend]').checked ? 'on' : 'off'};
    }
  }

  /** What was found with other settings is looked for again; but for how it is repaired, which finds nothing else. */
  #set(kind, name) {
    if (!name || !this.#editor.found(kind)) {
      return;
    }
    if (name === 'unblend') {
      this.#editor.retell(kind, this.#settings(kind));
    } else {
      this.#find(kind);
    }
  }

  #take(mark) {
    $('mark').value = '';
    if (mark !== undefined) {
      this.#mark = mark;
      URL.revokeObjectURL($('mark-shown').src);
      $('mark-shown').src = URL.createObjectURL(mark);
      $('mark-shown').alt = mark.name;
      $('mark-shown').hidden = false;
      this.#find('watermark');
    }
  }

  async #find(kind) {
    if (kind === 'watermark' && this.#mark === null) {
      $('mark').click();
      return;
    }
    const wrong = rowOf(kind).querySelector(':invalid');
    if (wrong !== null) {
      rowOf(kind).querySelector('details').open = true;
      wrong.reportValidity();
      return;
    }
    const {file: image, name, width, height} = this.#image();
    const mark = kind === 'watermark' ? this.#mark : null;
    const settings = this.#settings(kind);
    // Where the mark is, also where it will be solved for.
    const keys = Object.entries({...settings, ...mark === null ? {} : {unblend: 'off'}}).map(([key, value]) => `, ${key}: ${value}`);
    const job = `masks: [{kind: ${kind}${keys.join('')}}]\nmask: {grow: 0, feather: 0}\n`;
    const parts = [['image', image, name], ['job', job], ...mark === null ? [] : [['file', mark, MARK]]];
    const found = await busy(`Looking for ${kind === 'watermark' ? 'the mark' : kind}`, () => this.#find(kind), async signal => {
      const answer = await post('api/mask', parts, signal);
      if (answer.width !== width || answer.height !== height) {
        throw new Error(`This browser shows the image with ${width} x ${height} pixels, the server reads ${answer.width} x`
          + ` ${answer.height}: save it anew, upright, and open that.`);
      }
      const marked = await runs(file(answer));
      const count = answer.found.reduce((n, one) => n + one.count, 0);
      const shape = new Found({kind, settings, mark, count, runs: marked, outline: new Path2D()});
      return new Found({...shape, outline: outline(shape)});
    });
    if (found !== null) {
      this.#editor.find(kind, found);
      if (found.count === 0) {
        tell('look', `No ${kind} found`, 'In this image there is none that it is sure of. Its settings may be too strict. A job keeps'
          + ' looking for it in other images.');
      }
      say(`${found.count} found`);
    }
  }
}

function outline(shape) {
  const bitmap = new Bitmap(shape.bounds);
  shape.fill(bitmap, 1);
  const path = new Path2D();
  for (const points of polygons(rings(bitmap), DRAWN)) {
    points.forEach(([x, y], i) => i === 0 ? path.moveTo(x, y) : path.lineTo(x, y));
    path.closePath();
  }
  return path;
}
