package org.lakebrush.image;

import java.nio.ByteBuffer;
import java.util.List;
import javax.imageio.stream.ImageInputStreamImpl;

/** An image input stream over pieces of arrays, read as one file, without a copy. */
final class MemoryInput extends ImageInputStreamImpl {
  private final ByteBuffer[] pieces;
  private final long[] starts;
  private final long length;
  private int piece;

  MemoryInput(byte[] file) {
    this(List.of(ByteBuffer.wrap(file)));
  }

  /**
   * @param pieces from position to limit of each
   */
  MemoryInput(List<ByteBuffer> pieces) {
    this.pieces = pieces.stream().filter(ByteBuffer::hasRemaining).map(ByteBuffer::slice).toArray(ByteBuffer[]::new);
    starts = new long[this.pieces.length];
    long at = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at;
      at += this.pieces[i].limit();
    }
    length = at;
  }

  @Override
  public int read() {
    bitOffset = 0;
    if (streamPos >= length) {
      return -1;
    }
    find();
    return pieces[piece].get((int) (streamPos++ - starts[piece])) & 255;
  }

  @Override
  public int read(byte[] b, int off, int len) {
    bitOffset = 0;
    if (streamPos >= length) {
      return len == 0 ? 0 : -1;
    }
    find();
    int from = (int) (streamPos - starts[piece]);
    int n = Math.min(len, pieces[piece].limit() - from);
    pieces[piece].get(from, b, off, n);
    streamPos += n;
    return n;
  }

  private void find() {
    while (streamPos < starts[piece]) {
      piece--;
    }
    while (streamPos >= starts[piece] + pieces[piece].limit()) {
      piece++;
    }
  }

  @Override
  public long length() {
    return length;
  }
}
