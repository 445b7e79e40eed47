package org.lakebrush.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lakebrush.eval.Classic;
import org.lakebrush.eval.Rgb8;
import org.lakebrush.eval.Score;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.image.Picture;
import org.lakebrush.job.ModelFiles;
import org.lakebrush.job.UsageException;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;
import org.lakebrush.mask.Mask;
import org.lakebrush.mask.MaskBuilder;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.Repairer;
import org.lakebrush.spectral.SpectralSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code eval}: scores the whole repair of images whose truth is known, beside OpenCV's two inpainting methods. */
@Command(name = "eval", mixinStandardHelpOptions = true, description = {
    "Scores repairs where the truth is known, inside the hole alone, by kind of mask: the model through the whole job, and OpenCV's "
        + "Telea and Navier-Stokes on the same files and masks.",
    "PSNR is over RGB, in dB. SSIM is of luma (Wang et al. 2004: Gaussian window 11x11, sigma 1.5), averaged over hole pixels. Gradient "
        + "is the sum of absolute differences of neighbouring luma as a share of the truth's: below 1 is blur."})
public final class EvalCommand implements Callable<Integer> {
  private static final Pattern MASK_NAME = Pattern.compile("(.+)_mask_([A-Za-z0-9-]+)\\.png");
  private static final int OPENCV_RADIUS = 5;
  private static final String ALL = "all";

  @Spec
  private CommandSpec spec;

  @Option(names = "--images", required = true, paramLabel = "DIR",
      description = "Folder of NAME.jpg (the truth) and NAME_mask_KIND.png (white is hole).")
  private Path images;

  @Option(names = "--model", paramLabel = "NAME|FILE|URI", defaultValue = "lama-lite",
      description = "The model, as in inpaint.model (default: ${DEFAULT-VALUE}).")
  private String model;

  @Mixin
  private DeviceOption device;

  @Option(names = "--max-side", paramLabel = "N", split = ",", defaultValue = "1024",
      description = "inpaint.max_side; several give a line each (default: ${DEFAULT-VALUE}).")
  private List<Integer> maxSides;

  @Option(names = "--context", paramLabel = "N", defaultValue = "1.0", description = "inpaint.context (default: ${DEFAULT-VALUE}).")
  private double context;

  @Option(names = "--grow", paramLabel = "N", defaultValue = "0",
      description = "mask.grow, for all methods; the score stays that of the mask as it is (default: ${DEFAULT-VALUE}, as these masks are "
          + "exact).")
  private int grow;

  @Option(names = "--feather", paramLabel = "N", defaultValue = "0",
      description = "mask.feather, for the model (default: ${DEFAULT-VALUE}).")
  private int feather;

  @Option(names = "--seam", description = "spectral.seam, for the model.")
  private boolean seam;

  @Option(names = "--grain", description = "spectral.grain, for the model.")
  private boolean grain;

  @Option(names = "--output", paramLabel = "DIR", description = "Where to put the repaired pictures; nowhere by default.")
  private Path output;

  /** An image with its mask. */
  private record Sample(String name, String kind, Path truth, Path mask) {}

  @Override
  public Integer call() throws Exception {
    return RunCommand.refusing(() -> {
      try {
        return eval();
      } catch (ImageFailure e) {
        throw new UsageException("--images " + images + ": " + e.getMessage(), e);
      }
    });
  }

  private int eval() throws IOException, UsageException, ModelException, ImageFailure, InterruptedException {
    List<Sample> samples = Files.isDirectory(images) ? samples() : List.of();
    if (samples.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--images: no NAME_mask_KIND.png beside a NAME.jpg in " + images);
    }
    if (grow < 0 || grow > MaskSettings.MAX_GROW || feather < 0 || feather > MaskSettings.MAX_FEATHER) {
      throw new ParameterException(spec.commandLine(), "--grow is 0 to " + MaskSettings.MAX_GROW + ", --feather 0 to "
          + MaskSettings.MAX_FEATHER + ", as in a job");
    }
    if (output != null) {
      Files.createDirectories(output);
    }
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Table> tables = new LinkedHashMap<>();
    LamaModel lama = ModelFiles.find(model);
    LamaSettings settings = new LamaSettings(Runtime.getRuntime().availableProcessors(), 4);
    try (LamaPool session = LamaPool.open(lama, List.of(device.device()), settings)) {
      for (Sample sample : samples) {
        score(sample, session, tables);
      }
      out.printf(Locale.ROOT, "%d images of %s, %s on %s, context %s, grow %d, feather %d; PSNR dB / SSIM / gradient inside the hole%n",
          samples.size(), images, session.model().name(), session.device(), context, grow, feather);
    }
    print(out, tables);
    return 0;
  }

