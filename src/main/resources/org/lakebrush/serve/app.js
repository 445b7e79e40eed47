/** The page: opens images, and hands what is asked for on. */
import {file, onUnauthorized, post} from './api.js';
import {Compare} from './compare.js';
import {Editor} from './editor.js';
import {Finders} from './finders.js';
import {isDefault, write} from './job.js';
import {open} from './picture.js';
import {Stage} from './stage.js';
import {$, askForToken, busy, complain, copy, hush, isWorking, save, say, tell} from './ui.js';

const stage = new Stage($('stage'), showView);
const editor = new Editor(stage, $('ring'), showMarks);
/** What is open: file, name, picture; null before the first. */
let image = null;
/** What was repaired: blob, name, picture, answer; null while there is none. */
let result = null;
let compare = null;
/** The server's model; empty until that is known. */
let model = '';
const finders = new Finders(editor, () => ({file: image.file, name: image.name, ...sizeOf(image.picture)}));

const sizeOf = ({width, height}) => ({width, height});
const checked = id => $(id).checked ? 'on' : 'off';
const settings = () => ({grow: $('grow').value, feather: $('feather').value, seam: checked('seam'), grain: checked('grain'),
  descreen: $('descreen').value});
const stem = name => name.replace(/\.[^.]*$/, '') || name;
const number = (value, places = 0) => value.toLocaleString('en', {maximumFractionDigits: places});

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** empty, edit or result. */
function enter(state) {
  document.body.dataset.state = state;
  $('line').hidden = state !== 'result';
  $('empty').hidden = state !== 'empty';
  $('stage').setAttribute('aria-label', state === 'result' ? 'Before and after' : 'Picture to mark');
}

// Opening

async function take(blob, name) {
  const picture = await busy('Opening', () => take(blob, name), signal => open(blob, name, signal).catch(e => {
    throw Object.assign(e, {title: name + ' cannot be opened'});
  }));
  if (picture !== null) {
    begin(blob, name, picture);
    say(`${name}, ${picture.width} by ${picture.height} pixels`);
  }
}

/** Begins with an image; what was open before is closed. */
function begin(blob, name, picture) {
  image?.picture.close();
  if (result !== null && result.picture !== picture) {
    result.picture.close();
  }
  result = null;
  image = {file: blob, name, picture};
  enter('edit');
  cursor = null;
  editor.reset(picture);
  stage.show(picture, editor);
  stage.fit();
  $('what').textContent = '';
  $('what').append(element('b', name), ` ${number(picture.width)} × ${number(picture.height)}`);
  document.title = name + ' - Lakebrush';
  $('stage').focus({preventScroll: true});
}

function takeFirst(files) {
  const [first] = files;
  if (first && !isWorking()) {
    take(first, first.name || 'pasted.png');
  }
}

$('open').addEventListener('click', () => $('file').click());
$('choose').addEventListener('click', () => $('file').click());
$('file').addEventListener('change', () => {
  takeFirst($('file').files);
  $('file').value = '';
});
addEventListener('paste', event => {
  if (event.clipboardData.files.length > 0) {
    event.preventDefault();
    takeFirst(event.clipboardData.files);
  }
});
const bringsFiles = event => event.dataTransfer?.types.includes('Files');
addEventListener('dragover', event => {
  if (bringsFiles(event)) {
    event.preventDefault();
    $('drop').hidden = false;
  }
});
addEventListener('dragleave', event => {
  $('drop').hidden = event.relatedTarget === null;
});
addEventListener('drop', event => {
  $('drop').hidden = true;
  if (bringsFiles(event)) {
    event.preventDefault();
    takeFirst(event.dataTransfer.files);
  }
});

// Marking

/** The brush's size as a place of its slider, and back: each step is a share of the size. */
const toSlider = size => 100 * Math.log(size) / Math.log(editor.most);
const fromSlider = place => editor.most ** (place / 100);

function showMarks() {
  const {shapes} = editor;
  const sized = editor.tool === 'brush' || editor.tool === 'eraser';
  $('tool-' + editor.tool).checked = true;
  $('undo').disabled = !editor.canUndo;
  $('redo').disabled = !editor.canRedo;
  $('clear').disabled = shapes.length === 0;
  $('sizing').classList.toggle('off', !sized);
  $('size').disabled = !sized;
  if (Math.round(fromSlider($('size').value)) !== editor.brush) {
    $('size').value = toSlider(editor.brush);
  }
  $('size-said').textContent = editor.brush + ' px';
  $('size').setAttribute('aria-valuetext', editor.brush + ' pixels');
  const any = shapes.some(shape => !shape.erases) || $('descreen').value !== 'off';
  $('ready').textContent = any ? '' : 'Mark what is to be repaired.';
  $('repair').disabled = !any;
  document.querySelectorAll('.save').forEach(button => {
    button.disabled = !any;
  });
  finders.show();
}

