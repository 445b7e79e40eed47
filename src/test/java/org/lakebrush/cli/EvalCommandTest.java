package org.lakebrush.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvalCommandTest {
  @TempDir
  Path dir;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int eval(String... arguments) {
    return new CommandLine(new EvalCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
  }

  private void sample(String name, String kind) throws Exception {
    BufferedImage truth = new BufferedImage(120, 90, BufferedImage.TYPE_INT_RGB);
    BufferedImage mask = new BufferedImage(120, 90, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 90; y++) {
      for (int x = 0; x < 120; x++) {
        truth.setRGB(x, y, x << 16 | y << 8 | 64);
        mask.setRGB(x, y, x > 50 && x < 60 && y > 40 && y < 50 ? 0xffffff : 0);
      }
    }
    ImageIO.write(truth, "jpg", dir.resolve(name + ".jpg").toFile());
    ImageIO.write(mask, "png", dir.resolve(name + "_mask_" + kind + ".png").toFile());
  }

  @Test
  void printsALineForEachMethodAndAColumnForEachKind() throws Exception {
    sample("a", "box");
    sample("b", "text");
    Path repaired = dir.resolve("repaired");
    assertEquals(0, eval("--images", dir.toString(), "--max-side", "128,256", "--output", repaired.toString()), err.toString());
    List<String> lines = out.toString().lines().toList();
    assertEquals(6, lines.size());
    assertTrue(lines.get(1).matches("\\s+box\\s+text\\s+all\\s*"), lines.get(1));
    for (int i = 2; i < 6; i++) {
      assertTrue(lines.get(i).matches(".+?(\\s+\\d\\d\\.\\d\\d [01]\\.\\d{3} \\d\\.\\d\\d){3}\\s*"), lines.get(i));
    }
    assertTrue(lines.get(2).startsWith("lama-lite, max_side 128"));
    assertTrue(lines.get(4).startsWith("OpenCV Telea"));
    assertTrue(Files.size(repaired.resolve("a_128.png")) > 0);
  }

  @Test
  void aFolderWithoutSamplesIsAnError() {
    assertEquals(2, eval("--images", dir.toString()));
    assertTrue(err.toString().contains("NAME_mask_KIND.png"));
  }

  @Test
  void whatAJobWouldRefuseIsRefused() throws Exception {
    sample("a", "box");
    assertEquals(2, eval("--images", dir.toString(), "--grow", "5000"));
    assertTrue(err.toString().contains("--grow is 0 to 1000"), err.toString());
  }
}
