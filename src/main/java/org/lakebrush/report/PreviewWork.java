package org.lakebrush.report;

import org.lakebrush.executor.ImageWork;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.mask.Mask;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;

/** An image that is drawn where a run would write it. */
public final class PreviewWork implements ImageWork {
  /** The room for a picture on a sheet, in pixels. */
  static final int CELL_WIDTH = 504;
  static final int CELL_HEIGHT = 378;

  /** One image is drawn at a time, for decoding it takes memory that the pipeline does not know of. */
  private static final Object EASEL = new Object();

  private final ImageRef ref;
  private final ImageBytes bytes;
  private volatile byte[] file;
  private volatile Marked marked;
  private volatile Drawn drawn;

  /**
   * Where the hole is.
   *
   * @param outline null where there is no hole, likewise {@code closeOutline}
   * @param close the part that is worth a closer look, or null
   */
  private record Marked(Outline outline, Region close, Outline closeOutline) {
    static final Marked NOTHING = new Marked(null, null, null);

    static Marked of(Mask hole) {
      Region close = CloseUp.of(hole, CELL_WIDTH, CELL_HEIGHT).orElse(null);
      if (hole.bounds().isEmpty()) {
        return new Marked(null, close, null);
      }
      return new Marked(outline(hole, new Region(0, 0, hole.width(), hole.height())), close, close == null ? null : outline(hole, close));
    }

    private static Outline outline(Mask hole, Region part) {
      return Outline.of(hole, part, Thumbnail.Size.of(part, CELL_WIDTH, CELL_HEIGHT));
    }
  }

  /**
   * Its pictures.
   *
   * @param closeUp null where there is none
   */
  record Drawn(Views whole, Views closeUp) {}

  /** An image of a lake. */
  public PreviewWork(ImageRef ref, ImageBytes bytes) {
    this.ref = ref;
    this.bytes = bytes;
  }

  @Override
  public ImageRef ref() {
    return ref;
  }

  @Override
  public byte[] read() throws ImageFailure {
    file = bytes.read(ref);
    return file;
  }

  @Override
  public void masked(Mask hole) {
    marked = Marked.of(hole);
  }

  @Override
  public Written write(Encoded repaired) throws ImageFailure {
    draw(repaired.bytes());
    return null;
  }

  @Override
  public Written copy(byte[] asItIs) throws ImageFailure {
    draw(null);
    return null;
  }

  /** Draws an image that can be decoded and could not be repaired. */
  void drawUnrepaired() throws ImageFailure {
    draw(null);
  }

  /** Null where it was not drawn. */
  Drawn drawn() {
    return drawn;
  }

  private void draw(byte[] repaired) throws ImageFailure {
    synchronized (EASEL) {
      Marked where = marked == null ? Marked.NOTHING : marked;
      // Of an image with nothing to repair there is nothing to see closer.
      Region close = repaired == null && where.outline() == null ? null : where.close();
      Thumbnail[] before = thumbnails(file, close);
      Thumbnail[] after = repaired == null ? new Thumbnail[2] : thumbnails(repaired, close);
      Views closeUp = close == null ? null : new Views(before[1], after[1], where.closeOutline());
      drawn = new Drawn(new Views(before[0], after[0], where.outline()), closeUp);
      file = null;
    }
  }

  /** The whole picture and the part of it, null where there is none. */
  private static Thumbnail[] thumbnails(byte[] file, Region close) throws ImageFailure {
    Picture picture = Codecs.decode(file);
    return new Thumbnail[] {Thumbnail.of(picture, CELL_WIDTH, CELL_HEIGHT),
        close == null ? null : Thumbnail.of(picture, close, CELL_WIDTH, CELL_HEIGHT)};
  }
}
