package org.lakebrush.executor;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
import org.lakebrush.spectral.MarkPresence;
import org.lakebrush.spectral.MarkStatistics;
import org.lakebrush.spectral.MarkWindow;

/** Counts what a partition's images have in common: image references in, one {@link Tally} out. Images that cannot be read are skipped. */
public final class MarkScan implements FlatMapFunction<Iterator<ImageRef>, MarkScan.Tally> {
  private static final long serialVersionUID = 1;

  /** Half of the heap: the other is the statistics' and Spark's. */
  private static final ByteBudget BUDGET = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);

  private final List<MarkWindow> windows;
  private final Broadcast<MarkPresence> presence;
  private final Broadcast<SerializableConfiguration> conf;

  /**
   * @param presence which images count; null: all
   */
  public MarkScan(List<MarkWindow> windows, Broadcast<MarkPresence> presence, Broadcast<SerializableConfiguration> conf) {
    this.windows = List.copyOf(windows);
    this.presence = presence;
    this.conf = conf;
  }

  /** What was counted. Merging is exact, in any order. Not safe for use by several threads at once. */
  public static final class Tally implements Serializable {
    private static final long serialVersionUID = 1;

    private final List<MarkStatistics> statistics;
    private final TreeMap<ErrorKind, Integer> skipped = new TreeMap<>();
    private int images;
    private int counted;

    Tally(List<MarkWindow> windows) {
      statistics = windows.stream().map(MarkStatistics::new).toList();
    }

    private void add(Picture picture, MarkPresence presence) {
      images++;
      if (presence == null || presence.in(picture)) {
        counted++;
        MarkStatistics.add(picture, statistics);
      }
    }

    private void skip(ErrorKind kind) {
      skipped.merge(kind, 1, Integer::sum);
    }

    /** Takes up what another has counted, and returns this. */
    public Tally merge(Tally other) {
      for (int i = 0; i < statistics.size(); i++) {
        statistics.get(i).merge(other.statistics.get(i));
      }
      other.skipped.forEach((kind, n) -> skipped.merge(kind, n, Integer::sum));
      images += other.images;
      counted += other.counted;
      return this;
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
  public Iterator<Tally> call(Iterator<ImageRef> refs) throws InterruptedException {
    Tally tally = new Tally(windows);
    ReadAhead ahead = new ReadAhead(refs, new ImageBytes(conf.value().value()), BUDGET.total());
    try (ahead) {
      while (ahead.hasNext()) {
        ReadAhead.Fetched fetched = ahead.next();
        try {
          add(fetched, tally);
        } catch (ImageFailure e) {
          tally.skip(e.kind());
        }
      }
    }
    return List.of(tally).iterator();
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
      tally.add(Codecs.decode(fetched.file()), presence == null ? null : presence.value());
    }
  }
}
