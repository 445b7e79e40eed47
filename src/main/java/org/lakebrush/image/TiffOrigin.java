package org.lakebrush.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.lakebrush.failure.ImageFailure;

/**
 * What a TIFF leaves behind: its bytes. A repaired file is the source with the repaired strips or tiles in place of the old ones, so
 * that no tag moves and every other strip keeps its bytes; what no longer fits goes to the file's end.
 */
record TiffOrigin(TiffFile file) implements Origin {
  private static final int[] PREVIEW_OFFSETS = {TiffFile.STRIP_OFFSETS, TiffFile.TILE_OFFSETS, 513};
  private static final int[] PREVIEW_COUNTS = {TiffFile.STRIP_BYTE_COUNTS, TiffFile.TILE_BYTE_COUNTS, 514};

  /** More than any writer makes; a hostile file may claim millions. */
  private static final int MOST_SUB_IFDS = 64;
  private static final int MOST_PREVIEW_STRIPS = 1 << 16;

  @Override
  public ImageFormat format() {
    return ImageFormat.TIFF;
  }

  @Override
  public Metadata metadata(List<String> notes) {
    double scale = file.value(296, 2) == 3 ? 2.54 : file.value(296, 2) == 2 ? 1 : 0;
    byte[] xmp = !file.has(TiffFile.XMP) || Metadata.isTooLong(file.entry(TiffFile.XMP).bytes(), "xmp", notes) ? null
        : file.data(TiffFile.XMP);
    return new Metadata(file.data(TiffFile.ICC), IfdTree.exif(file.bytes(), file.little(), file.ifd()),
        xmp == null ? null : Previews.outOfXmp(xmp), scale * rational(282), scale * rational(283));
  }

  private double rational(int tag) {
    TiffFile.Entry e = file.entry(tag);
    if (e == null || e.type() != 5 || file.u32(e.valueAt() + 4) == 0) {
      return 0;
    }
    return (double) file.u32(e.valueAt()) / file.u32(e.valueAt() + 4);
  }

  @Override
  public Encoded encode(Samples s) throws IOException, ImageFailure {
    List<String> notes = new ArrayList<>();
    Patch patch = new Patch(file, notes);
    patch.dropPreviews();
    patch.writePixels(s);
    return new Encoded(ImageFormat.TIFF, patch.bytes(), List.copyOf(notes));
  }

  /** One file on its way from source to outcome. */
  private static final class Patch {
    private final TiffFile file;
    private final List<String> notes;
    private final Ranges picture;
    private byte[] b;
    private int length;

    Patch(TiffFile file, List<String> notes) {
      this.file = file;
      this.notes = notes;
      this.picture = new Ranges(file.offsets(), file.counts());
      this.b = file.bytes().clone();
      this.length = b.length;
    }

    byte[] bytes() {
      return length == b.length ? b : Arrays.copyOf(b, length);
    }

    void dropPreviews() {
      boolean dropped = false;
      long next = file.next();
      while (next != 0) {
        TiffFile page = file.directory(next);
        dropped = true;
        if (page == null) {
          break;
        }
        zeroPicture(page);
        next = page.next();
      }
      if (dropped) {
        put32(file.ifd() + 2 + 12 * file.u16(file.ifd()), 0);
      }
      long[] subs = file.values(TiffFile.SUB_IFDS, MOST_SUB_IFDS);
      if (subs != null) {
        dropped = true;
        for (long sub : Arrays.stream(subs).distinct().toArray()) {
          TiffFile page = file.directory(sub);
          if (page != null) {
            zeroPicture(page);
          }
        }
      }
      if (dropped) {
        notes.add("tiff thumbnail dropped");
      }
      if (file.has(TiffFile.PHOTOSHOP_LAYERS)) {
        zero(TiffFile.PHOTOSHOP_LAYERS);
        notes.add("photoshop layers dropped");
      }
      dropInBlocks();
      removeTags(Set.of(TiffFile.SUB_IFDS, TiffFile.PHOTOSHOP_LAYERS));
    }

    /** A block, or null; where it is too long to be looked into, it goes. */
    private byte[] block(int tag, String what) {
      if (!file.has(tag) || !Metadata.isTooLong(file.entry(tag).bytes(), what, notes)) {
        return file.data(tag);
      }
      zero(tag);
      removeTags(Set.of(tag));
      return null;
    }

