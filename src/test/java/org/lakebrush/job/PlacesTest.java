package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.lama.Device;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.source.Input;

/** Which places a run may have. */
class PlacesTest {
  @TempDir
  Path folder;

  private static Places places(String input, String output, String log, MaskSpec... masks) throws UsageException {
    RunRequest request = new RunRequest(new Input.Files(input), output, log, Device.parse("cpu"), OptionalInt.empty(), OptionalInt.empty(), false, null);
    return Places.of(request, List.of(masks), new Configuration());
  }

  @Test
  void aFileIsNoFolderAndNoPartOfALog() throws Exception {
    Configuration conf = new Configuration();
    Path log = Files.createDirectories(folder.resolve("log"));
    assertEquals(folder + "/log.html", Places.file("--out", folder + "/log.html", log.toString(), conf).toUri().getPath());
    for (String out : List.of(log + "/report.html", log + "/_runs/report.html", folder.toString(), "/")) {
      String said = assertThrows(UsageException.class, () -> Places.file("--out", out, log.toString(), conf)).getMessage();
      assertTrue(said.startsWith("--out "), said);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // input, output, log, what is said
    "/lake/in, /lake/in, /lake/log, --output",
    "/lake/in, /lake/in/out, /lake/log, --output",
    "/lake/in/, /lake/in/../in/out/, /lake/log, --output",
    "/lake/in/*/x, /lake/in/out, /lake/log, --output",
    "'/lake/{in,b/c}/x', /lake/out, /lake2/log, --output",
    "/lake/in, /lake, /elsewhere, --input",
    "/lake/in/a.jpg, /lake/in, /elsewhere, --input",
    "/lake/in, /lake/out, /lake/in/log, --log",
    "/lake/in, /lake/out, /lake/out, --log",
    "/lake/in, /lake/out, /lake, --log",
    "/lake/in, /elsewhere, /lake, --log",
    "/lake/in, /data/out, /data, --log",
    "hdfs://localhost:1, hdfs://localhost:1/out, /log, --output",
    "hdfs://localhost:1/, hdfs://localhost:1/out, /log, --output",
    "hdfs://localhost:1/in, hdfs://localhost:1, /log, --input",
  })
  void refusesPlacesThatOverlap(String input, String output, String log, String said) {
    UsageException e = assertThrows(UsageException.class, () -> places(input, output, log));
    assertTrue(e.getMessage().startsWith(said), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "/lake/in, /lake/in2, /lake/log, file:/lake/in",
    "/lake/in/, /lake/out, /lake/out/log, file:/lake/in",
    "/lake/in/a?/*.jpg, /lake/out, /lake/log, file:/lake/in",
    "/lake/in/a.jpg, /lake/out, /lake/log, file:/lake/in/a.jpg",
    "hdfs://localhost:1, /out, /log, hdfs://localhost:1/",
  })
  void takesPlacesApart(String input, String output, String log, String root) throws Exception {
    assertEquals(root, places(input, output, log).input().toString());
  }

  @Test
  void seesThroughLinks() throws Exception {
    Path in = Files.createDirectories(folder.resolve("in"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), in);
    String log = folder.resolve("log").toString();
    assertTrue(assertThrows(UsageException.class, () -> places(in.toString(), link.toString(), log)).getMessage().startsWith("--output"));
    assertTrue(assertThrows(UsageException.class, () -> places(link.toString(), in + "/new/er", log)).getMessage().startsWith("--output"));
    assertEquals("file:" + link, places(link.toString(), folder.resolve("out").toString(), log).input().toString(), "as it was given");
  }

  @Test
  void neverWritesOverMasks() {
    for (MaskSpec mask : List.of(new SidecarMask.Dir("/lake/masks"), new SidecarMask.File("/lake/masks/one.png"))) {
      UsageException e = assertThrows(UsageException.class, () -> places("/lake/in", "/lake/masks", "/log", mask));
      assertTrue(e.getMessage().startsWith("--output") && e.getMessage().contains("/lake/masks"), e.getMessage());
    }
  }
}
