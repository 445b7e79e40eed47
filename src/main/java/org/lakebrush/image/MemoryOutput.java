package org.lakebrush.image;

import java.io.IOException;
import java.util.Arrays;
import javax.imageio.stream.ImageOutputStreamImpl;

/** An image output stream into one growing array. */
final class MemoryOutput extends ImageOutputStreamImpl {
  private byte[] bytes;
  private int length;

  MemoryOutput(int expected) {
    bytes = new byte[Math.max(1024, expected)];
  }

  /** The array behind the stream; {@link #size()} bytes of it are the file. */
  byte[] array() {
    return bytes;
  }

  int size() {
    return length;
  }

  @Override
  public void write(int b) throws IOException {
    flushBits();
    room(1);
    bytes[(int) streamPos++] = (byte) b;
    length = Math.max(length, (int) streamPos);
  }

  @Override
  public void write(byte[] b, int off, int len) throws IOException {
    flushBits();
    room(len);
    System.arraycopy(b, off, bytes, (int) streamPos, len);
    streamPos += len;
    length = Math.max(length, (int) streamPos);
  }

  private void room(int n) throws IOException {
    long need = streamPos + n;
    if (need > bytes.length) {
      if (need > Integer.MAX_VALUE - 8) {
        throw new IOException("the encoded file is larger than 2 GiB");
      }
      bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(need, bytes.length * 2L)));
    }
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < length ? bytes[(int) streamPos++] & 255 : -1;
  }

  @Override
  public int read(byte[] b, int off, int len) {
    bitOffset = 0;
    if (streamPos >= length) {
      return len == 0 ? 0 : -1;
    }
    int n = Math.min(len, length - (int) streamPos);
    System.arraycopy(bytes, (int) streamPos, b, off, n);
    streamPos += n;
    return n;
  }

  @Override
  public long length() {
    return length;
  }
}
