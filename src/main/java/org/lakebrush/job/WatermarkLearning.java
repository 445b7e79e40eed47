package org.lakebrush.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.lakebrush.executor.MarkScan;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.sink.Sha256;
import org.lakebrush.source.Causes;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Listing;
import org.lakebrush.source.Reach;
import org.lakebrush.source.Retries;
import org.lakebrush.watermark.LearnedMark;
import org.lakebrush.watermark.MarkAnchor;
import org.lakebrush.watermark.MarkLearner;
import org.lakebrush.watermark.MarkPresence;
import org.lakebrush.watermark.MarkStatistics;
import org.lakebrush.watermark.MarkWindow;

/**
 * Learns the mark that a lake's images have in common, and writes it with a job that removes it.
 *
 * <p>One pass over a sample counts what its images have in common in a window at each corner, at the top, the bottom and the centre, large
 * images being reduced. Where that shows a mark, the sample is looked at once more: only in images that carry it, and where they were
 * reduced at the mark alone, at full size as far as memory allows.
 */
public final class WatermarkLearning {
  /** Of fewer images nothing can be said. */
  public static final int LEAST_IMAGES = 30;
  static final String MARK = "mark.png";
  static final String JOB = "job.yaml";

  /** Reduced pixels of a window: statistics of seven windows are about 50 MB. */
  private static final int WINDOW_PIXELS = 48_000;
  /** And of the mark alone, about 30 MB. */
  private static final int MARK_PIXELS = 200_000;
  /** Least image pixels around the mark that show its surroundings. */
  private static final int LEAST_RIM = 64;
  /** Each task holds statistics of its own, which go over the network. */
  private static final int MOST_TASKS = 8;
  private static final int LEAST_TASK_IMAGES = 16;
  /** Images whose sizes the windows are told from. */
  private static final int SIZES = 15;
  private static final double AS_SURE = 0.9;
  /** From this opacity on what lies under the mark is not worth being solved for. */
  private static final double OPAQUE = 0.9;

  private final JavaSparkContext context;
  private final LearnRequest request;
  private final Configuration conf;

  /**
   * @throws UsageException where the sample is too small or too large
   */
  public WatermarkLearning(SparkSession spark, LearnRequest request) throws UsageException {
    if (request.sample() < LEAST_IMAGES || request.sample() > MarkStatistics.MAX_IMAGES) {
      throw new UsageException("--sample " + request.sample() + ": give a number of images from " + LEAST_IMAGES + " to "
          + MarkStatistics.MAX_IMAGES);
    }
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    this.request = request;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
  }

  /**
   * Looks for a mark and writes what it finds; where it finds none it writes nothing.
   *
   * @throws UsageException where the output is a file or lies in the input, or fewer than {@link #LEAST_IMAGES} images can be read
   * @throws IOException where the input cannot be listed or the output cannot be written
   */
  public LearnReport run() throws UsageException, InputException, IOException {
    Path out = out();
    Sample found = sample(out);
    List<ImageRef> sample = found.images();
    context.setJobGroup("learn-watermark", "learning a mark from " + sample.size() + " images of " + request.input());
    Broadcast<SerializableConfiguration> shared = context.broadcast(new SerializableConfiguration(conf));
    try {
      List<MarkWindow> windows = windows(found);
      MarkScan.Tally first = scan(found, windows, null, shared);
      refuseFew(first.images(), sample.size());
      List<LearnedMark> seen = first.statistics().stream().map(MarkLearner::learn).flatMap(Optional::stream).toList();
      Optional<LearnedMark> rough = MarkLearner.best(seen);
      if (rough.isEmpty()) {
        return new LearnReport(Optional.empty(), first.images(), 0, first.skipped());
      }
      MarkScan.Tally second = scan(found, List.of(closer(rough.get(), windows)), new MarkPresence(rough.get()), shared);
      // Where the closer look is less sure of the shape, the coarse one is better than a wrong one.
      Optional<LearnedMark> mark = MarkLearner.learn(second.statistics().get(0))
          .map(m -> m.confidence() < AS_SURE * rough.get().confidence() ? rough.get() : m);
      if (mark.isPresent()) {
        write(out, mark.get(), second);
      }
      return new LearnReport(mark, first.images(), mark.isPresent() ? second.counted() : 0, first.skipped());
    } finally {
      context.clearJobGroup();
      shared.destroy();
    }
  }

  private Path out() throws UsageException, IOException {
    Path out = Places.qualify("--out", request.out(), conf);
    try {
      if (out.getFileSystem(conf).getFileStatus(out).isFile()) {
        throw new UsageException("--out " + out + " is a file: give a folder, there or not");
      }
    } catch (FileNotFoundException e) {
      // It is made when there is a mark to write.
    }
    return out;
  }

  /**
   * Images to look at.
   *
   * @param reach where they may be read
   */
  private record Sample(List<ImageRef> images, Reach reach) {}

