package org.lakebrush.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.AlphaMask;
import org.lakebrush.mask.BoxMask;
import org.lakebrush.mask.CenterMask;
import org.lakebrush.mask.ColorMask;
import org.lakebrush.mask.FullMask;
import org.lakebrush.mask.Length;
import org.lakebrush.mask.MaskKind;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.PolygonMask;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.sink.OutputSettings;

class JobSpecReaderTest {
  private static final String MASKS = "masks: [{kind: full}]\n";

  @TempDir Path folder;

  private JobSpec read(String text, String... overrides) throws Exception {
    Path file = Files.writeString(folder.resolve("job.yaml"), text);
    return JobSpecReader.read(file, List.of(overrides));
  }

  /** The errors, the job file's path cut down to its name. */
  private List<String> errors(String text, String... overrides) {
    JobSpecException e = assertThrows(JobSpecException.class, () -> read(text, overrides));
    assertEquals(String.join(System.lineSeparator(), e.messages()), e.getMessage());
    return e.messages().stream().map(m -> m.replace(folder + "/", "")).toList();
  }

  private static Length px(double v) {
    return new Length(v, false);
  }

  private static Length percent(double v) {
    return new Length(v, true);
  }

  /** The job of the documentation, as it stands there. */
  @Test
  void readsAWholeJob() throws Exception {
    JobSpec job = read("""
        masks:
          - {kind: sidecar, dir: "s3a://lake/masks"}
          - {kind: sidecar, suffix: _mask}
          - {kind: sidecar, file: one.png}
          - {kind: box, anchor: bottom-right, width: 20%, height: 8%, margin: 2%}
          - {kind: polygon, points: [[10%, 10%], [40%, 10%], [40.5%, -30px]]}
          - {kind: color, rgb: "#ff8001", tolerance: 24}
          - kind: alpha
          - {kind: full}
          - {kind: center}
        mask: {grow: 5, feather: 2, missing: unchanged}
        inpaint: {model: big-lama, context: 1.5, max_side: 512, batch: 8, batch_delay: 0, tf32: off, half_model: half.onnx}
        output: {name: "{stem}.png", unchanged: skip}
        limits: {max_pixels: 1.5G, max_failures: 12.5%, seconds_per_image: 90, fail_on: never, empty_input: done}
        retry: {max_nights: 7, seconds: 90}
        run: {slice_images: 10, slices_in_flight: 2}
        """);
    assertEquals(List.of(new SidecarMask.Dir("s3a://lake/masks"), new SidecarMask.Suffix("_mask"),
        new SidecarMask.File("file:" + folder + "/one.png"),
        new BoxMask(BoxMask.Anchor.BOTTOM_RIGHT, percent(20), percent(8), percent(2), percent(2)),
        new PolygonMask(List.of(new PolygonMask.Point(percent(10), percent(10)), new PolygonMask.Point(percent(40), percent(10)),
            new PolygonMask.Point(percent(40.5), px(-30)))),
        new ColorMask(255, 128, 1, 24), new AlphaMask(), new FullMask(), new CenterMask()), job.masks());
    assertEquals(new MaskSettings(5, 2, MaskSettings.Missing.UNCHANGED), job.mask());
    assertEquals(new InpaintSettings("big-lama", 1.5, 512, 8, 0, false, "file:" + folder + "/half.onnx"), job.inpaint());
    assertEquals(new OutputSettings("{stem}.png", ImageFormat.PNG, OutputSettings.Unchanged.SKIP), job.output());
    assertEquals(new JobSpec.Limits(1_500_000_000L, 0.125, 0.5, 90, JobSpec.FailOn.NEVER, JobSpec.EmptyInput.DONE), job.limits());
    assertEquals(new JobSpec.Retry(7, 90), job.retry());
    assertEquals(new JobSpec.RunSettings(10, 2), job.run());
  }