function showView() {
  $('zoom-whole').textContent = number(100 * stage.scale, stage.scale < 0.1 ? 1 : 0) + '%';
  $('zoom-whole').setAttribute('aria-label', $('zoom-whole').textContent + ', show a pixel for a pixel');
}

for (const radio of document.querySelectorAll('[name=tool]')) {
  radio.addEventListener('change', () => editor.take(radio.value));
}
$('size').addEventListener('input', () => editor.resize(fromSlider($('size').value)));
$('undo').addEventListener('click', () => step(-1));
$('redo').addEventListener('click', () => step(1));
$('clear').addEventListener('click', () => editor.set([]));
$('zoom-in').addEventListener('click', () => stage.zoom(1.25));
$('zoom-out').addEventListener('click', () => stage.zoom(0.8));
$('zoom-fit').addEventListener('click', () => stage.fit());
$('zoom-whole').addEventListener('click', () => stage.zoom(1 / stage.scale / devicePixelRatio));
$('descreen').addEventListener('change', showMarks);

// The space bar pans again once a tool was chosen by the pointer.
for (const bar of document.querySelectorAll('.bar')) {
  bar.addEventListener('click', event => {
    if (event.detail > 0 && event.target.type !== 'range') {
      setTimeout(() => $('stage').focus({preventScroll: true}));
    }
  });
}

function step(by) {
  if (by < 0 ? editor.canUndo : editor.canRedo) {
    editor.go(by);
    say(by < 0 ? 'Undone' : 'Done again');
  }
}

// Keys

const TOOLS = {b: 'brush', e: 'eraser', r: 'box', l: 'lasso'};
const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
/** Where the keys draw, in pixels of the image; the middle of what is seen until they have moved it. */
let cursor = null;

function command(event) {
  const key = event.key.toLowerCase();
  const ctrl = event.ctrlKey || event.metaKey;
  const edits = document.body.dataset.state === 'edit';
  if (ctrl) {
    if (edits && (key === 'z' || key === 'y')) {
      return () => step(key === 'z' && !event.shiftKey ? -1 : 1);
    }
    return null;
  }
  if (edits && key in TOOLS) {
    return () => {
      editor.take(TOOLS[key]);
      say(document.querySelector(`label[for=tool-${editor.tool}]`).textContent);
    };
  }
  if (edits && (key === '[' || key === ']')) {
    return () => {
      editor.size(key === '[' ? -1 : 1);
      say(editor.brush + ' pixels');
    };
  }
  return {'+': () => stage.zoom(1.25), '=': () => stage.zoom(1.25), '-': () => stage.zoom(0.8), 0: () => stage.fit(),
    1: () => stage.zoom(1 / stage.scale / devicePixelRatio)}[key] ?? null;
}

function middle() {
  const {left, top, right, bottom} = stage.visible;
  return [Math.round((left + right) / 2), Math.round((top + bottom) / 2)];
}

/** Keys of the picture itself: a cursor that draws as a pointer does. */
function draw(event) {
  const edits = stage.scene === editor;
  if (event.key in ARROWS) {
    const [dx, dy] = ARROWS[event.key];
    if (!edits) {
      return () => slide(compare.cut + 0.02 * (dx - dy));
    }
    return () => {
      const far = event.shiftKey ? 1 : Math.max(1, Math.round(12 / stage.scale));
      const [x, y] = cursor ?? middle();
      cursor = [Math.max(0, Math.min(image.picture.width, x + far * dx)), Math.max(0, Math.min(image.picture.height, y + far * dy))];
      stage.reveal(cursor);
      editor.hover(cursor, true);
      if (editor.isDrawing) {
        editor.move([cursor]);
      }
      say(`${cursor[0]}, ${cursor[1]}`);
    };
  }
  if (edits && event.key === 'Enter') {
    return () => {
      if (editor.isDrawing) {
        editor.end();
        say('Marked');
      } else {
        cursor ??= middle();
        editor.hover(cursor, true);
        editor.begin(cursor);
        say('Drawing');
      }
    };
  }
  return edits && event.key === 'Escape' ? () => editor.cancel() : null;
}

addEventListener('keydown', event => {
  if (!stage.isOpen || event.altKey || isWorking() || event.target.closest('dialog')) {
    return;
  }
  const types = event.target.closest('input:not([type=radio], [type=checkbox], [type=range]), select');
  const act = event.target === stage.element ? draw(event) ?? command(event) : types ? null : command(event);
  if (act !== null) {
    event.preventDefault();
    act();
  }
});

// Repairing

const written = () => write(editor.shapes, settings(), {...sizeOf(image.picture), name: image.name}, model);

