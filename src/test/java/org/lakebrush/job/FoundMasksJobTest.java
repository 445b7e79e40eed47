package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.image.Mats;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Status;
import org.lakebrush.source.InputException;
import org.lakebrush.testing.Lakes;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Point;
import org.opencv.core.Rect;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/** The job with masks that it finds by itself: what the log says of them. */
class FoundMasksJobTest {
  @TempDir
  Path folder;

  /** The sky and hills of a photograph, 500 by 300, with or without a caption. */
  private Path photograph(String name, String caption) throws Exception {
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    try (Mats mats = new Mats(); InputStream in = SampleLake.class.getResourceAsStream("nagasaki-boats.jpg")) {
      Mat photo = mats.keep(Imgcodecs.imdecode(mats.keep(new MatOfByte(in.readAllBytes())), Imgcodecs.IMREAD_COLOR));
      Mat part = mats.keep(photo.submat(new Rect(0, 40, 500, 300)));
      Imgproc.putText(part, caption, new Point(60, 130), Imgproc.FONT_HERSHEY_DUPLEX, 1.4, new Scalar(40, 40, 200), 2, Imgproc.LINE_AA);
      MatOfByte png = mats.keep(new MatOfByte());
      Imgcodecs.imencode(".png", part, png);
      return Files.write(file, png.toArray());
    }
  }

  @Test
  void whatIsFoundIsLoggedAndWhatIsLeftIsForReview() throws Exception {
    photograph("caption.png", "NOT FOR SALE");
    Path clean = photograph("clean.png", "");
    Runs runs = Runs.in(folder);
    String job = "masks: [{kind: text}]\n";

    Map<String, LogRow> rows = runs.rows(runs.run(job));
    LogRow row = rows.get("caption.png");
    assertEquals(Status.REPAIRED, row.status(), row.errorMessage());
    assertEquals("text", row.found().get(0).kind());
    assertTrue(row.found().get(0).confidence() >= 0.65);
    assertEquals(0, row.residual(), "the caption is read no more");
    assertTrue(row.damage() > 0 && row.damage() < 1);
    assertNull(row.descreen());
    LogRow untouched = rows.get("clean.png");
    assertEquals(Status.UNCHANGED, untouched.status());
    assertEquals(0, untouched.found().size());
    assertNull(untouched.residual());
    assertNull(untouched.damage());
    assertArrayEquals(Files.readAllBytes(clean), Files.readAllBytes(Path.of(runs.output, "clean.png")));

    // A fill that fades in over far more than the glyphs' width leaves the caption to be read.
    String[] faint = {"mask.grow=0", "mask.feather=60", "limits.max_residual=10%"};
    RunSummary poor = runs.run(job, faint);
    LogRow review = runs.rows(poor).get("caption.png");
    assertEquals(Status.REVIEW, review.status());
    assertTrue(review.residual() > 0.1, "residual " + review.residual());
    assertEquals(0, poor.exitCode(), "a poor result is no failure");
    assertTrue(Files.exists(Path.of(review.output().uri().replaceFirst("^file:", ""))));
    assertEquals(0, runs.run(job, faint).plan().todo(), "and is not done again");
  }

  private Path mark(int side) throws Exception {
    BufferedImage mark = new BufferedImage(side, side, BufferedImage.TYPE_INT_ARGB);
    var g = mark.createGraphics();
    g.setColor(Color.WHITE);
    g.drawOval(2, 2, side - 5, side - 5);
    g.drawLine(2, side / 2, side - 3, side / 3);
    g.dispose();
    Path file = folder.resolve("marks/mark.png");
    Files.createDirectories(file.getParent());
    ImageIO.write(mark, "png", file.toFile());
    return file;
  }

  @Test
  void anotherMarkIsAnotherJob() throws Exception {
    Lakes.write(folder.resolve("in/a.png"), 1, true);
    Path mark = mark(60);
    Files.setLastModifiedTime(mark, FileTime.fromMillis(1_700_000_000_000L));
    Runs runs = Runs.in(folder);
    String job = "masks: [{kind: watermark, file: marks/mark.png}]\n";
    assertEquals(1, runs.run(job).totals().count(Status.UNCHANGED));
    assertEquals(0, runs.run(job).plan().todo());

    mark(50);
    assertEquals(1, runs.run(job).plan().todo(), "the mark has changed");

    Files.delete(mark);
    InputException e = assertThrows(InputException.class, () -> runs.run(job));
    assertTrue(e.getMessage().contains("marks/mark.png does not exist"), e.getMessage());
  }
}