    private void dropInBlocks() {
      byte[] resources = block(TiffFile.PHOTOSHOP, "photoshop block");
      if (resources != null) {
        byte[] clean = Previews.outOfPhotoshop(resources);
        if (clean != resources && clean.length > 4) {
          zero(TiffFile.PHOTOSHOP);
          TiffFile.Entry e = file.entry(TiffFile.PHOTOSHOP);
          System.arraycopy(clean, 0, b, e.valueAt(), clean.length);
          put32(e.at() + 4, clean.length / e.size());
        } else if (clean != resources) {
          zero(TiffFile.PHOTOSHOP);
          removeTags(Set.of(TiffFile.PHOTOSHOP));
        }
        if (clean != resources) {
          notes.add("photoshop thumbnail dropped");
        }
      }
      byte[] xmp = block(TiffFile.XMP, "xmp");
      if (xmp != null && Previews.outOfXmp(xmp) != xmp) {
        System.arraycopy(Previews.outOfXmp(xmp), 0, b, file.entry(TiffFile.XMP).valueAt(), xmp.length);
        notes.add("xmp thumbnail dropped");
      }
    }

    private void zero(int tag) {
      TiffFile.Entry e = file.entry(tag);
      Arrays.fill(b, e.valueAt(), e.valueAt() + e.bytes(), (byte) 0);
    }

    /** Zeroes another directory's picture, where that is not the main picture's own data. */
    private void zeroPicture(TiffFile page) {
      long room = file.bytes().length; // strips that lie over one another again and again are no picture
      for (int i = 0; i < PREVIEW_OFFSETS.length; i++) {
        long[] at = page.values(PREVIEW_OFFSETS[i], MOST_PREVIEW_STRIPS);
        long[] n = page.values(PREVIEW_COUNTS[i], MOST_PREVIEW_STRIPS);
        for (int k = 0; at != null && n != null && k < Math.min(at.length, n.length); k++) {
          if (at[k] >= 8 && n[k] <= room && at[k] + n[k] <= file.bytes().length && !overlapsPicture(at[k], n[k])) {
            room -= n[k];
            Arrays.fill(b, (int) at[k], (int) (at[k] + n[k]), (byte) 0);
          }
        }
      }
    }

    private boolean overlapsPicture(long at, long n) {
      return at < file.ifd() + 6L + 12L * file.u16(file.ifd()) && at + n > file.ifd() || picture.overlap(at, n);
    }

    void writePixels(Samples s) throws IOException, ImageFailure {
      int compression = file.compression();
      boolean all = picture.overlapThemselves();
      boolean colour = file.photometric() == 6;
      if (compression == TiffCompression.JPEG) {
        compression = TiffCompression.DEFLATE;
        all = true;
        notes.add("jpeg in tiff written as deflate");
      } else if (compression == 2 || compression == 3) {
        compression = TiffCompression.FAX_G4;
        all = true;
        notes.add("ccitt group 3 written as group 4");
      }
      long[] offsets = file.offsets().clone();
      long[] counts = file.counts().clone();
      boolean apart = picture.overlapThemselves();
      if (apart) {
        for (int i = 0; i < offsets.length; i++) {
          Arrays.fill(b, (int) offsets[i], (int) (offsets[i] + counts[i]), (byte) 0);
        }
      }
      for (int i = 0; i < offsets.length; i++) {
        if (all || isChanged(i, s)) {
          byte[] data = compress(i, compression, s);
          place(data, i, offsets, counts, apart);
        }
      }
      setLongs(file.tiled() ? TiffFile.TILE_OFFSETS : TiffFile.STRIP_OFFSETS, offsets);
      setLongs(file.tiled() ? TiffFile.TILE_BYTE_COUNTS : TiffFile.STRIP_BYTE_COUNTS, counts);
      if (compression != file.compression()) {
        setShort(TiffFile.COMPRESSION, compression);
        removeTags(Set.of(TiffFile.PREDICTOR, TiffFile.JPEG_TABLES, 292, 529, 530, 531, 532));
      }
      if (colour) {
        setShort(TiffFile.PHOTOMETRIC, 2);
      }
    }

    private boolean isChanged(int chunk, Samples s) {
      int y0 = chunk % (file.chunksAcross() * file.chunksDown()) / file.chunksAcross() * file.chunkHeight();
      int row = s.changedRows().nextSetBit(y0);
      return row >= 0 && row < y0 + file.chunkHeight();
    }