  @Test
  void lengthsMarginsAndNumbersAreTakenAsDocumented() throws Exception {
    JobSpec job = read("""
        masks:
          - {kind: box, anchor: top, width: 120, height: 40px, margin_y: 12.5}
          - {kind: box, anchor: top-left, width: "20%", height: 100%, margin_x: 3, margin_y: 2%}
          - {kind: box, anchor: center, width: 1, height: 1}
          - {kind: box, anchor: right, width: 1, height: 1, margin: 4}
          - {kind: color, rgb: 00ff0a}
          - {kind: sidecar, suffix: 001}
        """);
    assertEquals(List.of(new BoxMask(BoxMask.Anchor.TOP, px(120), px(40), px(0), px(12.5)),
        new BoxMask(BoxMask.Anchor.TOP_LEFT, percent(20), percent(100), px(3), percent(2)),
        new BoxMask(BoxMask.Anchor.CENTER, px(1), px(1), px(0), px(0)), new BoxMask(BoxMask.Anchor.RIGHT, px(1), px(1), px(4), px(0)),
        new ColorMask(0, 255, 10, 24), new SidecarMask.Suffix("001")), job.masks());
  }

  @ParameterizedTest
  @CsvSource({"200M, 200000000", "200000000, 200000000", "1k, 1000", "1K, 1000", "0.5M, 500000", "2G, 2000000000", "1, 1"})
  void pixelCounts(String text, long pixels) throws Exception {
    assertEquals(pixels, read(MASKS + "limits: {max_pixels: " + text + "}").limits().maxPixels());
  }

  @ParameterizedTest
  @CsvSource({"5%, 0.05", "5, 0.05", "0, 0", "0%, 0", "0.5%, 0.005", "100, 1", "100%, 1", "1, 0.01", "33.3%, 0.333"})
  void shares(String text, double share) throws Exception {
    assertEquals(share, read(MASKS + "limits: {max_failures: " + text + "}").limits().maxFailures(), 1e-12);
  }

  @Test
  void sectionsMayBeEmptyAndAliasesUsed() throws Exception {
    assertEquals(read(MASKS), read(MASKS + "mask:\ninpaint: {}\noutput:\n  # name: x\n"));
    JobSpec job = read("""
        masks:
          - &logo {kind: box, anchor: top, width: &w 10%, height: *w}
          - *logo
        """, "masks.1.width=5");
    assertEquals(new BoxMask(BoxMask.Anchor.TOP, percent(10), percent(10), px(0), px(0)), job.masks().get(0));
    assertEquals(new BoxMask(BoxMask.Anchor.TOP, px(5), percent(10), px(0), px(0)), job.masks().get(1));
    assertEquals(read(MASKS), read("\uFEFF---\n" + MASKS + "...\n"));
  }

  @Test
  void overridesChangeAddAndReplace() throws Exception {
    JobSpec job = read("masks: [{kind: box, anchor: top, width: 1, height: 2}]\ninpaint: {max_side: 256, batch: 2}",
        "inpaint.max_side=512", "masks.0.width= 10% ", "masks.1={kind: color, rgb: '#00ff00'}", "masks.2.kind=alpha",
        "masks.1.rgb=#0000ff", "retry.max_nights=5", "limits={max_pixels: 1M}", "output.name={stem}_b.{ext}", "inpaint.max_side=768");
    assertEquals(List.of(new BoxMask(BoxMask.Anchor.TOP, percent(10), px(2), px(0), px(0)), new ColorMask(0, 0, 255, 24),
        new AlphaMask()), job.masks());
    assertEquals(new InpaintSettings("lama-lite", 1.0, 768, 2), job.inpaint());
    assertEquals(5, job.retry().maxNights());
    assertEquals(1_000_000, job.limits().maxPixels());
    assertEquals("{stem}_b.{ext}", job.output().name());
    assertEquals(List.of(new CenterMask()), read("mask: {grow: 1}", "masks.0.kind=center").masks());
    assertEquals(List.of(new CenterMask()), read(MASKS, "masks=[{kind: center}]").masks());
    assertEquals(9, read(MASKS + "mask:\n", "mask.grow=9").mask().grow());
  }

