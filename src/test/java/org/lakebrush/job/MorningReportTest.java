package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.report.MorningReport;
import org.lakebrush.sink.RunRecord;
import org.lakebrush.sink.RunRecords;
import org.lakebrush.source.Retries;
import org.lakebrush.testing.Browser;
import org.lakebrush.testing.Lakes;
import org.lakebrush.testing.LocalSpark;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The morning report of the second of two real runs, as a browser shows it, and of logs that hold little or nothing. */
class MorningReportTest {
  /** A name that would break a page that does not escape it. */
  private static final String HOSTILE = "<img src=x onerror=window.pwned=1> \"it's\" & <script>window.pwned=2<!--\u2028.png";

  @TempDir
  static Path dir;

  private static Path page;
  private static Browser browser;

  @BeforeAll
  static void twoNights() throws Exception {
    Path lake = Files.createDirectories(dir.resolve("in/new"));
    Files.write(lake.resolve(HOSTILE), "no picture".getBytes(StandardCharsets.UTF_8));
    byte[] whole = Lakes.encode(Lakes.picture(112, 96, 1, false), "png");
    Files.write(lake.resolve("short.png"), Arrays.copyOf(whole, whole.length / 2));
    Runs runs = Runs.in(dir);
    runs.run(Runs.RED, "limits.max_failures=100%");
    for (int i = 0; i < 5; i++) {
      Lakes.write(lake.resolve("b" + i + ".png"), i);
    }
    Lakes.write(dir.resolve("in/clean.png"), 1, true);
    runs.run(Runs.RED, "limits.max_failures=100%");
    page = Files.write(dir.resolve("report.html"), new MorningReport(LocalSpark.get(), runs.log).html(null));
    if (Browser.isHere()) {
      browser = Browser.start(Files.createDirectories(dir.resolve("profile")));
    }
  }

  @AfterAll
  static void closeBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  /** The browser with the page in it. */
  private static Browser open(int width, boolean dark) {
    assumeTrue(browser != null, Browser.MISSING);
    browser.show(width, dark);
    browser.open(page);
    return browser;
  }

  @BeforeEach
  void forget() throws Exception {
    if (browser != null) {
      browser.console();
      browser.requests();
    }
  }

  @Test
  void saysWhatTheRunDid() throws Exception {
    String html = Files.readString(page);
    String text = html.replaceAll("(?s)<script.*?</script>|<style.*?</style>", "").replaceAll("<[^>]*>", " ").replaceAll("\\s+", " ");
    assertTrue(text.contains("2 images failed, 25.0% of all"), text);
    assertTrue(text.contains("Images 8 0 done before"), text);
    assertTrue(text.contains("Repaired 5 62.5% of the images"), text);
    assertTrue(text.contains("Unchanged 1 12.5% of the images"), text);
    assertTrue(text.contains("NOT_AN_IMAGE 1 image"), text);
    assertTrue(text.contains("TRUNCATED 1 image"), text);
    assertTrue(text.contains("5 of 5: first those that need a look"), text);
    assertTrue(html.length() < 1_500_000, "bytes: " + html.length());
  }

  @Test
  void asksForNothingAndComplainsOfNothing() throws Exception {
    Browser b = open(1280, false);
    for (String chart : List.of("nights", "throughput", "failures", "when", "stages", "holes")) {
      Boolean drawn = b.js("const c = document.querySelector('canvas[data-chart=' + arguments[0] + ']');"
          + "return c.width > 0 && c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 == 3 && v > 0)"
          + ".length > 500",
          chart);
      assertTrue(drawn, "drawn: " + chart);
    }
    // Five images before and after, and two that failed, neither of which is a picture.
    assertEquals(List.of(10L, 0L), b.<List<Long>>js("const all = [...document.querySelectorAll('.sheet img:not(.slider-outline)')];"
        + "return [all.length, all.filter(i => !(i.complete && i.naturalWidth > 0)).length]"),
        "pictures, and those of them that are broken");
    assertNull(b.<Object>js("return window.pwned"), "names are texts");
    assertTrue(b.<String>js("return document.body.textContent").contains("<img src=x onerror=window.pwned=1> \"it's\" & <script>"),
        "names are there");
    assertEquals(List.of(page.toUri().toString()), b.requests(), "what the page asks for");
    assertEquals(List.of(), b.console(), "the console");
  }

