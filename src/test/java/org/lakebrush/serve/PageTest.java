package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.DoubleBinaryOperator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.demo.SampleLake;
import org.lakebrush.testing.Browser;
import org.lakebrush.testing.Jvm;
import org.lakebrush.testing.Lakes;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/**
 * The page, in a browser, against a server with the shipped model. It shows the image a pixel for a pixel, in the middle of its stage: so
 * what is at (x, y) from the stage's middle is at (x, y) from the image's.
 */
class PageTest {
  private static final int WIDTH = 480;
  private static final int HEIGHT = 320;
  /** Pixels by which the page lets marks be grown. */
  private static final int GROW = 4;

  @TempDir
  static Path dir;

  private static BufferedImage sample;
  private static Path file;
  private static Path saved;
  private static Served served;
  private static Browser browser;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Browser.isHere(), Browser.MISSING);
    sample = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = sample.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    try (InputStream photo = SampleLake.class.getResourceAsStream("black-canyon.jpg")) {
      g.drawImage(ImageIO.read(photo), 0, 0, WIDTH, HEIGHT, null);
    }
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 28));
    g.setColor(Color.BLACK);
    g.drawString("SAMPLE 1998", 40, 60);
    g.dispose();
    file = Files.write(dir.resolve("a sample.png"), Lakes.encode(sample, "png"));
    saved = Files.createDirectories(dir.resolve("saved"));
    served = Served.start(dir.resolve("uploads"));
    browser = Browser.start(Files.createDirectories(dir.resolve("profile")));
    browser.saveTo(saved);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
    if (served != null) {
      served.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    try (var old = Files.list(saved)) {
      for (Path one : old.toList()) {
        Files.delete(one);
      }
    }
    browser.console();
    browser.requests();
    browser.show(1280, false);
    browser.open(served.at("/"));
  }

  private static WebElement find(String css) {
    return browser.driver().findElement(By.cssSelector(css));
  }

  private static String text(String css) {
    return find(css).getDomProperty("textContent");
  }

  private static void settled() throws Exception {
    browser.await("!document.body.classList.contains('working')");
  }

  /** Opens the sample, a pixel for a pixel. */
  private static void load() throws Exception {
    find("#file").sendKeys(file.toString());
    browser.await("document.body.dataset.state === 'edit'");
    settled();
    find("#zoom-whole").click();
    assertEquals("100%", text("#zoom-whole"));
  }

  private static void take(String tool) {
    find("label[for=tool-" + tool + "]").click();
  }

  /** Draws with the mouse, from point to point of the image. */
  private static void draw(int... points) {
    WebElement stage = find("#stage");
    Actions mouse = new Actions(browser.driver(), Duration.ofMillis(20)).moveToElement(stage, points[0] - WIDTH / 2, points[1] - HEIGHT / 2)
        .clickAndHold();
    for (int i = 2; i < points.length; i += 2) {
      mouse.moveToElement(stage, points[i] - WIDTH / 2, points[i + 1] - HEIGHT / 2);
    }
    mouse.release().perform();
  }

  private static byte[] repaired() throws Exception {
    find("#repair").click();
    browser.await("document.body.dataset.state === 'result'");
    settled();
    find("#download").click();
    return download("a sample-repaired.png");
  }

  private static byte[] download(String name) throws Exception {
    Path path = saved.resolve(name);
    for (int i = 0; i < 200 && !(Files.exists(path) && Files.size(path) > 0); i++) {
      Thread.sleep(50);
    }
    return Files.readAllBytes(path);
  }

  /** How many of the pixels that pass a test are another colour than in the sample; per cent. */
  private static double changed(BufferedImage after, BiPredicate<Integer, Integer> where) {
    int all = 0;
    int changed = 0;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        if (where.test(x, y)) {
          all++;
          changed += after.getRGB(x, y) == sample.getRGB(x, y) ? 0 : 1;
        }
      }
    }
    return 100.0 * changed / all;
  }

  private static void assertQuiet() throws Exception {
    assertEquals(List.of(), browser.console(), "the console");
    String host = served.at("/").toString();
    assertEquals(List.of(), browser.requests().stream().filter(url -> !url.startsWith(host) && !url.startsWith("blob:" + host)).toList(),
        "requests to other hosts");
  }

  @Test
  void whatIsUnderTheBrushIsRepairedAndNothingElse() throws Exception {
    load();
    double radius = Integer.parseInt(text("#size-said").replace(" px", "")) / 2.0;
    draw(100, 120, 180, 150, 300, 130);
    BufferedImage after = ImageIO.read(new ByteArrayInputStream(repaired()));
    assertEquals(List.of(WIDTH, HEIGHT), List.of(after.getWidth(), after.getHeight()));
    Line2D one = new Line2D.Double(100, 120, 180, 150);
    Line2D other = new Line2D.Double(180, 150, 300, 130);
    DoubleBinaryOperator away = (x, y) -> Math.min(one.ptSegDist(x + 0.5, y + 0.5), other.ptSegDist(x + 0.5, y + 0.5));
    BiPredicate<Integer, Integer> under = (x, y) -> away.applyAsDouble(x, y) <= radius - 1;
    BiPredicate<Integer, Integer> elsewhere = (x, y) -> away.applyAsDouble(x, y) > radius + GROW + 1;
    assertTrue(changed(after, under) > 90, () -> changed(after, under) + "% changed under the brush");
    assertEquals(0, changed(after, elsewhere), "per cent changed elsewhere");
    assertTrue(text("#facts").contains("% of the image"), text("#facts"));
    String line = find("#line").getCssValue("transform");
    find("#cut").sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertNotEquals(line, find("#line").getCssValue("transform"), "the line between before and after");
    assertQuiet();
  }

  @Test
  void aSavedJobRepairsTheImageAsThePageDid() throws Exception {
    load();
    take("box");
    draw(400, 260, 470, 310);
    take("lasso");
    draw(60, 200, 100, 190, 120, 240, 70, 250);
    take("brush");
    draw(220, 80, 280, 90);
    take("eraser");
    draw(250, 60, 250, 110);
    find("#undo").click();
    find("#undo").click();
    assertTrue(find("#redo").isEnabled());
    new Actions(browser.driver()).keyDown(Keys.CONTROL).sendKeys("y").sendKeys("y").keyUp(Keys.CONTROL).perform();
    assertFalse(find("#redo").isEnabled(), "all is done again");
    find(".act.editing .save").click();
    find("#job-download").click();
    String job = new String(download("a-sample.yaml"), StandardCharsets.UTF_8);
    assertEquals(job, text("#job-text"));
    // 480 - 470 and 320 - 310 pixels from the edges; 70 and 50 long.
    assertTrue(job.contains("- {kind: box, anchor: bottom-right, width: 14.5%, height: 15.5%, margin_x: 2.1%, margin_y: 3.2%}"), job);
    assertEquals(3, job.split("kind: polygon", -1).length - 1, "a lasso, and what the eraser left of a stroke, in two: " + job);
    find("#job .close").click();
    byte[] page = repaired();
    assertFalse(Arrays.equals(Files.readAllBytes(file), page));
    assertQuiet();
    assertArrayEquals(page, run(saved.resolve("a-sample.yaml")), "the run's picture is the page's");
  }

  /** What the sample becomes in a run of submit.sh, unpacked as in a tarball, whose jar leads to this JVM's classes. */
  private static byte[] run(Path job) throws Exception {
    Path home = Files.createDirectories(dir.resolve("home"));
    Files.copy(Path.of("submit.sh"), home.resolve("submit.sh"));
    for (String folder : List.of("conf", "models")) {
      Files.createSymbolicLink(home.resolve(folder), Path.of(folder).toAbsolutePath());
    }
    Jvm.writeJar(home.resolve("lakebrush.jar"));
    Path said = dir.resolve("said.txt");
    ProcessBuilder builder = new ProcessBuilder("bash", home.resolve("submit.sh").toString(), "run", "--job", job.toString(), "--input",
        file.toString(), "--output", dir.resolve("out").toString(), "--log", dir.resolve("log").toString(), "--device", "cpu")
        .redirectErrorStream(true).redirectOutput(said.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LAKEBRUSH_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");
    Process process = builder.start();
    assertTrue(process.waitFor(3, TimeUnit.MINUTES), "it ends");
    assertEquals(0, process.exitValue(), Files.readString(said));
    // What a link leads to is not the temporary folder's.
    for (String folder : List.of("conf", "models")) {
      Files.delete(home.resolve(folder));
    }
    return Files.readAllBytes(dir.resolve("out").resolve(file.getFileName()));
  }

  @Test
  void whatTheEraserTakesFromFoundTextStays() throws Exception {
    load();
    find("[data-kind=text] .find").click();
    browser.await("document.querySelector('[data-kind=text].found')");
    settled();
    assertEquals("1 found", text("[data-kind=text] .state"));
    take("eraser");
    draw(160, 40, 250, 40);
    draw(160, 50, 250, 50);
    find(".act.editing .save").click();
    assertTrue(text("#job-text").contains("\n  - {kind: text, confidence: 65}\n"), text("#job-text"));
    assertTrue(text("#job-text").contains("# The eraser took some of what text found") && text("#job-notes").contains("The eraser took"));
    find("#job .close").click();
    BufferedImage after = ImageIO.read(new ByteArrayInputStream(repaired()));
    BiPredicate<Integer, Integer> letters = (x, y) -> (sample.getRGB(x, y) & 0xffffff) == 0 && y < 62;
    assertTrue(changed(after, letters.and((x, y) -> x < 140)) > 95, "the letters before the eraser");
    assertEquals(0, changed(after, letters.and((x, y) -> x > 170)), "the letters under the eraser");
    assertQuiet();
  }

  @Test
  void saysWhatIsWrongWithAFile() throws Exception {
    browser.js("const all = new DataTransfer(); all.items.add(new File(['no picture'], 'notes.txt'));"
        + "document.body.dispatchEvent(new DragEvent('drop', {dataTransfer: all, bubbles: true}))");
    browser.await("!document.getElementById('notice').hidden");
    String message = served.post("/api/view", new Form().file("image", "notes.txt", "no picture".getBytes(StandardCharsets.UTF_8)))
        .message();
    assertEquals(message, text("#notice-text"));
    assertEquals("alert", find("#notice").getAriaRole());
    load();
    assertFalse(find("#notice").isDisplayed(), "the next image is opened without it");
  }

  @Test
  void asksForTheToken() throws Exception {
    String token = "a-token-of-a-test";
    try (Served guarded = Served.start(dir.resolve("guarded"), token, 4, 1_000_000)) {
      browser.open(guarded.at("/"));
      load();
      find("[data-kind=scratches] .find").click();
      browser.await("document.getElementById('token').open");
      find("#token-value").sendKeys("another-token", Keys.ENTER);
      browser.await("document.getElementById('token').open");
      find("#token-value").sendKeys(token, Keys.ENTER);
      browser.await("document.querySelector('[data-kind=scratches].found')");
      settled();
      find("[data-kind=scratches] .find").click();
      browser.await("!document.querySelector('[data-kind=scratches].found')");
    }
  }

  @Test
  void worksOnAPhone() throws Exception {
    browser.show(360, true);
    browser.open(served.at("/"));
    String ground = browser.js("return getComputedStyle(document.body).backgroundColor");
    assertFits();
    load();
    assertFits();
    browser.show(360, false);
    assertNotEquals(ground, browser.<String>js("return getComputedStyle(document.body).backgroundColor"), "light and dark");
    List<Number> box = browser.js("const b = document.getElementById('stage').getBoundingClientRect();"
        + "return [b.left + b.width / 2, b.top + b.height / 2]");
    double x = box.get(0).doubleValue();
    double y = box.get(1).doubleValue();
    browser.touch("touchStart", new double[] {x - 60, y});
    browser.touch("touchMove", new double[] {x, y + 10});
    browser.touch("touchMove", new double[] {x + 60, y});
    browser.touch("touchEnd");
    assertTrue(find("#undo").isEnabled(), "one finger draws");
    find("#undo").click();
    browser.touch("touchStart", new double[] {x - 40, y});
    browser.touch("touchStart", new double[] {x - 40, y}, new double[] {x + 40, y});
    browser.touch("touchMove", new double[] {x - 80, y}, new double[] {x + 80, y});
    browser.touch("touchEnd");
    assertFalse(find("#undo").isEnabled(), "two do not");
    assertEquals("200%", text("#zoom-whole"), "but zoom");
    assertQuiet();
  }

  /** Nothing is wider than the screen, and whatever can be used can be scrolled to and touched. */
  private static void assertFits() {
    assertEquals(360L, browser.<Long>js("return document.documentElement.scrollWidth"), "scrolled to the side");
    assertEquals(List.of(), browser.<List<String>>js("""
        document.querySelectorAll('main details').forEach(one => one.open = true);
        return [...document.querySelectorAll('button, select, input:not(.hidden), summary, .tools label')]
          .filter(one => one.checkVisibility() && !one.closest('dialog')).filter(one => {
            one.scrollIntoView({block: 'center'});
            const box = one.getBoundingClientRect();
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return box.left < 0 || box.right > innerWidth || !(one.contains(top) || top?.contains(one));
          }).map(one => one.id || one.outerHTML)"""), "what cannot be reached");
    browser.js("scrollTo(0, 0)");
  }
}