  private List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(images, "*_mask_*.png")) {
      for (Path mask : files) {
        Matcher m = MASK_NAME.matcher(mask.getFileName().toString());
        if (m.matches() && Files.isRegularFile(images.resolve(m.group(1) + ".jpg"))) {
          samples.add(new Sample(m.group(1), m.group(2), images.resolve(m.group(1) + ".jpg"), mask));
        }
      }
    }
    samples.sort(Comparator.comparing(Sample::kind).thenComparing(Sample::name));
    return samples;
  }

  private void score(Sample sample, LamaPool session, Map<String, Table> tables)
      throws IOException, ImageFailure, InterruptedException {
    byte[] file = Files.readAllBytes(sample.truth());
    List<MaskSpec> masks = List.of(new SidecarMask.File(sample.mask().toString()));
    List<String> sidecars = List.of(sample.mask().toString());
    Picture picture = Codecs.decode(file);
    Rgb8 truth = rgb(picture);
    Mask hole = hole(picture, masks, sidecars, 0);
    Mask grown = hole(picture, masks, sidecars, grow);
    for (int maxSide : maxSides) {
      // PNG, so that what is scored is the fill and not how it was compressed.
      RepairSettings settings = new RepairSettings(masks, new MaskSettings(grow, feather, MaskSettings.Missing.FAIL),
          new InpaintSettings(session.model().name(), context, maxSide, session.batch()), new SpectralSettings(SpectralSettings.Screens.OFF, seam, grain), ImageFormat.PNG,
          Long.MAX_VALUE);
      Encoded repaired = new Repairer(settings, session, EvalCommand::read).repair(file, sample.name(), sidecars, new RepairTrace())
          .orElseThrow(() -> new ImageFailure(ErrorKind.MASK_UNREADABLE, "Mask " + sample.mask() + " marks nothing"));
      if (output != null) {
        Files.write(output.resolve(sample.name() + "_" + maxSide + ".png"), repaired.bytes());
      }
      add(tables, session.model().name() + ", max_side " + maxSide, sample, Score.of(truth, rgb(Codecs.decode(repaired.bytes())), hole));
    }
    for (Classic method : Classic.values()) {
      add(tables, "OpenCV " + method.title(), sample, Score.of(truth, method.fill(truth, grown, OPENCV_RADIUS), hole));
    }
  }

  private static Mask hole(Picture picture, List<MaskSpec> masks, List<String> sidecars, int grow) throws ImageFailure {
    return new MaskBuilder(masks, new MaskSettings(grow, 0, MaskSettings.Missing.FAIL), EvalCommand::read).build(picture, sidecars).hole();
  }

  private static byte[] read(String file) throws ImageFailure {
    try {
      return Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw new ImageFailure(ErrorKind.MASK_UNREADABLE, "Mask " + file + " cannot be read: " + e, e);
    }
  }

  private static Rgb8 rgb(Picture picture) {
    byte[] data = new byte[3 * picture.width() * picture.height()];
    byte[] row = new byte[3 * picture.width()];
    for (int y = 0; y < picture.height(); y++) {
      picture.readRow(y, row);
      System.arraycopy(row, 0, data, y * row.length, row.length);
    }
    return new Rgb8(picture.width(), picture.height(), data);
  }

  private static void add(Map<String, Table> tables, String method, Sample sample, Score score) {
    Table table = tables.computeIfAbsent(method, k -> new Table());
    table.byKind.computeIfAbsent(sample.kind(), k -> new ArrayList<>()).add(score);
    table.all.add(score);
  }

  private static void print(PrintWriter out, Map<String, Table> tables) {
    List<String> kinds = new ArrayList<>(tables.values().iterator().next().byKind.keySet());
    kinds.add(ALL);
    out.printf("%-26s", "");
    kinds.forEach(k -> out.printf("  %-18s", k));
    out.println();
    tables.forEach((method, table) -> {
      out.printf("%-26s", method);
      for (String kind : kinds) {
        Score mean = Score.mean(kind.equals(ALL) ? table.all : table.byKind.get(kind));
        out.printf(Locale.ROOT, "  %5.2f %.3f %.2f  ", mean.psnr(), mean.ssim(), mean.gradient());
      }
      out.println();
    });
    out.flush();
  }

  /** One method's scores. */
  private static final class Table {
    final Map<String, List<Score>> byKind = new TreeMap<>();
    final List<Score> all = new ArrayList<>();
  }
}
