package org.lakebrush.watermark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.OpenCv;
import org.lakebrush.image.Picture;

class MarkLearnerTest {

  private static byte[] bytes(Object o) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(o);
    }
    return bytes.toByteArray();
  }

  private static List<Picture> pictures(MadeLake made, int n) throws Exception {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      pictures.add(Codecs.decode(made.image(made.texture(230, 220), true, 200, 230, 220)));
    }
    return pictures;
  }

  private static MarkStatistics statistics(MarkWindow window, List<Picture> pictures) {
    MarkStatistics statistics = new MarkStatistics(window);
    pictures.forEach(p -> MarkStatistics.add(p, List.of(statistics)));
    return statistics;
  }

  @Test
  void mergingIsExactInAnyOrder() throws Exception {
    List<Picture> pictures = pictures(new MadeLake(null, null, 0, 7), 9);
    MarkWindow window = new MarkWindow(MarkAnchor.TOP_RIGHT, -5, 3, 60, 50, 3);
    MarkStatistics whole = statistics(window, pictures);
    MarkStatistics merged = statistics(window, pictures.subList(6, 9));
    MarkStatistics others = statistics(window, pictures.subList(2, 6));
    others.merge(statistics(window, pictures.subList(0, 2)));
    merged.merge(others);
    assertEquals(9, merged.images());
    assertArrayEquals(bytes(whole), bytes(merged));
    MarkStatistics elsewhere = new MarkStatistics(new MarkWindow(MarkAnchor.TOP_LEFT, 0, 0, 60, 50, 3));
    assertThrows(IllegalArgumentException.class, () -> merged.merge(elsewhere));
  }

  @Test
  void countsWhatTheImagesAreInTheWindow() {
    MarkStatistics statistics = new MarkStatistics(new MarkWindow(MarkAnchor.TOP_LEFT, 0, 0, 2, 2, 1));
    int[] differences = {-40, 0, 4, 4, 4, 100};
    for (int d : differences) {
      int left = 100;
      int right = left + d;
      statistics.add(new int[] {left * 0x10101, right * 0x10101, left * 0x10101, -1});
    }
    assertEquals(3.5, statistics.medianAcross(0), 1);
    assertEquals(0, statistics.medianDown(0), 0.5);
    assertEquals(12, statistics.meanAcross(0, 1), 1e-4);
    assertEquals(112, statistics.mean(1, 2), 1e-4);
    assertEquals(0, statistics.variance(0), 1e-3);
    // Of 60, 100, 104, 104, 104, 200, whose mean is 112.
    assertEquals(1797.333, statistics.variance(1), 0.01);
    assertEquals(0, statistics.count(3));
  }

  @Test
  void learnsShapeOpacityAndColourAndNothingFromNothing() throws Exception {
    MadeLake made = new MadeLake(MadeMark.badge(), MarkAnchor.TOP_LEFT, 0.5, 3);
    MarkWindow window = new MarkWindow(MarkAnchor.TOP_LEFT, 0, 0, 200, 200, 1);
    LearnedMark mark = MarkLearner.learn(statistics(window, pictures(made, 50))).orElseThrow();
    assertTrue(made.iou(mark, 0) > 0.8, "IoU " + made.iou(mark, 0));
    assertEquals(0.5, mark.opacity(), 0.05);
    // In the badge's filled left part: (30, 70, 160) of 255.
    int at = (11 + 40 - mark.marginY()) * mark.place().width() + 14 + 6 - mark.marginX();
    int n = mark.alpha().length;
    assertEquals(0.5, mark.alpha()[at], 0.1);
    assertEquals(30 / 255f, mark.rgb()[at], 0.12);
    assertEquals(70 / 255f, mark.rgb()[n + at], 0.12);
    assertEquals(160 / 255f, mark.rgb()[2 * n + at], 0.12);
    assertTrue(MarkLearner.learn(statistics(window, pictures(new MadeLake(null, null, 0, 4), 50))).isEmpty());
  }

  @Test
  void aPartOfAWindowLiesWhereItIsInAnyImage() {
    for (MarkAnchor anchor : MarkAnchor.values()) {
      MarkWindow window = new MarkWindow(anchor, 3, -2, 40, 30, 4);
      MarkWindow part = window.part(5, 7, 11, 13, 1);
      for (int size = 150; size < 170; size++) {
        assertEquals(window.left(size) + 20, part.left(size), anchor + " " + size);
        assertEquals(window.top(size) + 28, part.top(size), anchor + " " + size);
      }
      assertTrue(part.width() >= 44 && part.width() < 48 && part.height() >= 52 && part.height() < 56);
    }
  }

  @Test
  void windowsCoverMostOfAnImageWithinTheirPixels() {
    for (int[] size : new int[][] {{200, 200}, {481, 321}, {1024, 768}, {8660, 5774}}) {
      for (MarkWindow window : MarkWindow.all(size[0], size[1], 48_000)) {
        assertTrue(window.width() * window.height() <= 48_000, window.toString());
        assertTrue(window.width() * window.reduction() >= 0.55 * size[0], window.toString());
        assertTrue(window.height() * window.reduction() >= 0.55 * size[1], window.toString());
        assertTrue(window.width() * window.reduction() <= size[0], window.toString());
      }
    }
  }

  @Test
  void aPlaneComesBackFromItsDifferences() {
    OpenCv.ensureLoaded();
    int w = 20;
    int h = 14;
    Random random = new Random(5);
    float[] plane = new float[w * h];
    float[] across = new float[w * h];
    float[] down = new float[w * h];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = random.nextFloat() * 100;
    }
    for (int i = 0; i < plane.length; i++) {
      across[i] = i % w + 1 < w ? plane[i + 1] - plane[i] : 0;
      down[i] = i + w < plane.length ? plane[i + w] - plane[i] : 0;
    }
    assertArrayEquals(plane, PoissonSolver.solve(across, down, plane, 0.01f, w, h), 0.01f);
    // With nothing known of the differences, the values are smoothed and keep their mean.
    float[] smooth = PoissonSolver.solve(new float[w * h], new float[w * h], plane, 1e-5f, w, h);
    double mean = 0;
    for (float v : plane) {
      mean += v / plane.length;
    }
    assertEquals(mean, smooth[0], 0.5);
    assertEquals(mean, smooth[w * h - 1], 0.5);
  }
}
