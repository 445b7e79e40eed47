package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.executor.Done;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.Mats;
import org.lakebrush.lama.Device;
import org.lakebrush.report.PreviewWork;
import org.lakebrush.report.Sheet;
import org.lakebrush.report.SheetPage;
import org.lakebrush.report.SheetPicture;
import org.lakebrush.sink.LogRow;
import org.lakebrush.sink.Sha256;
import org.lakebrush.sink.Status;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.Input;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

class PreviewJobTest {
  /** Where pictures lie on a sheet, which is 1600 pixels wide: three columns with a gap between. */
  private static final int[] COLUMNS = {28, 548, 1068};

  @TempDir
  Path folder;

  private PreviewJob preview(int images) throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), Runs.RED);
    return new PreviewJob(LocalSpark.get(), JobSpecReader.read(job, List.of()), new PreviewRequest(
        new Input.Files(folder.resolve("in").toString()), images, Device.parse("cpu"), folder.resolve("sheet").toString()), note -> {});
  }

  /** Keeps what a run would write. */
  private record Kept(ImageRef ref, ImageBytes bytes, Map<String, String> hashes) implements ImageWork {
    @Override
    public byte[] read() throws ImageFailure {
      return bytes.read(ref);
    }

    @Override
    public Written write(Encoded repaired) {
      hashes.put(ref.path(), Sha256.hex(repaired.bytes()));
      return null;
    }

    @Override
    public Written copy(byte[] file) {
      throw new AssertionError(ref.path() + " has a mark");
    }
  }

  @Test
  void itsImagesAreThoseOfASampleAndBecomeWhatTheRunMakesOfThem() throws Exception {
    Lakes.fill(folder.resolve("in"), 25);
    Map<String, String> hashes = new ConcurrentHashMap<>();
    PreviewJob.Previewed<Status> preview = preview(4).run((ref, bytes) -> new Kept(ref, bytes, hashes), Done::status);
    assertEquals(List.of("in", "job.yaml"), top(), "nothing is written");
    assertEquals(25, preview.lakeImages());
    assertEquals(List.of(Status.REPAIRED, Status.REPAIRED, Status.REPAIRED, Status.REPAIRED), preview.images());

    Runs runs = Runs.in(folder);
    runs.job(Runs.RED, OptionalInt.empty(), OptionalInt.of(4)).run();
    assertEquals(runs.rows().stream().collect(Collectors.toMap(LogRow::path, row -> row.output().sha256())), new HashMap<>(hashes));
  }

  private List<String> top() throws Exception {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theSheetShowsEachImageAndWhyThereIsNothingToShow() throws Exception {
    BufferedImage large = Lakes.picture(1200, 900, 1, false);
    Files.createDirectories(folder.resolve("in"));
    Files.write(folder.resolve("in/a-large.png"), Lakes.encode(large, "png"));
    Lakes.write(folder.resolve("in/b-clean.jpg"), 2, true);
    byte[] torn = Lakes.encode(Lakes.picture(300, 200, 3, false), "jpg");
    Files.write(folder.resolve("in/c-torn.jpg"), Arrays.copyOf(torn, torn.length / 2));
    String evil = "d-<img src=x onerror=alert(1)>&\"'\u202Egnp.png";
    Lakes.write(folder.resolve("in").resolve(evil), 4);

    PreviewJob preview = preview(12);
    List<Sheet.Image> images = preview.run(PreviewWork::new, done -> Sheet.Image.of(done, "nothing found")).images();
    assertEquals(List.of(Status.REPAIRED, Status.UNCHANGED, Status.FAILED, Status.REPAIRED),
        images.stream().map(Sheet.Image::status).toList());
    assertTrue(images.get(2).message().startsWith("TRUNCATED: "), images.get(2).message());
    Sheet sheet = new Sheet("A <title>", "s3a://lake", images);
    byte[] png = SheetPicture.png(sheet);
    assertPicture(ImageIO.read(new ByteArrayInputStream(png)), large);
    assertPage(new String(SheetPage.html(sheet), StandardCharsets.UTF_8), evil, images.get(2).message());

    preview.write(Map.of("x.png", png));
    assertEquals(List.of("in", "job.yaml", "sheet"), top());
    assertEquals(List.of("x.png"), Runs.files(folder.resolve("sheet").toString()), "and no temporary file is left");
  }

  private static void assertPicture(BufferedImage sheet, BufferedImage large) {
    assertEquals(1600, sheet.getWidth());
    BufferedImage expected = reduced(large, 504, 378);
    int top = 0;
    while (!isSame(sheet.getRGB(COLUMNS[0], top, 504, 378, null, 0, 504), expected)) {
      top++;
    }
    int[] before = sheet.getRGB(COLUMNS[0], top, 504, 378, null, 0, 504);
    int[] outlined = sheet.getRGB(COLUMNS[1], top, 504, 378, null, 0, 504);
    int[] after = sheet.getRGB(COLUMNS[2], top, 504, 378, null, 0, 504);
    // The mark, grown by 4 pixels, is 36 to 56; here 15.1 to 23.5.
    int line = 0;
    for (int i = 0; i < before.length; i++) {
      int x = i % 504;
      int y = i / 504;
      boolean near = x >= 12 && x < 27 && y >= 12 && y < 27;
      boolean inside = x >= 16 && x < 23 && y >= 16 && y < 23;
      line += before[i] == outlined[i] ? 0 : 1;
      assertTrue(before[i] == outlined[i] || near && !inside, "outlined at " + x + " " + y);
      assertTrue(before[i] == after[i] || x >= 15 && x < 24 && y >= 15 && y < 24, "changed at " + x + " " + y);
    }
    assertTrue(line > 30, line + " pixels of outline");
    assertTrue((before[19 * 504 + 19] >> 8 & 255) < 10, "the mark is red");
    assertTrue((after[19 * 504 + 19] >> 8 & 255) > 60, "and gone");
    assertTrue(top + 378 + 16 + 378 < sheet.getHeight(), "a close-up below");
    assertEquals(0xFFFF0000, sheet.getRGB(COLUMNS[0] + 45, top + 378 + 16 + 45), "of the corner with the mark, at full size");
  }

  /** By OpenCV. */
  private static BufferedImage reduced(BufferedImage image, int width, int height) {
    BufferedImage bgr = new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    bgr.createGraphics().drawImage(image, 0, 0, null);
    BufferedImage small = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    try (Mats mats = new Mats()) {
      Mat in = mats.keep(new Mat(image.getHeight(), image.getWidth(), CvType.CV_8UC3));
      in.put(0, 0, ((DataBufferByte) bgr.getRaster().getDataBuffer()).getData());
      Mat out = mats.mat();
      Imgproc.resize(in, out, new Size(width, height), 0, 0, Imgproc.INTER_AREA);
      out.get(0, 0, ((DataBufferByte) small.getRaster().getDataBuffer()).getData());
    }
    return small;
  }

  private static boolean isSame(int[] pixels, BufferedImage expected) {
    for (int i = 0; i < pixels.length; i++) {
      int e = expected.getRGB(i % expected.getWidth(), i / expected.getWidth());
      for (int shift = 0; shift < 24; shift += 8) {
        if (Math.abs((pixels[i] >> shift & 255) - (e >> shift & 255)) > 1) {
          return false;
        }
      }
    }
    return true;
  }

  private static void assertPage(String html, String evil, String message) throws Exception {
    assertEquals(hashes(html, "style"), policy(html, "style-src"), "only its own styles");
    assertEquals(hashes(html, "script"), policy(html, "script-src"), "only its own scripts");
    assertTrue(html.contains("default-src 'none'"), "and nothing else, from anywhere");
    assertFalse(html.contains("<img src=x"), "names are text");
    assertFalse(html.contains("\u202E"), "and read as they are");
    assertTrue(html.contains("d-&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;\uFFFDgnp.png"), html.substring(0, 3000));
    assertTrue(html.contains("<h1>A &lt;title&gt;</h1>"));
    assertTrue(html.contains(message), "why one FAILED");
    assertTrue(html.contains("nothing found"));
    // Of the large image the whole and a close-up, of the small one the whole.
    assertEquals(3, Pattern.compile("type=\"range\"[^>]* aria-label=\"[^\"]+\"").matcher(html).results().count());
    assertEquals(3, Pattern.compile("class=\"slider-outline\"").matcher(html).results().count());
    Matcher picture = Pattern.compile("width=\"(\\d+)\" height=\"(\\d+)\" alt=\"[^\"]+\" src=\"data:image/jpeg;base64,([^\"]+)\"").matcher(html);
    int pictures = 0;
    while (picture.find()) {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(picture.group(3))));
      assertEquals(picture.group(1) + "x" + picture.group(2), image.getWidth() + "x" + image.getHeight());
      pictures++;
    }
    assertEquals(7, pictures, "before and after of three, and one unchanged");
    assertEquals(pictures + 3, Pattern.compile("src=\"").matcher(html).results().count(), "all pictures are in the page");
  }

  private static List<String> hashes(String html, String tag) throws Exception {
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    return Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL).matcher(html).results()
        .map(m -> "'sha256-" + Base64.getEncoder().encodeToString(sha.digest(m.group(1).getBytes(StandardCharsets.UTF_8))) + "'").toList();
  }

  private static List<String> policy(String html, String directive) {
    Matcher m = Pattern.compile(directive + " ([^;\"]+)").matcher(html);
    assertTrue(m.find());
    return List.of(m.group(1).split(" "));
  }

  @Test
  void aSheetInTheInputIsRefused() throws Exception {
    Lakes.fill(folder.resolve("in"), 1);
    PreviewJob preview = new PreviewJob(LocalSpark.get(), JobSpecReader.read(Files.writeString(folder.resolve("job.yaml"), Runs.RED), List.of()),
        new PreviewRequest(new Input.Files(folder.resolve("in/*/*.png").toString()), 1, Device.parse("cpu"), folder.resolve("in/d0").toString()),
        note -> {});
    assertTrue(assertThrows(UsageException.class, () -> preview.run(PreviewWork::new, Done::status)).getMessage().contains("--out"));
  }
}