  @Test
  void relativePathsAreBesideTheJobFileOrInTheWorkingFolder() throws Exception {
    JobSpec job = read("""
        masks:
          - {kind: sidecar, dir: ../masks}
          - {kind: sidecar, dir: /data/masks}
          - {kind: sidecar, file: "hdfs://nn/one mask.png"}
          - {kind: sidecar, file: "file:/x/one.png"}
          - {kind: sidecar, dir: old}
        inpaint: {model: my.onnx}
        """, "masks.4.dir=new");
    assertEquals(List.of(new SidecarMask.Dir("file:" + folder.getParent() + "/masks"), new SidecarMask.Dir("/data/masks"),
        new SidecarMask.File("hdfs://nn/one mask.png"), new SidecarMask.File("file:/x/one.png"),
        new SidecarMask.Dir("file:" + Path.of("new").toAbsolutePath())), job.masks());
    assertEquals("file:" + folder + "/my.onnx", job.inpaint().model());
  }

  @Test
  void aLiteralExtensionInTheNameSetsTheFormat() throws Exception {
    assertEquals(ImageFormat.JPEG, read(MASKS + "output: {name: '{stem}.jpeg'}").output().format());
    assertEquals(ImageFormat.JPEG, read(MASKS + "output: {name: '{stem}.jpeg', format: jpeg}").output().format());
    assertEquals(ImageFormat.WEBP, read(MASKS + "output: {format: webp}").output().format());
    assertEquals(List.of("job.yaml:3: output.name: '{stem}.jpg' writes jpeg and output.format is png; end the name with .{ext} or drop"
        + " output.format"), errors(MASKS + "output:\n  {name: '{stem}.jpg', format: png}"));
  }

