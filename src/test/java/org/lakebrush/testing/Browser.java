package org.lakebrush.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A Chromium without a window that opens pages, and keeps what they ask for and complain of. */
public final class Browser implements AutoCloseable {
  /** Why a test is skipped where {@link #isHere} says no. */
  public static final String MISSING = "no Chromium with its driver on the PATH: apt-get install chromium chromium-driver";

  private static final List<String> CHROMIUM = List.of("chromium", "chromium-browser", "google-chrome");
  private static final String DRIVER = "chromedriver";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Whether there is a browser on this machine. */
  public static boolean isHere() {
    return CHROMIUM.stream().anyMatch(name -> find(name).isPresent()) && find(DRIVER).isPresent();
  }

  private static Optional<Path> find(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(folder -> Path.of(folder, program)).filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * A browser that nobody has used.
   *
   * @param profile an empty folder of its own
   */
  public static Browser start(Path profile) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.stream().flatMap(name -> find(name).stream()).findFirst().orElseThrow().toFile());
    // Root has no sandbox; a container has little shared memory.
    options.addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + profile);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(find(DRIVER).orElseThrow().toFile())
        .usingAnyFreePort().build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.manage().timeouts().pageLoadTimeout(Duration.ofMinutes(2)).scriptTimeout(Duration.ofMinutes(1));
    return new Browser(driver);
  }

  /** The window's width in CSS pixels, and what colours its user likes. */
  public void show(int width, boolean dark) {
    driver.executeCdpCommand("Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width < 500));
    driver.executeCdpCommand("Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  /** Opens a file, and waits until it is loaded. */
  public void open(Path page) {
    open(page.toUri());
  }

  /** Opens a page, and waits until it is loaded. */
  public void open(URI page) {
    driver.get(page.toString());
  }

  /** Puts what pages let one download into a folder, under the names that they give it. */
  public void saveTo(Path folder) {
    driver.executeCdpCommand("Browser.setDownloadBehavior", Map.of("behavior", "allow", "downloadPath", folder.toString()));
  }

  /** Fingers on the screen: {@code touchStart}, {@code touchMove} or {@code touchEnd}, and where they are then, in CSS pixels. */
  public void touch(String type, double[]... fingers) {
    driver.executeCdpCommand("Emulation.setTouchEmulationEnabled", Map.of("enabled", true));
    driver.executeCdpCommand("Input.dispatchTouchEvent", Map.of("type", type, "touchPoints",
        IntStream.range(0, fingers.length).mapToObj(i -> Map.of("id", i, "x", fingers[i][0], "y", fingers[i][1])).toList()));
  }

  /** What a script of the body of a function returns. */
  @SuppressWarnings("unchecked")
  public <T> T js(String body, Object... arguments) {
    return (T) driver.executeScript(body, arguments);
  }

  /** Waits until an expression is true, a minute at most. */
  public void await(String expression) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!this.<Boolean>js("return Boolean(" + expression + ")")) {
      if (System.nanoTime() > end) {
        throw new AssertionError("never came true: " + expression);
      }
      Thread.sleep(20);
    }
  }

  /** For clicks and keys. */
  public ChromeDriver driver() {
    return driver;
  }

  /** What the pages' console has had since this was last asked. */
  public List<String> console() {
    return StreamSupport.stream(driver.manage().logs().get(LogType.BROWSER).spliterator(), false).map(Object::toString).toList();
  }

  /** The URLs that the pages have asked for since this was last asked, but for those that hold what they name. */
  public List<String> requests() throws IOException {
    List<String> urls = new ArrayList<>();
    for (var entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      JsonNode message = JSON.readTree(entry.getMessage()).path("message");
      String url = message.path("params").path("request").path("url").asText();
      if (message.path("method").asText().equals("Network.requestWillBeSent") && !url.startsWith("data:")) {
        urls.add(url);
      }
    }
    return urls;
  }

  @Override
  public void close() {
    driver.quit();
  }
}
