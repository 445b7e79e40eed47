package org.lakebrush.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Row;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;

/**
 * Cuts a slice into Spark tasks by estimated work, so that none of them holds the slice up for long. Work is counted in pixels: those of
 * the picture, told from the file's length and format, and those of a crop, which each image costs beside them.
 */
final class TaskCut {
  /** Most work in a task, but for a single image that is more: a few seconds of a core. */
  static final long MOST = 32L << 20;
  /** A crop of 512 x 512 costs the model about what decoding and encoding a megapixel costs a core, or more. */
  private static final long CROP = 1L << 20;
  /** What a file of unknown length is taken for. */
  private static final long UNKNOWN_LENGTH = 1L << 20;

  private TaskCut() {}

  /** The work for one image, in pixels. */
  static long work(ImageRef ref) {
    String path = ref.path();
    Optional<ImageFormat> format = ImageFormat.ofExtension(path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    long length = ref.length() < 0 ? UNKNOWN_LENGTH : ref.length();
    return CROP + (long) (length * 8 / format.map(TaskCut::bitsPerPixel).orElse(2.0));
  }

  /** What a pixel usually takes in a file. */
  private static double bitsPerPixel(ImageFormat format) {
    return switch (format) {
      case JPEG -> 2;
      case WEBP -> 1.5;
      case PNG -> 12;
      case BMP, TIFF -> 24;
    };
  }

  /**
   * Cuts rows of {@link ImageRefs#SCHEMA} into tasks.
   *
   * @return the tasks, that with most work first: what is begun last is short; each has its rows in the order given
   */
  static List<List<Row>> cut(List<Row> refs) {
    record Task(List<Row> rows, long work) {}
    List<Task> tasks = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    long work = 0;
    for (Row ref : refs) {
      long one = work(ImageRefs.fromRow(ref));
      if (!rows.isEmpty() && work + one > MOST) {
        tasks.add(new Task(rows, work));
        rows = new ArrayList<>();
        work = 0;
      }
      rows.add(ref);
      work += one;
    }
    if (!rows.isEmpty()) {
      tasks.add(new Task(rows, work));
    }
    return tasks.stream().sorted(Comparator.comparingLong(Task::work).reversed()).map(Task::rows).toList();
  }
}
