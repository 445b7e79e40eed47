/** What is marked and set, as a job file (conf/lakebrush.yaml). */
import {maskFile} from './png.js';
import {Box, Found, Lasso, isCut, rasterise} from './shapes.js';
import {polygons, rings} from './trace.js';

/** How far the outline of what was painted may be off, in pixels: more where a job would be too long to read. */
const TOLERANCES = [0.8, 1.5, 3, 6];
const MOST_POINTS = 20_000;
const WIDEST_LINE = 94;
/** Most digits of per cent that are tried. */
const DIGITS = 9;

/**
 * A job.
 *
 * @typedef {object} Job
 * @property {string} text as it is saved
 * @property {string} repairText as it repairs this very image: what the eraser took from automatic masks is in mask files
 * @property {{name: string, blob: Blob}[]} files that the text names
 * @property {{name: string, blob: Blob}[]} repairFiles that repairText names
 * @property {string[]} notes what the text cannot say
 */

/**
 * Writes a job.
 *
 * @param shapes all that is marked, in order
 * @param settings grow, feather, seam, grain, descreen
 * @param image width, height and name
 * @param model the server's; empty where it is not known
 * @returns {Promise<Job>}
 */
export async function write(shapes, settings, image, model) {
  const files = [];
  const repairFiles = [];
  const notes = [];
  const saved = [];
  const repaired = [];
  const both = (...lines) => {
    saved.push(...lines);
    repaired.push(...lines);
  };
  const native = shapes.filter(shape => (shape instanceof Box || shape instanceof Lasso) && !isCut(shapes, shape, image));
  for (const shape of native) {
    both(...shape instanceof Box ? box(shape.bounds, image) : polygon(shape.points, image));
  }
  painted(shapes, shape => !(shape instanceof Found) && !native.includes(shape), image, notes)
    .forEach(points => both(...polygon(points, image)));
  for (const shape of shapes.filter(one => one instanceof Found)) {
    const line = `  - {kind: ${[shape.kind, ...Object.entries(shape.settings).map(([key, value]) => key + ': ' + value)].join(', ')}}`;
    const mark = shape.mark === null ? [] : [{name: shape.settings.file, blob: shape.mark}];
    files.push(...mark);
    if (isCut(shapes, shape, image)) {
      notes.push(`The eraser took some of what ${shape.kind} found here. A job looks for it anew in each image, and cannot say that: `
        + 'there, all that is found is repaired.');
      saved.push(...wrapped('  # ', notes.at(-1)), line);
      const name = `mask-${shape.kind}.png`;
      repaired.push(`  - {kind: sidecar, file: ${name}}`);
      repairFiles.push({name, blob: await maskFile(rasterise(shapes, one => one === shape, image), image)});
    } else {
      both(line);
      repairFiles.push(...mark);
    }
  }
  const head = [...wrapped('# ', `Drawn on ${image.name.replace(/[^\x20-\x7e\xa0-\ud7ff]/g, '?')}, ${image.width} x ${image.height} pixels.`
    + ' Lengths are per cent: it fits any size.'),
    ...files.map(file => `# ${file.name} belongs beside this file.`),
    ...isDefault(model) ? [] : [`# Repaired with the model ${model}: run it with --model ${model}.`]];
  if (settings.grain === 'on') {
    notes.push("The grain's noise follows from an image's address: a run draws another one than this page.");
  }
  const text = entries => [...head, ...entries.length === 0 ? [] : ['masks:', ...entries], '', ...rest(settings)].join('\n') + '\n';
  return {text: text(saved), repairText: text(repaired), files, repairFiles, notes};
}

/** Whether a run takes the model by itself. */
export const isDefault = model => model === '' || model === 'lama-lite';

/** The settings that are no masks. */
function rest({grow, feather, seam, grain, descreen}) {
  const spectral = [['descreen', descreen], ['seam', seam], ['grain', grain]].filter(([, value]) => value !== 'off');
  return ['mask:', `  grow: ${grow}`, `  feather: ${feather}`,
    ...spectral.length === 0 ? [] : ['', 'spectral:', ...spectral.map(([key, value]) => `  ${key}: ${value}`)]];
}

