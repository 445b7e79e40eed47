package org.lakebrush.executor;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.lakebrush.executor.Care.Mode;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.sink.Deaths;
import org.lakebrush.sink.Fence;
import org.lakebrush.sink.Hand;
import org.lakebrush.source.Causes;
import org.lakebrush.source.ImageRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task may take in hand, and how. A file of the input is the unit; in a table its images have markers of their own. Used by one
 * thread.
 */
final class TaskHand implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskHand.class);

  private final Care care;
  private final boolean alone;
  private final Hand hand;
  private final Deaths now;
  private final String folder;
  private Hand.Marker marker;

  /**
   * A task's.
   *
   * @param attempt Spark's number of it, from 0
   * @param owner unique in the run; a file name
   * @param fence asked before an image is taken in hand alone
   */
  TaskHand(Configuration conf, RunContext context, Care care, int attempt, String owner, Fence fence) throws IOException {
    this.care = care;
    Path log = new Path(context.logRoot());
    alone = care.mode() != Mode.FAST || attempt > 0;
    hand = alone ? new Hand(conf, log, context.runId(), owner, fence) : null;
    // An attempt before this one may have died of an image since.
    now = attempt > 0 ? hand.deaths() : care.deaths();
    folder = new Path(log, Hand.FOLDER).toString();
  }

  /** Whether one image at a time is taken in hand. */
  boolean isAlone() {
    return alone;
  }

  /** Whether a file is to be left to a later task, in which nothing is beside it. */
  boolean leaves(ImageRef unit) {
    if (!alone) {
      return false;
    }
    String key = Hand.key(unit);
    return care.mode() == Mode.LAST ? now.of(List.of(key)) > care.deaths().of(List.of(key)) : now.isOpen(key);
  }

  /** Why an image is not taken in hand any more, or null. */
  ImageFailure refusal(ImageRef unit, ImageRef image) {
    String key = Hand.key(unit);
    int deaths = care.deaths().byUnit().isEmpty() ? 0 : care.deaths().of(key, Hand.key(image));
    return deaths < Deaths.MOST ? null : new ImageFailure(ErrorKind.CRASHED, deaths + " processes died while they had " + image.uri()
        + " alone in hand, so it is not tried any more: see their logs, and give executors more memory if they were killed for it; to have"
        + " it tried again, delete the files " + key + "-* in " + folder);
  }

  /**
   * Takes an image in hand: it is marked, if it is alone.
   *
   * @throws IllegalStateException where it cannot be marked: the task's failure, and none of the image
   */
  void take(ImageRef unit, ImageRef image) {
    if (alone) {
      try {
        marker = hand.raise(unit, image);
      } catch (IOException e) {
        throw new IllegalStateException("cannot mark in " + folder + " what is in hand: " + Causes.inOneLine(e), e);
      }
    }
  }

  /** Puts down the image that was taken last. */
  void putDown() {
    if (marker == null) {
      return;
    }
    try {
      marker.close();
    } catch (IOException e) {
      LOG.warn("cannot delete a marker in {}; its image will be taken for one that a process died of", folder, e);
    }
    marker = null;
  }

  @Override
  public void close() {
    putDown();
    if (hand != null) {
      hand.close();
    }
  }
}
