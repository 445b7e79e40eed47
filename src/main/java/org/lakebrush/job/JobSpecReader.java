package org.lakebrush.job;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.job.JobSpec.EmptyInput;
import org.lakebrush.job.JobSpec.FailOn;
import org.lakebrush.job.JobSpec.Limits;
import org.lakebrush.job.JobSpec.Retry;
import org.lakebrush.job.JobSpec.RunSettings;
import org.lakebrush.job.SpecNode.Fields;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.MaskKind;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.sink.OutputName;
import org.lakebrush.sink.OutputSettings;
import org.lakebrush.source.Retries;
import org.lakebrush.spectral.SpectralSettings;

/**
 * Reads and checks a job: one YAML file, and {@code --set key=value} overrides. Every key, its default and its range are here, one line
 * each (a mask kind's own keys: in the kind's file), and all of them are documented in {@code conf/lakebrush.yaml}.
 */
public final class JobSpecReader {
  private static final String MASKS = "a list of masks, each {kind: ...}, for example [{kind: sidecar, suffix: _mask}]";
  private static final String SAME = "same";
  private static final String NONE = "none";
  private static final Map<String, ImageFormat> FORMATS = formats();
  /** The defaults of the section {@code inpaint}. */
  static final InpaintSettings INPAINT = new InpaintSettings("lama-lite", 1.0, 1024, 8);

  private JobSpecReader() {}

