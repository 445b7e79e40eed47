package org.lakebrush.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.image.Picture;
import org.lakebrush.image.Region;
import org.lakebrush.image.Thumbnail;
import org.lakebrush.mask.Mask;
import org.lakebrush.report.NightQueries.Candidate;
import org.lakebrush.report.NightReport.FailedImage;
import org.lakebrush.report.NightReport.Sample;
import org.lakebrush.source.Causes;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.source.Secrets;

/**
 * Reads images that are to be shown, a few at a time, and makes them small. What cannot be shown has a reason instead, and never an
 * exception; nor does an image that took down a run take down a report. Used by one thread.
 */
final class Pictures implements AutoCloseable {
  /** Failures of which the input is not looked at: it is not to be read, is not there, or did harm to the process that had it. */
  private static final Set<ErrorKind> NOT_SHOWN = EnumSet.of(ErrorKind.REFUSED, ErrorKind.CRASHED, ErrorKind.TOO_LARGE, ErrorKind.TOO_SLOW,
      ErrorKind.EMPTY_FILE, ErrorKind.NOT_AN_IMAGE, ErrorKind.VANISHED, ErrorKind.UNREADABLE);
  private static final int THREADS = 2;
  private static final long MOST_BYTES = 64L << 20;
  /** A picture takes this share of the JVM's memory at most, which it is two of and the log's rows beside them. */
  private static final int MOST_SHARE = 6;
  /** For all pictures together. */
  private static final long MOST_MILLIS = 120_000;
  private static final int WIDTH = 560;
  private static final int HEIGHT = 420;
  private static final int FAILED_WIDTH = 320;
  private static final int FAILED_HEIGHT = 240;
  /** A channel that differs by more, of 255, was filled, and not only encoded anew. */
  private static final int CHANGED = 24;