    private byte[] compress(int chunk, int compression, Samples s) throws IOException {
      byte[] raw = new byte[Math.toIntExact(file.expected(chunk))];
      if (file.compression() == TiffCompression.NONE) {
        System.arraycopy(file.bytes(), (int) file.offsets()[chunk], raw, 0, raw.length);
      }
      TiffChunks.gather(file, chunk, raw, s);
      if (file.value(TiffFile.PREDICTOR, 1) == 2 && TiffCompression.reads(compression) && compression != TiffCompression.NONE
          && compression == file.compression()) {
        TiffChunks.predict(file, raw, file.rows(chunk));
      }
      byte[] data = TiffCompression.compress(compression, raw, file.rowBytes(), file.chunkWidth());
      if (compression == TiffCompression.FAX_G4 && file.value(266, 1) == 2) {
        for (int i = 0; i < data.length; i++) {
          data[i] = (byte) (Integer.reverse(data[i]) >>> 24);
        }
      }
      return data;
    }

    /** Puts a strip where it was if it fits there, else at the end; what is left of the old one is zeroed. */
    private void place(byte[] data, int i, long[] offsets, long[] counts, boolean apart) throws IOException {
      int at = (int) offsets[i];
      int room = (int) counts[i];
      if (data.length <= room && !apart) {
        System.arraycopy(data, 0, b, at, data.length);
        if (data.length < room && file.compression() != TiffCompression.NONE) {
          Arrays.fill(b, at + data.length, at + room, (byte) 0);
        }
      } else {
        if (!apart) {
          Arrays.fill(b, at, at + room, (byte) 0);
        }
        offsets[i] = append(data);
      }
      counts[i] = data.length;
    }

    private int append(byte[] data) throws IOException {
      int at = length + (length & 1);
      long need = (long) at + data.length;
      if (need > Integer.MAX_VALUE - 8) {
        throw new IOException("the TIFF would be larger than 2 GiB");
      }
      if (need > b.length) {
        b = Arrays.copyOf(b, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(need, b.length + (b.length >> 2))));
      }
      System.arraycopy(data, 0, b, at, data.length);
      length = (int) need;
      return at;
    }

    /** Writes a tag's values over the old ones; as LONG, at the file's end, where SHORT is too small. */
    private void setLongs(int tag, long[] values) throws IOException {
      TiffFile.Entry e = file.entry(tag);
      if (e == null) {
        return;
      }
      boolean fits = e.size() == 4 || e.size() == 2 && Arrays.stream(values).allMatch(v -> v < 65536);
      int at = e.valueAt();
      int size = e.size();
      if (!fits) {
        size = 4;
        int entry = entryAt(tag);
        put16(entry + 2, 4);
        put32(entry + 4, values.length);
        if (values.length == 1) {
          at = entry + 8;
        } else {
          at = append(new byte[4 * values.length]);
          put32(entry + 8, at);
        }
      } else if (e.count() * size <= 4) {
        at = entryAt(tag) + 8;
      }
      for (int i = 0; i < values.length; i++) {
        if (size == 4) {
          put32(at + 4 * i, values[i]);
        } else {
          put16(at + 2 * i, (int) values[i]);
        }
      }
    }

    private void setShort(int tag, int value) {
      int entry = entryAt(tag);
      put16(entry + 2, 3);
      put32(entry + 4, 1);
      put32(entry + 8, 0);
      put16(entry + 8, value);
    }

    /** Where a tag's entry now is; entries move up when others are removed. */
    private int entryAt(int tag) {
      int n = get16(file.ifd());
      for (int i = 0; i < n; i++) {
        int at = file.ifd() + 2 + 12 * i;
        if (get16(at) == tag) {
          return at;
        }
      }
      throw new IllegalStateException("no tag " + tag);
    }

    private void removeTags(Set<Integer> tags) {
      int n = get16(file.ifd());
      int first = file.ifd() + 2;
      byte[] old = Arrays.copyOfRange(b, first, first + 12 * n + 4);
      Arrays.fill(b, first, first + old.length, (byte) 0);
      int kept = 0;
      for (int i = 0; i < n; i++) {
        int tag = file.little() ? Bytes.u16le(old, 12 * i) : Bytes.u16be(old, 12 * i);
        if (!tags.contains(tag)) {
          System.arraycopy(old, 12 * i, b, first + 12 * kept++, 12);
        }
      }
      System.arraycopy(old, 12 * n, b, first + 12 * kept, 4);
      put16(file.ifd(), kept);
    }

    private int get16(int at) {
      return file.little() ? Bytes.u16le(b, at) : Bytes.u16be(b, at);
    }

    private void put16(int at, int v) {
      if (file.little()) {
        Bytes.put16le(b, at, v);
      } else {
        Bytes.put16be(b, at, v);
      }
    }

    private void put32(int at, long v) {
      if (file.little()) {
        Bytes.put32le(b, at, v);
      } else {
        Bytes.put32be(b, at, v);
      }
    }
  }
}
