/** PNG files of one bit a pixel. */

const CRC = Uint32Array.from({length: 256}, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) {
    c = c & 1 ? 0xedb88320 ^ c >>> 1 : c >>> 1;
  }
  return c;
});

function chunk(type, data) {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  let crc = 0xffffffff;
  for (let i = 4; i < bytes.length - 4; i++) {
    crc = CRC[(crc ^ bytes[i]) & 255] ^ crc >>> 8;
  }
  view.setUint32(bytes.length - 4, ~crc >>> 0);
  return bytes;
}

async function deflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * A mask file of an image's size: white where a bitmap is set.
 *
 * @param image its width and height
 */
export async function maskFile(bitmap, image) {
  const stride = 1 + Math.ceil(image.width / 8);
  const rows = new Uint8Array(stride * image.height);
  for (let y = 0; y < bitmap.height; y++) {
    const row = (bitmap.top + y) * stride + 1;
    for (let x = 0; x < bitmap.width; x++) {
      if (bitmap.data[y * bitmap.width + x]) {
        const at = bitmap.left + x;
        rows[row + (at >> 3)] |= 128 >> (at & 7);
      }
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, image.width);
  view.setUint32(4, image.height);
  header[8] = 1;
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return new Blob([signature, chunk('IHDR', header), chunk('IDAT', await deflate(rows)), chunk('IEND', new Uint8Array(0))],
    {type: 'image/png'});
}