  private final Configuration conf;
  /** One pair is decoded at a time, for want of memory. */
  private final Object decoding = new Object();
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
    Thread thread = new Thread(work, "report-pictures");
    thread.setDaemon(true);
    return thread;
  });
  private final long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS);

  Pictures(Configuration conf) {
    this.conf = conf;
  }

  private record Pair(Optional<Views> views, boolean closeUp, String why) {
    Pair(String why) {
      this(Optional.empty(), false, why);
    }
  }

  /** Images before and after. */
  List<Sample> samples(List<Candidate> candidates) {
    return each(candidates, this::pair, (c, pair) -> new Sample(c.uri(), c.output(), c.status(), c.width(), c.height(), c.format(),
        c.hole(), c.residual(), c.damage(), c.maskKinds(), c.millis(), pair.views, pair.closeUp, pair.why));
  }

  /** What failed, as far as it can be shown. */
  List<FailedImage> failed(List<Candidate> candidates) {
    return each(candidates, this::input, (c, input) -> new FailedImage(c.uri(), c.kind(), c.message() == null ? "" : c.message(), c.width(),
        c.height(), c.length(), input.views.map(Views::before)));
  }

  /** Reads all at once, as far as there are threads, and makes something of each, in order. */
  private <T> List<T> each(List<Candidate> candidates, Function<Candidate, Pair> read, BiFunction<Candidate, Pair, T> made) {
    List<Future<Pair>> pairs = candidates.stream().map(c -> threads.submit(() -> read.apply(c))).toList();
    List<T> all = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      all.add(made.apply(candidates.get(i), await(pairs.get(i))));
    }
    return all;
  }

  private Pair await(Future<Pair> pair) {
    try {
      return pair.get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      pair.cancel(true);
      return new Pair(e instanceof TimeoutException ? "Its store is slow, and a report waits "
          + MOST_MILLIS / 1000 + " s for pictures." : Causes.inOneLine(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Pair("The report was interrupted.");
    }
  }

  private Pair pair(Candidate c) {
    return shown(c, () -> {
      byte[] input = read(c.uri(), c.length());
      byte[] output = read(c.output(), c.outputLength());
      synchronized (decoding) {
        return pair(decode(input), decode(output));
      }
    });
  }

  private static Pair pair(Picture before, Picture after) throws ImageFailure {
    if (before.width() != after.width() || before.height() != after.height()) {
      throw new ImageFailure(ErrorKind.CHANGED, "Input and output are not of one size any more.");
    }
    Mask changed = changed(before, after);
    Region whole = new Region(0, 0, changed.width(), changed.height());
    Optional<Region> closeUp = changed.bounds().isEmpty() ? Optional.empty() : CloseUp.of(changed, WIDTH, HEIGHT);
    Region part = closeUp.orElse(whole);
    Views views = new Views(Thumbnail.of(before, part, WIDTH, HEIGHT), Thumbnail.of(after, part, WIDTH, HEIGHT),
        Outline.of(changed, part, Thumbnail.Size.of(part, WIDTH, HEIGHT)));
    return new Pair(Optional.of(views), closeUp.isPresent(), null);
  }

  private Pair input(Candidate c) {
    if (NOT_SHOWN.contains(c.kind())) {
      return new Pair(null);
    }
    return shown(c, () -> {
      byte[] input = read(c.uri(), c.length());
      synchronized (decoding) {
        return new Pair(Optional.of(new Views(Thumbnail.of(decode(input), FAILED_WIDTH, FAILED_HEIGHT), null, null)), false, null);
      }
    });
  }

  private Pair shown(Candidate c, Callable<Pair> read) {
    if (isInTable(c.uri())) {
      return new Pair("It is a value in a table, and has no file of its own.");
    }
    try {
      return read.call();
    } catch (ImageFailure e) {
      return new Pair(Secrets.hidden(e.getMessage()));
    } catch (Exception e) {
      return new Pair(Causes.inOneLine(e));
    }
  }

  /** Images in tables are {@code <file>#<key>}; names of Parquet files end so, whatever is in the key. */
  private static boolean isInTable(String uri) {
    return uri.matches("(?is).*\\.(parquet|parq|pq)#.*");
  }

  private byte[] read(String uri, long listed) throws ImageFailure, IOException {
    Path path = new Path(uri);
    long length = listed == ImageRef.UNKNOWN_LENGTH ? path.getFileSystem(conf).getFileStatus(path).getLen() : listed;
    if (length > MOST_BYTES) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, "A file of " + length / 1_000_000 + " MB, too large to be shown here.");
    }
    return new ImageBytes(conf, new Reach(List.of(uri), List.of()), Retries.NONE)
        .read(new ImageRef(uri, uri, length, ImageRef.UNKNOWN_TIME, List.of(), ""));
  }

  private static Picture decode(byte[] file) throws ImageFailure {
    ImageHeader header = Codecs.header(file);
    if (header.workingBytes() > Runtime.getRuntime().maxMemory() / MOST_SHARE) {
      throw new ImageFailure(ErrorKind.TOO_LARGE, header.pixels() / 1_000_000 + " megapixels, too large to be shown here; give the report"
          + " more memory (LAKEBRUSH_MEMORY).");
    }
    return Codecs.decode(file);
  }

  private static Mask changed(Picture before, Picture after) {
    int width = before.width();
    Mask mask = new Mask(width, before.height());
    byte[] a = new byte[3 * width];
    byte[] b = new byte[3 * width];
    for (int y = 0, i = 0; y < before.height(); y++) {
      before.readRow(y, a);
      after.readRow(y, b);
      for (int x = 0; x < a.length; x += 3, i++) {
        if (Math.abs((a[x] & 255) - (b[x] & 255)) > CHANGED || Math.abs((a[x + 1] & 255) - (b[x + 1] & 255)) > CHANGED
            || Math.abs((a[x + 2] & 255) - (b[x + 2] & 255)) > CHANGED) {
          mask.pixels()[i] = Mask.HOLE;
        }
      }
    }
    return mask;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
