package org.lakebrush.executor;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.image.Picture;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.watermark.MarkPresence;
import org.lakebrush.watermark.MarkStatistics;
import org.lakebrush.watermark.MarkWindow;

/**
 * Counts what a partition's images have in common: numbers of images in, one packed {@link Tally} out. Images that cannot be read are
 * skipped.
 *
 * <p>What is a record here goes by Java's serialisation alone, as part of this function or packed: Spark's Kryo, where a user sets it,
 * cannot write records.
 */
public final class MarkScan implements FlatMapFunction<Iterator<Integer>, byte[]> {
  private static final long serialVersionUID = 1;

  /** Half of the heap: the other is the statistics' and Spark's. */
  private static final ByteBudget BUDGET = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);

  private final ImageRef[] images;
  private final MarkWindow[] windows;
  private final MarkPresence presence;
  private final Reach reach;
  private final Broadcast<SerializableConfiguration> conf;

  /**
   * @param images what the numbers stand for, from 0 on
   * @param presence which images count; null: all
   * @param reach where images may be read
   */
  public MarkScan(List<ImageRef> images, List<MarkWindow> windows, MarkPresence presence, Reach reach,
      Broadcast<SerializableConfiguration> conf) {
    this.images = images.toArray(ImageRef[]::new);
    this.windows = windows.toArray(MarkWindow[]::new);
    this.presence = presence;
    this.reach = reach;
    this.conf = conf;
  }

  /** The longest file that is read in a JVM of this one's heap. */
  public static long mostBytes() {
    return BUDGET.total();
  }

  /** What was counted. Merging is exact, in any order. Not safe for use by several threads at once. */
  public static final class Tally implements Serializable {
    private static final long serialVersionUID = 1;
    private static final int PACK_BUFFER = 1 << 16;

    private final List<MarkStatistics> statistics;
    private final TreeMap<ErrorKind, Integer> skipped = new TreeMap<>();
    private int images;
    private int counted;

    Tally(MarkWindow[] windows) {
      statistics = Arrays.stream(windows).map(MarkStatistics::new).toList();
    }

    private void add(Picture picture, MarkPresence presence) {
      if (presence == null || presence.in(picture)) {
        MarkStatistics.add(picture, statistics);
        counted++;
      }
      // Last: what throws is a skipped image.
      images++;
    }

    private void skip(ErrorKind kind) {
      skipped.merge(kind, 1, Integer::sum);
    }

    /** Two packed tallies as one. */
    public static byte[] merge(byte[] one, byte[] other) {
      Tally tally = unpack(one);
      tally.merge(unpack(other));
      return tally.pack();
    }

    /** By Java's serialisation, deflated: most counts are small. */
    private byte[] pack() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      Deflater deflater = new Deflater(Deflater.BEST_SPEED);
      try (ObjectOutputStream out = new ObjectOutputStream(new DeflaterOutputStream(bytes, deflater, PACK_BUFFER))) {
        out.writeObject(this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        deflater.end();
      }
      return bytes.toByteArray();
    }

    /** A tally that was packed. */
    public static Tally unpack(byte[] packed) {
      try (ObjectInputStream in = new ObjectInputStream(new InflaterInputStream(new ByteArrayInputStream(packed)))) {
        return (Tally) in.readObject();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException("not a packed tally", e);
      }
    }

    private void merge(Tally other) {
      for (int i = 0; i < statistics.size(); i++) {
        statistics.get(i).merge(other.statistics.get(i));
      }
      other.skipped.forEach((kind, n) -> skipped.merge(kind, n, Integer::sum));
      images += other.images;
      counted += other.counted;
    }

    /** One for each window. */
    public List<MarkStatistics> statistics() {
      return statistics;
    }

    /** Images that could be read. */
    public int images() {
      return images;
    }

    /** Images that are in the statistics. */
    public int counted() {
      return counted;
    }

    /** How many images could not be read, by why. */
    public Map<ErrorKind, Integer> skipped() {
      return skipped;
    }
  }

  @Override
  public Iterator<byte[]> call(Iterator<Integer> numbers) throws InterruptedException {
    Tally tally = new Tally(windows);
    Iterator<ImageRef> refs = new Iterator<>() {
      @Override
      public boolean hasNext() {
        return numbers.hasNext();
      }

      @Override
      public ImageRef next() {
        return images[numbers.next()];
      }
    };
    try (ReadAhead ahead = new ReadAhead(refs, new ImageBytes(conf.value().value(), reach, Retries.DEFAULT), mostBytes())) {
      while (ahead.hasNext()) {
        ReadAhead.Fetched fetched = ahead.next();
        try {
          add(fetched, tally);
        } catch (ImageFailure e) {
          tally.skip(e.kind());
        } catch (RuntimeException e) {
          if (Thread.currentThread().isInterrupted()) {
            throw e;
          }
          tally.skip(Pipeline.defect(e).kind());
        }
      }
    }
    return List.of(tally.pack()).iterator();
  }

  private void add(ReadAhead.Fetched fetched, Tally tally) throws ImageFailure, InterruptedException {
    if (fetched.failure() != null) {
      throw fetched.failure();
    }
    ImageHeader header = Codecs.header(fetched.file());
    if (header.workingBytes() > BUDGET.total()) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, fetched.ref().uri() + " takes more memory than this JVM has for images");
    }
    try (ByteBudget.Share share = BUDGET.acquire(header.workingBytes())) {
      tally.add(Codecs.decode(fetched.file()), presence);
    }
  }
}
