package org.lakebrush.bench;

import java.util.List;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.image.Encoded;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;

/** An image that comes from memory and goes nowhere. */
record MemoryWork(ImageRef ref, byte[] file) implements ImageWork {
  private static final Written NOWHERE = new Written("", 0, "");

  static MemoryWork of(int number, byte[] file) {
    String name = number + ".jpg";
    return new MemoryWork(new ImageRef(name, name, file.length, 0, List.of(), ""), file);
  }

  @Override
  public byte[] read() {
    return file;
  }

  @Override
  public Written write(Encoded repaired) {
    return NOWHERE;
  }

  @Override
  public Written copy(byte[] asItIs) {
    return NOWHERE;
  }
}