  /** Each error names the place, the key, what is wrong and what is allowed, and all are told at once, in the file's order. */
  @Test
  void allErrorsAreToldAtOnce() {
    assertEquals(List.of(
        "job.yaml:2: masks.0.width: missing; give a length above 0, in pixels (120 or 120px) or per cent (20%, up to 100%)",
        "job.yaml:2: masks.0.widht: unknown key (did you mean width?); allowed: anchor, height, kind, margin, margin_x, margin_y, width",
        "job.yaml:3: masks.1.kind: 'colour' does not fit (did you mean color?); allowed: "
            + String.join(", ", MaskKind.ALL.stream().map(MaskKind::name).toList()),
        "job.yaml:5: mask.grow: 'four' does not fit; allowed: a whole number from 0 to 1000",
        "job.yaml:6: mask.grow: given twice, first at job.yaml:5; drop one",
        "job.yaml:7: inpaint.max_side: '500' does not fit; allowed: a whole number from 64 to 8192, a multiple of 8",
        "job.yaml:8: limit: unknown key (did you mean limits?); allowed: inpaint, limits, mask, masks, output, retry, run, spectral",
        "--set retry.nights=3: retry.nights: unknown key (did you mean max_nights?); allowed: max_nights, seconds",
        "--set mask.feather=-1: mask.feather: '-1' does not fit; allowed: a whole number from 0 to 250"),
        errors("""
            masks:
              - {kind: box, anchor: top, widht: 5%, height: 5%}
              - {kind: colour, rgb: "#ff0000"}
            mask:
              grow: four
              grow: 5
            inpaint: {max_side: 500}
            limit: {max_pixels: 5}
            """, "retry.nights=3", "mask.feather=-1"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    // the entry | the error after the place
    "{kind: box, anchor: middle, width: 1, height: 1} | masks.0.anchor: 'middle' does not fit; allowed: top-left, top, top-right,",
    "{kind: box, anchor: bottom_right, width: 1, height: 1} | masks.0.anchor: 'bottom_right' does not fit (did you mean bottom-right?)",
    "{kind: box, width: 1, height: 1} | masks.0.anchor: missing; give one of top-left,",
    "{kind: box, anchor: top, width: 0, height: 1} | masks.0.width: '0' does not fit; allowed: a length above 0",
    "{kind: box, anchor: top, width: 120%, height: 1} | masks.0.width: '120%' does not fit; allowed: a length above 0",
    "{kind: box, anchor: top, width: -5, height: 1} | masks.0.width: '-5' does not fit",
    "{kind: box, anchor: top, width: 5em, height: 1} | masks.0.width: '5em' does not fit",
    "{kind: box, anchor: top, width: [1], height: 1} | masks.0.width: a list does not fit",
    "{kind: box, anchor: top, width: , height: 1} | masks.0.width: no value; allowed: a length above 0",
    "{kind: box, anchor: top, width: 1, height: 1, margin: -2%} | masks.0.margin: '-2%' does not fit; allowed: a length from 0 on",
    "{kind: box, anchor: top, width: 1, height: 1, margin: 2, margin_y: 1} | masks.0.margin_y: given beside margin; give either",
    "{kind: box, anchor: top, width: 1, height: 1, margin_x: 1} | masks.0.margin_x: anchor top names no left or right edge",
    "{kind: box, anchor: left, width: 1, height: 1, margin_y: 1} | masks.0.margin_y: anchor left names no top or bottom edge",
    "{kind: box, anchor: center, width: 1, height: 1, margin: 1} | masks.0.margin: anchor center names no edge",
    "{kind: polygon} | masks.0.points: missing; give at least 3 corners",
    "{kind: polygon, points: 5} | masks.0.points: '5' does not fit; allowed: at least 3 corners",
    "{kind: polygon, points: [[1, 1], [2, 2]]} | masks.0.points: a list of 2 does not fit; allowed: at least 3 corners",
    "{kind: polygon, points: [[1, 1], [2, 2], [3]]} | masks.0.points.2: a list of 1 does not fit; allowed: a corner [x, y]",
    "{kind: polygon, points: [[1, 1], [2, 2], 3]} | masks.0.points.2: '3' does not fit; allowed: a corner [x, y]",
    "{kind: polygon, points: [[1, 1], [2, b], [3, 3]]} | masks.0.points.1.1: 'b' does not fit; allowed: a length in pixels",
    "{kind: color} | masks.0.rgb: missing; give a colour as \"#rrggbb\"",
    "{kind: color, rgb: red} | masks.0.rgb: 'red' is no colour; allowed: a colour as \"#rrggbb\"",
    "{kind: color, rgb: \"#ff0000\", tolerance: 256} | masks.0.tolerance: '256' does not fit; allowed: a whole number from 0 to 255",
    "{kind: sidecar} | masks.0.suffix: missing; give one of dir (a folder of masks), suffix (masks beside the images) and file",
    "{kind: sidecar, dir: a, suffix: b} | masks.0.suffix: given beside another of dir, suffix and file; give one of them",
    "{kind: sidecar, dir: a, file: b} | masks.0.file: given beside another of dir, suffix and file; give one of them",
    "{kind: sidecar, suffix: ''} | masks.0.suffix: '' does not fit; allowed: what follows the stem",
    "{kind: sidecar, suffix: a/b} | masks.0.suffix: 'a/b' holds a /",
    "{kind: sidecar, path: a} | masks.0.path: unknown key; allowed: dir, file, kind, suffix",
    "{kind: alpha, tolerance: 3} | masks.0.tolerance: unknown key; allowed: kind",
    "{anchor: top} | masks.0.kind: missing; give one of sidecar, manifest, box,",
    "{kind: [box]} | masks.0.kind: a list does not fit; allowed: sidecar, manifest, box,",
    "full | masks.0: 'full' does not fit; allowed: a list of masks, each {kind: ...}",
  })
  void badMasks(String entry, String error) {
    List<String> errors = errors("masks:\n\n  - " + entry);
    assertTrue(errors.get(0).startsWith("job.yaml:3: " + error) || errors.size() > 1 && errors.get(1).startsWith("job.yaml:3: " + error),
        errors.toString());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "mask.grow=4.5 | '4.5' does not fit; allowed: a whole number from 0 to 1000",
    "mask.grow= | no value; allowed: a whole number from 0 to 1000",
    "mask.grow=1001 | '1001' does not fit",
    "mask.grow=99999999999 | '99999999999' does not fit",
    "mask.grow=[1 | '[1' does not fit",
    "mask.feather=251 | '251' does not fit; allowed: a whole number from 0 to 250",
    "mask.missing=skip | 'skip' does not fit; allowed: fail, unchanged",
    "inpaint.model= | no value; allowed: a model's name, or",
    "inpaint.context=-1 | '-1' does not fit; allowed: a number from 0 to 10",
    "inpaint.context=1e9 | '1e9' does not fit",
    "inpaint.context=.nan | '.nan' does not fit",
    "inpaint.max_side=56 | '56' does not fit; allowed: a whole number from 64 to 8192, a multiple of 8",
    "inpaint.max_side=100 | '100' does not fit",
    "inpaint.batch_delay=-1 | '-1' does not fit; allowed: a whole number from 0 to 10000",
    "inpaint.batch=0 | '0' does not fit; allowed: a whole number from 1 to 256",
    "output.name=x.{ext} | 'x.{ext}' has no {stem}",
    "output.name={stem} | a mapping does not fit; allowed: a pattern in quotes",
    "output.name={stem}.gif | '{stem}.gif' ends with .gif",
    "output.format=jpg | 'jpg' does not fit (did you mean jpeg?); allowed: same, jpeg, png, webp, bmp, tiff",
    "output.unchanged=true | 'true' does not fit; allowed: copy, skip",
    "limits.max_pixels=0 | '0' does not fit; allowed: a whole number from 1 to 2G",
    "limits.max_pixels=1.5 | '1.5' does not fit",
    "limits.max_pixels=3G | '3G' does not fit",
    "limits.max_pixels=200MP | '200MP' does not fit",
    "limits.max_failures=0.05 | '0.05' does not fit; allowed: 0% to 100%; below 1 with the sign",
    "limits.max_failures=101% | '101%' does not fit",
    "limits.max_failures=-1 | '-1' does not fit",
    "retry.max_nights=0 | '0' does not fit; allowed: a whole number from 1 to 10000",
    "retry.seconds=0 | '0' does not fit; allowed: a whole number from 1 to 86400",
    "run.slice_images=0 | '0' does not fit",
    "run.slices_in_flight=x | 'x' does not fit",
    "run=5 | '5' does not fit; allowed: a mapping of settings",
    "mask=[] | a list does not fit; allowed: a mapping of settings",
  })
  void badSettings(String override, String error) {
    String key = override.substring(0, override.indexOf('='));
    assertTrue(errors(MASKS, override).get(0).startsWith("--set " + override + ": " + key + ": " + error),
        errors(MASKS, override).toString());
    assertEquals(1, errors(MASKS, override).size());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "mask | --set mask: no setting; write key=value, for example inpaint.max_side=512",
    "=3 | --set =3: no setting; write key=value, for example inpaint.max_side=512",
    "masks.5.kind=box | --set masks.5.kind=box: masks: is a list of 1 and has no item '5'; allowed: 0 to 1, 1 adding one",
    "masks.kind=box | --set masks.kind=box: masks: is a list of 1 and has no item 'kind'; allowed: 0 to 1, 1 adding one",
    "masks.0.kind.x=1 | --set masks.0.kind.x=1: masks.0.kind: 'full' does not fit; it is to have the key 'x'",
  })
  void badOverrides(String override, String error) {
    assertEquals(List.of(error), errors(MASKS, override));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "`` | job.yaml:1: nothing in it; a job needs at least masks",
    "# only a comment | job.yaml:1: nothing in it",
    "- a | job.yaml:1: a list does not fit; a job is a mapping",
    "mask: {grow: 4} | job.yaml:1: masks: missing; give a list of masks",
    "masks: [] | job.yaml:1: masks: an empty list does not fit; allowed: a list of masks",
    "masks: | job.yaml:1: masks: no value; allowed: a list of masks",
    "masks: {kind: full} | job.yaml:1: masks: a mapping does not fit; allowed: a list of masks",
  })
  void jobsThatAreNone(String text, String error) {
    List<String> errors = errors(text == null ? "" : text);
    assertEquals(1, errors.size());
    assertTrue(errors.get(0).startsWith(error), errors.toString());
  }

  @Test
  void brokenYamlIsNamedByItsLine() {
    List<String> hinted = errors(MASKS + "output:\n  name: {stem}.{ext}\n");
    assertTrue(hinted.get(0).startsWith("job.yaml:3: no YAML: ") && hinted.get(0).endsWith("; put a value with braces in quotes"),
        hinted.toString());
    List<String> tabs = errors(MASKS + "mask:\n\tgrow: 4\n");
    assertTrue(tabs.get(0).startsWith("job.yaml:3: no YAML: ") && tabs.get(0).endsWith("; indent with spaces, not with tabs"),
        tabs.toString());
    assertEquals(List.of("job.yaml:3: a second document begins here; a job is one: drop the line ---"), errors(MASKS + "---\nmask:\n"));
    List<String> bare = errors("masks: [{kind: color, rgb: #ff0000}]\n");
    assertTrue(bare.get(0).endsWith("; put a colour in quotes, since an unquoted # starts a comment"), bare.toString());
    assertTrue(errors("masks:\n  - kind: color\n    rgb: #ff0000\n").get(0).startsWith(
        "job.yaml:3: masks.0.rgb: no value; allowed: a colour as \"#rrggbb\", in quotes (an unquoted # starts a comment)"));
    assertTrue(errors(MASKS + "mask: &m\n  grow: *m\n").get(0).startsWith("job.yaml:"));
    assertTrue(errors(MASKS + "mask: {[a]: 1}\n").get(0).startsWith("job.yaml:2: mask: a key that is no word"));
  }

  @Test
  void aliasesOfAliasesEndInAnError() {
    StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 16; i++) {
      text.append("a" + i + ": &a" + i + " [" + ("*a" + (i - 1) + ", ").repeat(2) + "*a" + (i - 1) + "]\n");
    }
    List<String> errors = errors(text + MASKS);
    assertTrue(errors.stream().anyMatch(m -> m.contains("is an alias repeated in an alias?")), errors.toString());
  }

  @Test
  void deepNestingEndsInAnError() {
    for (int depth : new int[] {60, 2000, 100_000}) {
      String list = "[".repeat(depth) + "]".repeat(depth);
      String mapping = "{a: ".repeat(depth) + "1" + "}".repeat(depth);
      for (String value : new String[] {list, mapping}) {
        assertTrue(errors(MASKS + "mask: " + value + "\n").stream().anyMatch(m -> m.contains("nested more than 50 deep")));
        assertTrue(errors(MASKS, "mask.grow=" + value).stream().anyMatch(m -> m.contains("nested more than 50 deep")));
      }
    }
  }

  @Test
  void filesThatCannotBeReadSayWhy() throws Exception {
    Path missing = folder.resolve("missing.yaml");
    assertEquals(List.of(missing + ": no such job file; conf/jobs/ holds examples to start from"),
        assertThrows(JobSpecException.class, () -> JobSpecReader.read(missing, List.of())).messages());
    assertTrue(assertThrows(JobSpecException.class, () -> JobSpecReader.read(folder, List.of())).getMessage().contains("cannot be read"));
    Path latin = Files.write(folder.resolve("latin.yaml"), "# é\n".getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(List.of(latin + ": not UTF-8; save it as UTF-8 text"),
        assertThrows(JobSpecException.class, () -> JobSpecReader.read(latin, List.of())).messages());
  }

  /** Whatever is in the file: a job, or a {@link JobSpecException}. */
  @Test
  void damagedJobsGiveErrorsAndNothingElse() throws Exception {
    String good = Files.readString(Path.of("conf/lakebrush.yaml")).replaceAll("(?m)^ *#.*\n", "");
    Random random = new Random(5);
    String alphabet = "{}[]:,-#&*!|>'\"%@`\t\n \\0aZ?~=<\u00e9\u2028";
    for (int round = 0; round < 800; round++) {
      StringBuilder text = new StringBuilder(good);
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
          default -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
        }
      }
      try {
        JobSpecReader.read(text.toString(), "job.yaml", folder, List.of(), JobSpecReader.INPAINT);
      } catch (JobSpecException e) {
        e.messages().forEach(m -> assertTrue(m.matches("(?s)job\\.yaml:[0-9]+: .+"), m));
      }
    }
  }

  private static String yaml(Length length) {
    return length.percent() ? length.value() + "%" : length.value() + "px";
  }

  /** Random jobs, written as YAML by the documentation's words, come back as they were. */
  @Test
  void readsBackWhatWasWritten() throws Exception {
    Random random = new Random(17);
    for (int round = 0; round < 100; round++) {
      StringBuilder yaml = new StringBuilder("masks:\n");
      List<MaskSpec> masks = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        switch (random.nextInt(5)) {
          case 0 -> {
            BoxMask.Anchor corner = BoxMask.Anchor.values()[2 * random.nextInt(5)];
            Length none = px(0);
            BoxMask box = new BoxMask(corner, length(random), length(random), corner == BoxMask.Anchor.CENTER ? none : length(random),
                corner == BoxMask.Anchor.CENTER ? none : length(random));
            masks.add(box);
            yaml.append("  - {kind: box, anchor: " + corner.name().toLowerCase(Locale.ROOT).replace('_', '-') + ", width: "
                + yaml(box.width()) + ", height: " + yaml(box.height()));
            yaml.append(corner == BoxMask.Anchor.CENTER ? "}\n"
                : ", margin_x: " + yaml(box.marginX()) + ", margin_y: " + yaml(box.marginY()) + "}\n");
          }
          case 1 -> {
            PolygonMask p = new PolygonMask(List.of(new PolygonMask.Point(length(random), length(random)),
                new PolygonMask.Point(length(random), length(random)), new PolygonMask.Point(length(random), length(random))));
            masks.add(p);
            yaml.append("  - kind: polygon\n    points:\n");
            p.points().forEach(q -> yaml.append("      - [" + yaml(q.x()) + ", " + yaml(q.y()) + "]\n"));
          }
          case 2 -> {
            ColorMask c = new ColorMask(random.nextInt(256), random.nextInt(256), random.nextInt(256), random.nextInt(256));
            masks.add(c);
            yaml.append(String.format("  - {kind: color, rgb: '#%02X%02x%02X', tolerance: %d}\n", c.red(), c.green(), c.blue(),
                c.tolerance()));
          }
          case 3 -> {
            masks.add(new SidecarMask.Suffix("_m" + round));
            yaml.append("  - {suffix: _m" + round + ", kind: sidecar}\n");
          }
          default -> {
            masks.add(new AlphaMask());
            yaml.append("  - kind: alpha\n");
          }
        }
      }
      MaskSettings mask = new MaskSettings(random.nextInt(1001), random.nextInt(251),
          MaskSettings.Missing.values()[random.nextInt(2)]);
      yaml.append("mask: {grow: " + mask.grow() + ", feather: " + mask.feather() + ", missing: "
          + mask.missing().name().toLowerCase(Locale.ROOT) + "}\n");
      InpaintSettings inpaint = new InpaintSettings("m" + round, random.nextInt(100) / 10.0, 64 + 8 * random.nextInt(1017),
          1 + random.nextInt(256));
      yaml.append("inpaint:\n  model: " + inpaint.model() + "\n  context: " + inpaint.context() + "\n  max_side: " + inpaint.maxSide()
          + "\n  batch: " + inpaint.batch() + "\n");
      JobSpec job = read(yaml.toString());
      assertEquals(masks, job.masks(), yaml.toString());
      assertEquals(mask, job.mask());
      assertEquals(inpaint, job.inpaint());
      JobSpec again = read(yaml.toString());
      assertEquals(job.canonical(), again.canonical());
      masks.add(new CenterMask());
      assertNotEquals(job.canonical(), read(yaml.toString(), "masks." + (masks.size() - 1) + ".kind=center").canonical());
    }
  }

  private static Length length(Random random) {
    return random.nextBoolean() ? percent((1 + random.nextInt(1000)) / 10.0) : px((1 + random.nextInt(10000)) / 4.0);
  }

  /** Pinned: another text for the same job would have every image of every lake done again. */
  @Test
  void theCanonicalTextStaysAsItIs() throws Exception {
    assertEquals("""
        masks: box anchor=bottom-right width=20% height=8.5% margin_x=2% margin_y=12
        masks: polygon points=10%,10% 40%,-5 40%,30%
        masks: color rgb=#ff0080 tolerance=24
        masks: sidecar dir=s3a://lake/masks
        masks: sidecar suffix=_mask
        masks: sidecar file=/one.png
        masks: alpha
        masks: full
        masks: center
        mask.grow: 4
        mask.feather: 3
        mask.missing: fail
        inpaint.context: 1.0
        inpaint.max_side: 1024
        output.name: {stem}.{ext}
        output.format: same
        output.unchanged: copy
        """, read("""
        masks:
          - {kind: box, anchor: bottom-right, width: 20%, height: 8.5%, margin_x: 2%, margin_y: 12}
          - {kind: polygon, points: [[10%, 10%], [40%, -5], [40%, 30%]]}
          - {kind: color, rgb: "#FF0080"}
          - {kind: sidecar, dir: "s3a://lake/masks"}
          - {kind: sidecar, suffix: _mask}
          - {kind: sidecar, file: /one.png}
          - {kind: alpha}
          - {kind: full}
          - {kind: center}
        """).canonical());
  }

  private static final String ALL_KINDS = """
      masks:
        - {kind: box, anchor: bottom-right, width: 20%, height: 8%, margin: 2%}
        - {kind: polygon, points: [[10%, 10%], [40%, 10%], [40%, 30%]]}
        - {kind: color, rgb: "#ff0000", tolerance: 24}
        - {kind: sidecar, dir: /masks}
        - {kind: sidecar, suffix: _mask}
        - {kind: sidecar, file: /one.png}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"masks.0.anchor=top-left", "masks.0.width=20", "masks.0.height=8.1%", "masks.0.margin=1%",
    "masks.1.points.0.0=11%", "masks.1.points.2.1=30", "masks.1.points.3=[1, 1]", "masks.2.rgb=#ff0001", "masks.2.tolerance=25",
    "masks.3.dir=/mask", "masks.4.suffix=_m", "masks.5.file=/two.png", "masks.6.kind=alpha", "masks.6.kind=full",
    "masks.6.kind=center", "mask.grow=5", "mask.feather=2", "mask.missing=unchanged", "inpaint.context=1.1", "inpaint.max_side=512", "inpaint.tf32=off",
    "output.name=x_{stem}.{ext}", "output.name={stem}.png", "output.format=png", "output.unchanged=skip"})
  void whatBearsOnTheResultIsInTheCanonicalText(String override) throws Exception {
    assertNotEquals(read(ALL_KINDS).canonical(), read(ALL_KINDS, override).canonical());
  }

  @ParameterizedTest
  @ValueSource(strings = {"inpaint.model=other", "inpaint.half_model=other", "inpaint.batch=1", "inpaint.batch_delay=0", "inpaint.tf32=on", "limits.max_pixels=1M", "limits.max_failures=1%",
    "retry.max_nights=9", "retry.seconds=9", "run.slice_images=1", "run.slices_in_flight=1",
    // Other words for the same.
    "masks.0.width=20.0%", "masks.2.rgb=FF0000", "mask.grow=4", "inpaint.context=1", "output.format=same"})
  void whatDoesNotBearOnTheResultIsNot(String override) throws Exception {
    assertEquals(read(ALL_KINDS).canonical(), read(ALL_KINDS, override).canonical());
  }

  @Test
  void jobsTravelToExecutors() throws Exception {
    JobSpec job = read(ALL_KINDS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectOutputStream o = new ObjectOutputStream(out)) {
      o.writeObject(job);
    }
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(out.toByteArray()))) {
      assertEquals(job, in.readObject());
    }
  }
}
