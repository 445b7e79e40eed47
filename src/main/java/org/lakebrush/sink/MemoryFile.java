package org.lakebrush.sink;

import java.io.ByteArrayOutputStream;
import org.apache.parquet.io.PositionOutputStream;

/** A Parquet file in memory. */
final class MemoryFile implements StreamedFile {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  byte[] bytes() {
    return bytes.toByteArray();
  }

  @Override
  public PositionOutputStream create(long blockSizeHint) {
    return new PositionOutputStream() {
      @Override
      public long getPos() {
        return bytes.size();
      }

      @Override
      public void write(int b) {
        bytes.write(b);
      }

      @Override
      public void write(byte[] b, int offset, int length) {
        bytes.write(b, offset, length);
      }
    };
  }
}