  /** The images whose URIs have the least hashes: spread over the lake, and the same each time. */
  private Sample sample(Path out) throws UsageException, InputException, IOException {
    TreeMap<String, ImageRef> least = new TreeMap<>();
    int images = 0;
    Reach reach;
    try (Listing listing = Listing.open(conf, request.input(), false)) {
      if (Places.isWithin(out, listing.base())) {
        throw new UsageException("--out " + out + " lies in the input " + listing.base() + ": the mark would be taken for one of its"
            + " images; give a folder outside of it");
      }
      reach = new Reach(List.of(listing.place().toString()), List.of());
      for (Listing.Entry entry = listing.next(); entry != null; entry = listing.next()) {
        if (!entry.isImage()) {
          continue;
        }
        images++;
        least.put(Sha256.hex(entry.uri()),
            new ImageRef(entry.uri(), entry.path(), entry.length(), entry.modificationTime(), List.of(), ""));
        if (least.size() > request.sample()) {
          least.pollLastEntry();
        }
      }
    } catch (IOException e) {
      throw new IOException("cannot list " + request.input() + ": " + Causes.inOneLine(e)
          + "; check permissions, credentials and the store", e);
    }
    refuseFew(images, images);
    return new Sample(new ArrayList<>(least.values()), reach);
  }

  private void refuseFew(int readable, int listed) throws UsageException {
    if (readable < LEAST_IMAGES) {
      throw new UsageException(request.input() + " has " + readable + (readable < listed ? " readable images in a sample of " + listed
          : " images") + "; a mark is what many have in common: give " + LEAST_IMAGES + " or more, better 300");
    }
  }

  /** For images of many sizes: a size that three in four of them have at least. */
  private List<MarkWindow> windows(Sample sample) throws UsageException {
    ImageBytes bytes = new ImageBytes(conf, sample.reach(), Retries.DEFAULT);
    List<Integer> widths = new ArrayList<>();
    List<Integer> heights = new ArrayList<>();
    for (ImageRef ref : sample.images()) {
      if (ref.length() > MarkScan.mostBytes()) {
        continue;
      }
      try {
        ImageHeader header = Codecs.header(bytes.read(ref));
        widths.add(header.width());
        heights.add(header.height());
      } catch (ImageFailure e) {
        // The scan counts it.
        continue;
      }
      if (widths.size() == SIZES) {
        break;
      }
    }
    refuseFew(widths.size() < SIZES ? widths.size() : LEAST_IMAGES, sample.images().size());
    return MarkWindow.all(lowerQuartile(widths), lowerQuartile(heights), WINDOW_PIXELS);
  }

  /** At full size the same window, else the mark with half as much around it again on each side, from which the noise is told. */
  private static MarkWindow closer(LearnedMark mark, List<MarkWindow> windows) {
    MarkWindow place = mark.place();
    if (place.reduction() == 1) {
      return windows.stream().filter(w -> w.anchor() == place.anchor()).findFirst().orElseThrow();
    }
    return place.around(Math.max(LEAST_RIM, Math.max(mark.width(), mark.height()) / 2), MARK_PIXELS);
  }

  private static int lowerQuartile(List<Integer> values) {
    return values.stream().sorted().skip(values.size() / 4).findFirst().orElseThrow();
  }

  private MarkScan.Tally scan(Sample sample, List<MarkWindow> windows, MarkPresence presence,
      Broadcast<SerializableConfiguration> shared) {
    int tasks = Math.max(1, Math.min(Math.min(MOST_TASKS, context.defaultParallelism()), sample.images().size() / LEAST_TASK_IMAGES));
    List<Integer> numbers = IntStream.range(0, sample.images().size()).boxed().toList();
    return MarkScan.Tally.unpack(context.parallelize(numbers, tasks).mapPartitions(new MarkScan(sample.images(), windows, presence,
        sample.reach(), shared))
        .treeReduce(MarkScan.Tally::merge));
  }

  private void write(Path out, LearnedMark mark, MarkScan.Tally tally) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(MARK, mark.png());
    files.put(JOB, job(mark, tally).getBytes(StandardCharsets.UTF_8));
    AtomicFiles.write(conf, out, files);
  }

  private String job(LearnedMark mark, MarkScan.Tally tally) {
    return String.format(Locale.ROOT, """
        # A mark learned from %d images of %s.
        # %s
        # Carried by %d of them; opacity %.2f, confidence %.2f.
        masks:
          - {kind: watermark, file: %s, min_scale: 90%%, max_scale: 110%%%s}
        """, tally.images(), request.input().replaceAll("\\p{Cntrl}", " "), describe(mark), tally.counted(), mark.opacity(),
        mark.confidence(), MARK, mark.opacity() < OPAQUE ? ", unblend: true" : "");
  }

  /** Size and place of a mark in words. */
  public static String describe(LearnedMark mark) {
    String off = mark.place().anchor() == MarkAnchor.CENTER ? "off the centre by" : "margins";
    return String.format(Locale.ROOT, "%d x %d pixels, anchor %s, %s %d and %d pixels", mark.width(), mark.height(),
        mark.place().anchor().word(), off, mark.marginX(), mark.marginY());
  }
}