/** Per cent with so many digits, and without zeros at the end. */
const digits = (value, n) => Number(value.toFixed(n)).toString();

/**
 * Per cent with as few digits as will do.
 *
 * @param round Math.floor or Math.ceil
 * @param fits whether a number of per cent will do
 */
function shortest(value, round, fits) {
  for (let n = 0; n < DIGITS; n++) {
    const rounded = Number(digits(round(value * 10 ** n) / 10 ** n, n));
    if (fits(rounded)) {
      return rounded;
    }
  }
  return Number(value.toFixed(DIGITS));
}

/**
 * One direction of a box that covers the pixels from `from` up to `to`, and no other: from the nearer side, or from the middle where it
 * lies there. A box covers all that it touches, so that half a pixel less does.
 */
function axis(from, to, extent) {
  const pixels = percent => percent * extent / 100;
  const after = extent - to;
  if (from === after || from === after - 1) {
    return {side: 0, length: shortest((to - from) * 100 / extent, Math.floor, p => p > 0 && pixels(p) > to - from - 0.5)};
  }
  const near = Math.min(from, after);
  const margin = shortest(near * 100 / extent, Math.ceil, p => pixels(p) < near + 0.5);
  const whole = near + to - from - pixels(margin);
  const length = shortest(whole * 100 / extent, Math.floor, p => p > 0 && pixels(p) > whole - 0.5);
  return {side: from <= after ? -1 : 1, margin, length};
}

function box({left, top, right, bottom}, image) {
  const x = axis(left, right, image.width);
  const y = axis(top, bottom, image.height);
  const anchor = [['top', '', 'bottom'][y.side + 1], ['left', '', 'right'][x.side + 1]].filter(word => word !== '').join('-') || 'center';
  const margins = x.margin > 0 && x.margin === y.margin ? [`margin: ${x.margin}%`]
    : [x.margin > 0 ? `margin_x: ${x.margin}%` : '', y.margin > 0 ? `margin_y: ${y.margin}%` : ''].filter(text => text !== '');
  return ['  - {kind: box, ' + [`anchor: ${anchor}`, `width: ${x.length}%`, `height: ${y.length}%`, ...margins].join(', ') + '}'];
}

/** A polygon's lines, to a tenth of a pixel. */
function polygon(points, {width, height}) {
  const places = extent => Math.max(1, Math.ceil(Math.log10(extent / 10)));
  const [nx, ny] = [places(width), places(height)];
  const lines = ['    points: ['];
  points.forEach(([x, y], i) => {
    const corner = `[${digits(x * 100 / width, nx)}%, ${digits(y * 100 / height, ny)}%]` + (i + 1 < points.length ? ',' : ']');
    if (lines.at(-1).length + corner.length >= WIDEST_LINE) {
      lines.push('      ' + corner);
    } else {
      lines[lines.length - 1] += (i === 0 ? '' : ' ') + corner;
    }
  });
  return ['  - kind: polygon', ...lines];
}

/** The outlines of what was painted, and of what the eraser left of other shapes. */
function painted(shapes, wanted, image, notes) {
  const outlines = rings(rasterise(shapes, wanted, image));
  for (const tolerance of TOLERANCES) {
    const found = polygons(outlines, tolerance);
    if (found.reduce((n, points) => n + points.length, 0) <= MOST_POINTS) {
      if (tolerance > TOLERANCES[0]) {
        notes.push(`What was painted has so many edges that its outline is written to ${tolerance} pixels only.`);
      }
      return found;
    }
  }
  throw new Error('What was painted has too many edges for a job: paint with a larger brush, or undo some of it.');
}

/** A text in lines that each begin the same. */
function wrapped(start, text) {
  const lines = [];
  for (const word of text.split(/\s+/)) {
    if (lines.length > 0 && lines.at(-1).length + word.length < WIDEST_LINE) {
      lines[lines.length - 1] += ' ' + word;
    } else {
      lines.push(start + word);
    }
  }
  return lines;
}
