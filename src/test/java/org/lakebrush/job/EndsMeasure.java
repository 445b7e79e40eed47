package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.testing.Lakes;

/**
 * How long a run takes to end: {@code mvn test -Dtest=EndsMeasure -Dlakebrush.measure=10} sends SIGTERM at so many random moments to runs on
 * a lake of small images and a few of 24 megapixels with 150 holes: one within 20 s of the lease, which the planning takes much of, the next
 * within 20 s of the run's first image, and so on.
 */
class EndsMeasure {
  private static final int SMALL = 2000;
  private static final int LARGE = 3;
  private static final double MOST_SECONDS = 20;

  @TempDir
  Path folder;

  @Test
  void secondsToTheEnd() throws Exception {
    Integer ends = Integer.getInteger("lakebrush.measure");
    assumeTrue(ends != null, "-Dlakebrush.measure=N");
    for (int i = 0; i < SMALL; i++) {
      Lakes.write(folder.resolve(String.format("in/%04d.jpg", i)), i);
    }
    for (int i = 0; i < LARGE; i++) {
      // Among the first of the lake, so that it is in hand soon.
      Files.write(folder.resolve(String.format("in/%04d-large.jpg", 20 * i)), Lakes.encode(large(i), "jpg"));
    }
    Files.writeString(folder.resolve("job.yaml"), Runs.RED + "run: {slice_images: 50}\n");
    Runs runs = Runs.in(folder);
    Random random = new Random(1);
    double longest = 0;
    for (int end = 0; end < ends; end++) {
      int before = runs.rows().size();
      boolean planned = end % 2 == 1;
      int images = Runs.files(runs.output).size();
      Driver driver = Driver.start(folder, "end" + end);
      while (driver.process.isAlive() && (planned ? Runs.files(runs.output).size() == images
          : Runs.files(runs.log).stream().noneMatch(f -> f.startsWith("_lease/")))) {
        Thread.sleep(10);
      }
      int after = random.nextInt(20_000);
      Thread.sleep(after);
      long start = System.nanoTime();
      driver.process.destroy();
      assertEquals(EndedDriverTest.SIGTERM, driver.await(), driver::output);
      double seconds = (System.nanoTime() - start) / 1e9;
      longest = Math.max(longest, seconds);
      int done = runs.rows().size();
      System.out.printf("SIGTERM %4.1f s after the %s: ended after %4.1f s, %d images committed, %d of %d in all%n", after / 1e3,
          planned ? "first image" : "lease", seconds, done - before, done, SMALL + LARGE);
      runs.assertConsistent();
    }
    assertTrue(longest <= MOST_SECONDS, "longest: " + longest);
  }

  private static BufferedImage large(int seed) {
    BufferedImage image = Lakes.picture(6000, 4000, seed, true);
    Graphics2D g = image.createGraphics();
    g.setColor(Color.RED);
    for (int y = 100; y < 3900; y += 400) {
      for (int x = 100; x < 5900; x += 400) {
        g.fillRect(x, y, 120, 120);
      }
    }
    g.dispose();
    return image;
  }
}
