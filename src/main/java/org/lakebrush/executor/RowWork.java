package org.lakebrush.executor;

import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.TableReader;

/** A row of a table, and the image in it, if any: what goes out waits here until the rows before it are written. */
final class RowWork implements ImageWork {
  private final TableReader.Cell cell;
  private final String output;
  private final ImageRef ref;
  private final ImageFailure refusal;
  private byte[] out;
  private Status status;

  /**
   * A row.
   *
   * @param file that the row is in
   * @param output URI of the file that it goes to
   * @param hand the task's
   */
  RowWork(TableReader.Cell cell, ImageRef file, String output, TaskHand hand) {
    this.cell = cell;
    this.out = cell.bytes();
    this.output = output;
    this.ref = new ImageRef(file.uri() + "#" + cell.name(), file.path() + "#" + cell.name(), length(), file.modificationTime(),
        file.sidecars(), file.fingerprint());
    this.refusal = hand.refusal(file, ref);
  }

  /** Bytes of the image as it came. */
  long length() {
    return cell.bytes() == null ? 0 : cell.bytes().length;
  }

  TableReader.Cell cell() {
    return cell;
  }

  /** The image as it goes out: as it came until something else is put in its place. */
  byte[] out() {
    return out;
  }

  /** What became of the image; null while that is not known. */
  Status status() {
    return status;
  }

  /** Called by the thread that writes the rows. */
  void end(Status what) {
    status = what;
  }

  /** Whether the row can be written. */
  boolean ended() {
    return status != null || cell.bytes() == null;
  }

  @Override
  public ImageRef ref() {
    return ref;
  }

  /** Whether the image is not to be tried. */
  boolean isRefused() {
    return refusal != null;
  }

  @Override
  public byte[] read() throws ImageFailure {
    if (refusal != null) {
      throw refusal;
    }
    return cell.bytes();
  }

  @Override
  public Written write(Encoded repaired) {
    out = repaired.bytes();
    return written();
  }

  @Override
  public Written copy(byte[] file) {
    return written();
  }

  private Written written() {
    return new Written(output + "#" + cell.name(), out.length, Sha256.hex(out));
  }
}