async function repair() {
  const wrong = document.querySelector('#tuning :invalid');
  if (wrong) {
    $('tuning').open = true;
    wrong.reportValidity();
    return;
  }
  const done = await busy('Repairing', repair, async signal => {
    const job = await written();
    const parts = [['image', image.file, image.name], ['job', job.repairText],
      ...job.repairFiles.map(one => ['file', one.blob, one.name])];
    const answer = await post('api/inpaint', parts, signal);
    if (answer.outcome === 'UNCHANGED') {
      return {answer};
    }
    const blob = file(answer);
    const extension = /\.[^.]+$/.exec(image.name)?.[0] ?? '.' + answer.format;
    return {answer, blob, name: stem(image.name) + '-repaired' + extension, picture: await open(blob, image.name, signal)};
  });
  if (done === null) {
    return;
  }
  if (!done.picture) {
    tell('look', 'Unchanged', ['Nothing was found to repair: the image is as it was.', ...done.answer.notes].join(' '));
    return;
  }
  result?.picture.close();
  result = done;
  showResult();
}

const OUTCOMES = {REPAIRED: ['good', 'Repaired', 'Move the line over the picture to compare.'],
  REVIEW: ['look', 'Look at it', 'Something of what was found can still be seen.']};
const seconds = ms => ms < 100 ? number(ms) + '\xa0ms' : number(ms / 1000, ms < 9950 ? 1 : 0) + '\xa0s';

function showResult() {
  const {answer, picture} = result;
  compare = new Compare(stage, image.picture, picture, $('line'), () => showCut());
  enter('result');
  stage.show(image.picture, compare);
  slide(0.5);
  const [tone, title, text] = OUTCOMES[answer.outcome];
  $('outcome').className = 'outcome ' + tone;
  $('outcome').textContent = title;
  $('outcome-text').textContent = text;
  const stages = Object.entries(answer.stages_ms).filter(([, ms]) => ms >= 1).map(([name, ms]) => `${name}\xa0${seconds(ms)}`);
  const facts = [
    ['Hole', number(100 * answer.hole_fraction, answer.hole_fraction < 0.1 ? 2 : 0) + '% of the image'],
    ...answer.found.map(({kind, count, confidence}) => ['Found', `${kind}: ${count}, ${number(100 * confidence)}% sure`]),
    ['Time', seconds(Object.values(answer.stages_ms).reduce((sum, ms) => sum + ms, 0)) + ` (${stages.join(', ')})`],
    ...answer.device ? [['Model', `${answer.model} on ${answer.device}`]] : [],
    ['File', `${result.name}, ${number(result.blob.size / 1000)}\xa0kB`],
  ];
  $('facts').replaceChildren(...facts.map(([term, fact]) => {
    const row = document.createElement('div');
    row.append(element('dt', term), element('dd', fact));
    return row;
  }));
  list('notes', answer.notes);
  scrollTo(0, 0);
  $('outcome').focus({preventScroll: true});
  say(title);
}

function list(id, texts) {
  $(id).replaceChildren(...texts.map(text => element('li', text)));
}

function showCut() {
  const before = Math.round(100 * compare.cut);
  $('cut').value = before;
  $('cut').setAttribute('aria-valuetext', `${before}% before, ${100 - before}% after`);
}

function slide(cut) {
  compare.to(cut);
  showCut();
}

$('repair').addEventListener('click', repair);
$('cut').addEventListener('input', () => slide($('cut').value / 100));
$('download').addEventListener('click', () => save(result.blob, result.name));
$('back').addEventListener('click', () => {
  hush();
  enter('edit');
  stage.show(image.picture, editor);
  $('stage').focus({preventScroll: true});
});
$('go-on').addEventListener('click', () => begin(result.blob, image.name, result.picture));

// Saving as a job

async function showJob() {
  try {
    const job = await written();
    const name = stem(image.name).replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '') || 'lakebrush';
    $('job-text').textContent = job.text;
    list('job-notes', job.notes);
    $('job-download').querySelector('span').textContent = name + '.yaml';
    $('job-download').onclick = () => save(new Blob([job.text], {type: 'application/yaml'}), name + '.yaml');
    $('job-mark').hidden = job.files.length === 0;
    $('job-mark').onclick = () => job.files.forEach(one => save(one.blob, one.name));
    $('job-copy').onclick = async () => {
      $('job-copy').lastChild.data = await copy(job.text, $('job-text')) ? 'Copied' : 'Selected: Ctrl+C';
      setTimeout(() => {
        $('job-copy').lastChild.data = 'Copy';
      }, 2000);
    };
    const command = `./submit.sh run --job ${name}.yaml` + (isDefault(model) ? '' : ' --model ' + model);
    const folders = ['  --input s3a://lake/in --output s3a://lake/repaired', '  --log s3a://lake/log'];
    $('job-command').textContent = [command, ...folders].join(' \\\n');
    $('job').showModal();
  } catch (e) {
    complain(e);
  }
}

document.querySelectorAll('.save').forEach(button => button.addEventListener('click', showJob));

onUnauthorized(askForToken);
enter('empty');
fetch('api/health').then(response => response.json()).then(health => {
  model = health.model ?? '';
  $('server').textContent = model === '' ? '' : `${model} on ${health.device}`;
}).catch(() => tell('bad', 'No connection', 'The server does not answer. Is it still running?'));