  /**
   * Reads a job file (UTF-8).
   *
   * @param overrides {@code key=value} each, the key dotted as in {@code inpaint.max_side} or {@code masks.0.width}, the value YAML or
   *     plain text; later ones win
   * @throws JobSpecException with every error that was found
   */
  public static JobSpec read(Path file, List<String> overrides) throws JobSpecException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
    } catch (NoSuchFileException e) {
      throw new JobSpecException(List.of(file + ": no such job file; conf/jobs/ holds examples to start from"));
    } catch (CharacterCodingException e) {
      throw new JobSpecException(List.of(file + ": not UTF-8; save it as UTF-8 text"));
    } catch (IOException e) {
      throw new JobSpecException(List.of(file + ": cannot be read (" + e + "); check that it is a file and its permissions"));
    }
    return read(text, file.toString(), file.toAbsolutePath().getParent(), overrides.stream().map(Setting::ofCommandLine).toList(), INPAINT);
  }

  /**
   * Reads the settings of the command line alone.
   *
   * @param overrides as {@link #read(Path, List)}
   * @return a job whose masks are not to be looked at
   */
  public static JobSpec read(List<String> overrides) throws JobSpecException {
    return read("masks: [{kind: alpha}]", "settings", Path.of("").toAbsolutePath(),
        overrides.stream().map(Setting::ofCommandLine).toList(), INPAINT);
  }

  /**
   * Reads a job's text.
   *
   * @param label what to call the text in messages
   * @param folder absolute; what relative paths in the text are relative to
   * @param overrides later ones win
   * @param inpaint defaults of that section
   */
  public static JobSpec read(String text, String label, Path folder, List<Setting> overrides, InpaintSettings inpaint)
      throws JobSpecException {
    SpecReport report = new SpecReport();
    SpecYaml yaml = new SpecYaml(report, folder);
    Optional<Fields> job = yaml.read(text.startsWith("\uFEFF") ? text.substring(1) : text, label);
    if (job.isPresent()) {
      yaml.override(job.get(), overrides);
      JobSpec spec = job(new SpecSection(report, "", job.get()), inpaint);
      if (report.isEmpty()) {
        return spec;
      }
    }
    throw new JobSpecException(report.messages());
  }

  private static JobSpec job(SpecSection s, InpaintSettings inpaint) {
    try (s) {
      SpectralSettings spectral = spectral(s);
      return new JobSpec(masks(s, spectral), mask(s), inpaint(s, inpaint), spectral, output(s), limits(s), retry(s), run(s));
    }
  }

  private static List<MaskSpec> masks(SpecSection job, SpectralSettings spectral) {
    if (!job.has("masks") && spectral.descreen() != SpectralSettings.Screens.OFF) {
      return List.of();
    }
    List<String> names = MaskKind.ALL.stream().map(MaskKind::name).toList();
    List<MaskSpec> masks = new ArrayList<>();
    for (SpecSection s : job.sections("masks", MASKS)) {
      String name = s.word("kind", names);
      // Of a kind that is not known no key is known either.
      MaskKind.ALL.stream().filter(kind -> kind.name().equals(name)).forEach(kind -> {
        try (s) {
          masks.add(kind.reader().apply(s));
        }
      });
    }
    return masks;
  }

  private static MaskSettings mask(SpecSection job) {
    try (SpecSection s = job.section("mask")) {
      return new MaskSettings(
          s.integer("grow", 4, 0, MaskSettings.MAX_GROW),
          s.integer("feather", 3, 0, MaskSettings.MAX_FEATHER),
          s.choice("missing", MaskSettings.Missing.FAIL));
    }
  }

  private static InpaintSettings inpaint(SpecSection job, InpaintSettings otherwise) {
    try (SpecSection s = job.section("inpaint")) {
      String half = model(s, "half_model", otherwise.halfModel() == null ? NONE : otherwise.halfModel());
      return new InpaintSettings(
          model(s, "model", otherwise.model()),
          s.decimal("context", otherwise.context(), 0, 10),
          s.integer("max_side", otherwise.maxSide(), 64, 8192, 8),
          s.integer("batch", otherwise.batch(), 1, 256),
          s.integer("batch_delay", otherwise.batchDelay(), 0, 10_000),
          s.flag("tf32", otherwise.tf32()),
          half.equals(NONE) ? null : half);
    }
  }

  private static String model(SpecSection s, String key, String fallback) {
    String model = s.text(key, fallback, "a model's name, or the path or URI of an .onnx file");
    return s.has(key) && model.endsWith(".onnx") ? s.locate(key, model) : model;
  }

  private static SpectralSettings spectral(SpecSection job) {
    try (SpecSection s = job.section("spectral")) {
      return new SpectralSettings(
          s.choice("descreen", SpectralSettings.Screens.OFF),
          s.flag("seam", false),
          s.flag("grain", false));
    }
  }

  private static OutputSettings output(SpecSection job) {
    try (SpecSection s = job.section("output")) {
      String name = s.text("name", "{stem}.{ext}", "a pattern in quotes, for example \"repaired_{stem}.{ext}\"");
      ImageFormat format = null;
      try {
        format = OutputName.parse(name, FORMATS.get(s.word("format", SAME, List.copyOf(FORMATS.keySet())))).format().orElse(null);
      } catch (IllegalArgumentException e) {
        s.reject("name", e.getMessage());
      }
      return new OutputSettings(name, format, s.choice("unchanged", OutputSettings.Unchanged.COPY));
    }
  }

  private static Limits limits(SpecSection job) {
    try (SpecSection s = job.section("limits")) {
      return new Limits(
          s.size("max_pixels", 200_000_000, 1, 2_000_000_000),
          s.share("max_failures", 0.05),
          s.share("max_residual", 0.5),
          s.integer("seconds_per_image", 3600, 1, 86_400),
          s.choice("fail_on", FailOn.FAILURES),
          s.choice("empty_input", EmptyInput.REFUSE));
    }
  }

  private static Retry retry(SpecSection job) {
    try (SpecSection s = job.section("retry")) {
      return new Retry(
          s.integer("max_nights", 3, 1, 10_000),
          s.integer("seconds", Retries.DEFAULT_SECONDS, 1, 86_400));
    }
  }

  private static RunSettings run(SpecSection job) {
    try (SpecSection s = job.section("run")) {
      return new RunSettings(
          s.integer("slice_images", 256, 1, 1_000_000),
          s.integer("slices_in_flight", 4, 1, 1000));
    }
  }

  private static Map<String, ImageFormat> formats() {
    Map<String, ImageFormat> formats = new LinkedHashMap<>();
    formats.put(SAME, null);
    for (ImageFormat format : ImageFormat.values()) {
      formats.put(format.id(), format);
    }
    return formats;
  }
}