  @Test
  void keysMoveSlidersAndStepThroughCharts() {
    Browser b = open(1280, false);
    WebElement range = b.driver().findElement(By.cssSelector(".slider-range"));
    String cut = "return getComputedStyle(document.querySelector('.slider-after')).clipPath";
    String before = b.js(cut);
    range.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    assertNotEquals(before, b.<String>js(cut), "the line moves");
    WebElement chart = b.driver().findElement(By.cssSelector("#nights .chart"));
    chart.sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
    String said = chart.findElement(By.cssSelector("[aria-live]")).getDomProperty("textContent");
    assertTrue(said.contains("repaired: 5") && said.contains("failed: 2"), said);
    assertEquals(List.of(), b.console(), "the console");
  }

  @Test
  void isLightOrDarkAsItsReaderLikes() {
    String ground = "return getComputedStyle(document.body).backgroundColor";
    String light = open(1280, false).js(ground);
    String dark = open(1280, true).js(ground);
    assertNotEquals(light, dark);
    WebElement button = browser.driver().findElement(By.id("theme"));
    button.click();
    assertEquals(light, browser.<String>js(ground), "light, where the system is dark");
    button.click();
    assertEquals(dark, browser.<String>js(ground));
    button.click();
    assertEquals(List.of(), browser.console(), "the console");
  }

  @Test
  void fitsAPhone() {
    Browser b = open(360, false);
    assertEquals(360L, b.<Long>js("return document.documentElement.scrollWidth"), "nothing to scroll sideways");
  }

  private static String html(Path log, String run) throws Exception {
    return new String(new MorningReport(LocalSpark.get(), log.toString()).html(run), StandardCharsets.UTF_8);
  }

  private static void write(Path log, RunRecord run) throws Exception {
    org.apache.hadoop.fs.Path folder = new org.apache.hadoop.fs.Path(log.toString());
    try (RunRecords records = new RunRecords(new Configuration(), folder, run.runId(), Retries.NONE)) {
      records.write(run);
    }
  }

  private static RunRecord record(String id, String name, long day, RunRecord.Planned plan, RunRecord.End end) {
    return new RunRecord(id, name, 1_793_000_000_000L + 86_400_000 * day, "host", "app", "s3a://lake/in", "s3a://lake/out",
        List.of("mask.grow 4"), "lama-lite", 0.05, null, plan, end);
  }

  @Test
  void aLogWithLittleOrNothingHasAPageToo() throws Exception {
    Path log = Files.createDirectories(dir.resolve("little"));
    assertTrue(html(log, null).contains("No run yet"));
    write(log, record("idle", "nightly", 0, new RunRecord.Planned(10, 10, 0, 0, 0), new RunRecord.End(1_793_000_060_000L, 0, 0, null)));
    write(log, record("dead", "weekly", 1, new RunRecord.Planned(10, 2, 0, 8, 800), null));
    assertTrue(html(log, null).contains("Ended before its time"), "the newest has no end, and no lease");
    assertTrue(html(log, "nightly").contains("Nothing to do"), "by name");
    assertTrue(html(log, "idle").contains("Nothing to do"), "by id");
  }

  @Test
  void whatIsNotThereIsTold() throws Exception {
    MorningReport report = new MorningReport(LocalSpark.get(), dir.resolve("log").toString());
    assertTrue(assertThrows(UsageException.class, () -> report.html("yesterday")).getMessage().contains("--run yesterday"));
    MorningReport none = new MorningReport(LocalSpark.get(), dir.resolve("no-log").toString());
    assertTrue(assertThrows(UsageException.class, () -> none.html(null)).getMessage().contains("no-log is not there"));
  }
}
