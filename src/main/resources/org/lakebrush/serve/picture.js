/** Images as they are drawn. */
import {file, post} from './api.js';

/** Longest side of the bitmap that is drawn where the whole image is in view. */
const REDUCED = 2048;

/** An upright image: its size, and bitmaps of it to draw from, the smallest first. */
export class Picture {
  constructor(width, height, levels) {
    Object.assign(this, {width, height, levels});
  }

  /** The smallest bitmap that has all that can be seen at a scale. */
  level(scale) {
    return this.levels.find(bitmap => bitmap.width >= this.width * scale) ?? this.levels.at(-1);
  }

  /** Frees the bitmaps' memory. */
  close() {
    this.levels.forEach(bitmap => bitmap.close());
  }
}

/** JPEG, PNG, WebP, BMP: what a browser shows and the server reads. */
async function isShown(blob) {
  const bytes = new Uint8Array(await blob.slice(0, 12).arrayBuffer());
  const has = (at, text) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  return has(0, '\xff\xd8\xff') || has(0, '\x89PNG') || has(0, 'RIFF') && has(8, 'WEBP') || has(0, 'BM');
}

async function decode(blob) {
  try {
    return await isShown(blob) ? await createImageBitmap(blob, {imageOrientation: 'from-image'}) : null;
  } catch {
    return null;
  }
}

/**
 * Reads a file; what the browser cannot show, the server is asked for.
 *
 * @throws Refusal of what is no image
 */
export async function open(blob, name, signal) {
  const bitmap = await decode(blob);
  if (bitmap === null) {
    const view = await post('api/view', [['image', blob, name]], signal);
    return new Picture(view.width, view.height, [await createImageBitmap(file(view))]);
  }
  const {width, height} = bitmap;
  const shrink = REDUCED / Math.max(width, height);
  const levels = shrink >= 1 ? [bitmap] : [await createImageBitmap(bitmap, {resizeWidth: Math.max(1, Math.round(width * shrink)),
    resizeHeight: Math.max(1, Math.round(height * shrink)), resizeQuality: 'high'}), bitmap];
  return new Picture(width, height, levels);
}

/** Rows of a mask that are read at once. */
const BAND = 256;

/** The runs of white pixels of a mask file: y, from, to each. */
export async function runs(blob) {
  const bitmap = await createImageBitmap(blob);
  const canvas = document.createElement('canvas');
  canvas.width = bitmap.width;
  canvas.height = Math.min(BAND, bitmap.height);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  const found = [];
  for (let top = 0; top < bitmap.height; top += BAND) {
    const height = Math.min(BAND, bitmap.height - top);
    context.drawImage(bitmap, 0, top, bitmap.width, height, 0, 0, bitmap.width, height);
    const {data} = context.getImageData(0, 0, bitmap.width, height);
    for (let y = 0; y < height; y++) {
      const row = 4 * y * bitmap.width;
      for (let x = 0; x < bitmap.width; x++) {
        if (data[row + 4 * x] > 127) {
          const from = x;
          while (x < bitmap.width && data[row + 4 * x] > 127) {
            x++;
          }
          found.push(top + y, from, x);
        }
      }
    }
  }
  bitmap.close();
  return Int32Array.from(found);
}
