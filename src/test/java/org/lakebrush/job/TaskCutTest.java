package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;

class TaskCutTest {

  private static ImageRef ref(String path, long length) {
    return new ImageRef("file:/lake/" + path, path, length, 0, List.of(), "");
  }

  private static long work(List<Row> task) {
    return task.stream().mapToLong(r -> TaskCut.work(ImageRefs.fromRow(r))).sum();
  }

  @Test
  void eachImageIsInOneTaskAndNoTaskIsLong() {
    Random random = new Random(3);
    List<Row> refs = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      refs.add(ImageRefs.toRow(ref(i + (i % 3 == 0 ? ".jpg" : ".png"), (long) Math.exp(5 + 12 * random.nextDouble()))));
    }
    List<List<Row>> tasks = TaskCut.cut(refs);
    Set<String> seen = new HashSet<>();
    for (List<Row> task : tasks) {
      task.forEach(r -> assertTrue(seen.add(ImageRefs.fromRow(r).uri())));
      assertTrue(task.size() == 1 || work(task) <= TaskCut.MOST, "work " + work(task) + " of " + task.size());
    }
    assertEquals(500, seen.size());
    for (int i = 1; i < tasks.size(); i++) {
      assertTrue(work(tasks.get(i - 1)) >= work(tasks.get(i)), "the longest begins first");
    }
    assertTrue(tasks.size() < 250, "small images share a task: " + tasks.size());
  }

  @Test
  void aPixelOfAJpegTakesFewerBytesThanOneOfABitmap() {
    long megabyte = 1L << 20;
    assertTrue(TaskCut.work(ref("a.jpg", megabyte)) > 2 * TaskCut.work(ref("a.bmp", megabyte)));
    assertTrue(TaskCut.work(ref("a.jpg", 10 * megabyte)) > 5 * TaskCut.work(ref("a.jpg", megabyte)));
    assertTrue(TaskCut.work(ref("a.jpg", 0)) > 0, "a crop costs something too");
  }

  @Test
  void noImagesAreNoTasks() {
    assertEquals(List.of(), TaskCut.cut(List.of()));
  }
}
