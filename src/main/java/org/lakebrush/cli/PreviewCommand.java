package org.lakebrush.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.PreviewJob;
import org.lakebrush.job.PreviewRequest;
import org.lakebrush.job.UsageException;
import org.lakebrush.report.PreviewWork;
import org.lakebrush.report.Sheet;
import org.lakebrush.report.SheetPage;
import org.lakebrush.report.SheetPicture;
import org.lakebrush.report.Words;
import org.lakebrush.sink.OutputSettings.Unchanged;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Input;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code preview}: shows what a job would do. */
@Command(name = "preview", mixinStandardHelpOptions = true, sortOptions = false, description = {
    "Repairs some images spread over the lake on this machine, and draws them before, with the hole outlined, and after, on one sheet: a"
        + " PNG and an HTML page. Neither repairs nor logs anything else.",
    "The images are those of run --sample N. Images in tables (--input-table) have no preview: try run --sample 1."})
public final class PreviewCommand implements Callable<Integer> {
  private static final int MOST = 36;
  private static final String NAME = "preview";

  @ArgGroup(multiplicity = "1")
  private Source source;

  /** Where the images come from: one of these. */
  static final class Source {
    @Option(names = "--input", required = true, paramLabel = "URI",
        description = "A folder (with all folders below it), a glob, or one file; s3a://, hdfs://, file: or a plain path.")
    private String input;

    @Option(names = "--manifest", required = true, paramLabel = "URI", description = "A list of images, as for run.")
    private String manifest;
  }

  @Option(names = "--base", paramLabel = "URI", description = "With --manifest: the folder below which its images lie.")
  private String base;

  @Mixin
  private JobOptions job;

  @Option(names = "--n", paramLabel = "N", defaultValue = "12",
      description = "How many images, 1 to " + MOST + ". Default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(names = "--out", paramLabel = "URI", defaultValue = NAME + ".html", description = "The HTML page, with the PNG beside it under"
      + " the same name; or a folder for both. Outside of the input; what is there is written over. Default: ${DEFAULT-VALUE}.")
  private String out;

  /** Where a sheet goes: a folder, and the name of its files without an extension. */
  private record Place(String folder, String name) {
    static Place of(String out) {
      int slash = out.lastIndexOf('/');
      int dot = out.lastIndexOf('.');
      if (!out.substring(Math.max(0, dot)).matches("(?i)\\.(html?|png)")) {
        return new Place(out, NAME);
      }
      return new Place(slash < 0 ? "." : slash == 0 ? "/" : out.substring(0, slash), out.substring(slash + 1, dot));
    }

    String file(String extension) {
      return (folder.equals(".") ? "" : folder.endsWith("/") ? folder : folder + "/") + name + extension;
    }
  }

  @Override
  public Integer call() throws Exception {
    long start = System.nanoTime();
    return RunCommand.refusing(() -> {
      if (images < 1 || images > MOST) {
        throw new UsageException("--n " + images + ": give a number of images from 1 to " + MOST);
      }
      if (source.manifest == null && base != null) {
        throw new UsageException("--base is given without --manifest: drop it");
      }
      preview(job.read(), start);
      return 0;
    });
  }

  private void preview(JobSpec spec, long start) throws Exception {
    Console console = Console.standard();
    RunCommand.warn(spec, console);
    Place place = Place.of(out);
    Input input = source.manifest == null ? new Input.Files(source.input) : new Input.Manifest(source.manifest, base);
    try (SparkSession spark = Spark.session()) {
      PreviewJob preview = new PreviewJob(spark, spec, new PreviewRequest(input, images, job.device(), place.folder()), console::note);
      String unchanged = spec.output().unchanged() == Unchanged.COPY
          ? "Nothing to repair was found: it goes out byte for byte as it came in."
          : "Nothing to repair was found: it does not go out (output.unchanged: skip).";
      Sheet sheet = sheet(preview.run(PreviewWork::new, done -> Sheet.Image.of(done, unchanged)), input);
      Map<String, byte[]> files = new LinkedHashMap<>();
      files.put(place.name() + ".png", SheetPicture.png(sheet));
      files.put(place.name() + ".html", SheetPage.html(sheet));
      preview.write(files);
      console.note(sheet.images().stream().collect(Collectors.groupingBy(Sheet.Image::status, TreeMap::new, Collectors.counting()))
          .entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).collect(Collectors.joining(", ")) + ", in "
          + Words.duration(Duration.ofNanos(System.nanoTime() - start)));
      sheet.images().stream().filter(image -> image.status() == Status.FAILED)
          .forEach(image -> console.note("FAILED " + image.name() + ": " + image.message()));
      if (!SheetPicture.hasFonts()) {
        console.note("This Java finds no fonts, so the PNG has no captions: install fontconfig and a font, or look at the HTML page");
      }
      console.note("Sheet: " + place.file(".html") + " and " + place.file(".png"));
    }
  }

  private Sheet sheet(PreviewJob.Previewed<Sheet.Image> preview, Input input) {
    return new Sheet("Preview of " + job.file().getFileName(), preview.images().size() + " of " + preview.lakeImages() + " images of "
        + input.uri() + ", repaired with " + preview.model() + " on " + preview.device(), preview.images());
  }
}
