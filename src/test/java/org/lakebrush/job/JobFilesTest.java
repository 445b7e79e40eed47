package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lakebrush.mask.MaskKind;
import org.lakebrush.spectral.SpectralSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The job files that are shipped: what they say is what the reader does. */
class JobFilesTest {
  private static final Path CONF = Path.of("conf/lakebrush.yaml");

  private static JobSpec read(String text, String... overrides) throws JobSpecException {
    return JobSpecReader.read(text, "job", Path.of("/jobs"), Stream.of(overrides).map(Setting::ofCommandLine).toList(),
        JobSpecReader.INPAINT);
  }

  /** The keys that the reader knows in a section or a mask, as its own error for an unknown one lists them. */
  private static Set<String> known(String text, String unknownKey) {
    JobSpecException e = assertThrows(JobSpecException.class, () -> read(text, unknownKey + "=1"));
    String line = e.messages().stream().filter(m -> m.contains(unknownKey + ": unknown key")).findFirst().orElseThrow();
    return new TreeSet<>(List.of(line.replaceFirst(".*allowed: ", "").split(", ")));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> conf() throws Exception {
    return (Map<String, Object>) new Load(LoadSettings.builder().build()).loadFromString(Files.readString(CONF));
  }

  /** Every mask of the documentation, commented out or not. */
  private static List<String> documentedMasks() throws Exception {
    Matcher m = Pattern.compile("(?m)^ +(?:# )?- (\\{kind: .*})$").matcher(Files.readString(CONF));
    List<String> masks = new ArrayList<>();
    while (m.find()) {
      masks.add(m.group(1));
    }
    return masks;
  }

  @Test
  void documentedDefaultsAreTheReaders() throws Exception {
    JobSpec documented = JobSpecReader.read(CONF, List.of());
    JobSpec defaults = read("masks: [" + documentedMasks().get(0) + "]");
    assertEquals(defaults, documented);
  }

  @Test
  void everyKeyIsDocumentedWithAnExplanation() throws Exception {
    Map<String, Object> conf = conf();
    assertEquals(known("masks: [{kind: full}]", "zzzzzz"), new TreeSet<>(conf.keySet()));
    List<String> lines = Files.readAllLines(CONF);
    for (String section : conf.keySet()) {
      if (section.equals("masks")) {
        continue;
      }
      Set<String> keys = known("masks: [{kind: full}]", section + ".zzzzzz");
      assertEquals(keys, new TreeSet<>(((Map<?, ?>) conf.get(section)).keySet()), section);
      int start = lines.indexOf(section + ":");
      for (String key : keys) {
        int at = start;
        while (!lines.get(at).startsWith("  " + key + ": ")) {
          at++;
        }
        assertTrue(lines.get(at - 1).startsWith("  # "), "no explanation above " + section + "." + key);
      }
    }
  }

  @Test
  void everyMaskKindAndItsKeysAreDocumentedAndTheExamplesParse() throws Exception {
    List<String> masks = documentedMasks();
    for (MaskKind kind : MaskKind.ALL) {
      List<String> examples = masks.stream().filter(m -> m.matches("\\{kind: " + kind.name() + "[,}].*")).toList();
      assertFalse(examples.isEmpty(), kind.name());
      Set<String> missing = known("masks: [{kind: " + kind.name() + "}]", "masks.0.zzzzzz");
      missing.removeIf(key -> examples.stream().anyMatch(e -> e.matches(".*[{ ]" + key + ": .*")));
      assertEquals(Set.of(), missing, "keys of " + kind.name() + " in no example");
    }
    JobSpec all = read("masks:\n  - " + String.join("\n  - ", masks));
    assertEquals(masks.size(), all.masks().size());
    assertEquals(read("masks: [{kind: color, rgb: '#ff0000', tolerance: 24}]"), read("masks: [{kind: color, rgb: '#ff0000'}]"));
    assertEquals(read("masks: [{kind: box, anchor: top, width: 1, height: 1, margin: 0}]"),
        read("masks: [{kind: box, anchor: top, width: 1, height: 1}]"));
  }

  @Test
  void theExamplesAreJobs() throws Exception {
    try (var files = Files.list(Path.of("conf/jobs"))) {
      List<Path> jobs = files.sorted().toList();
      assertEquals(List.of("camera-date.yaml", "corner-logo.yaml", "old-photos.yaml", "scanned-archive.yaml", "scanned-print.yaml",
          "shop-watermark.yaml"), jobs.stream().map(p -> p.getFileName().toString()).toList());
      for (Path job : jobs) {
        JobSpec spec = JobSpecReader.read(job, List.of());
        assertFalse(spec.masks().isEmpty() && spec.spectral().descreen() == SpectralSettings.Screens.OFF, job.toString());
      }
    }
  }
}
