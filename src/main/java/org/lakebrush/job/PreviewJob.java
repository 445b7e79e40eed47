package org.lakebrush.job;

import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.executor.Done;
import org.lakebrush.executor.ImageRepair;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.executor.Pipeline;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.AtomicFiles;
import org.lakebrush.source.HadoopDefaults;
import org.lakebrush.source.HadoopMaskFiles;
import org.lakebrush.source.ImageBytes;
import org.lakebrush.source.ImageRef;
import org.lakebrush.source.ImageRefs;
import org.lakebrush.source.Input;
import org.lakebrush.source.InputException;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Retries;

/**
 * Repairs some images of a lake in this process, with what a run does to them, and neither writes nor logs them. The images are those of
 * {@code run --sample}. Used by one thread.
 */
public final class PreviewJob {
  private final SparkSession spark;
  private final JobSpec spec;
  private final PreviewRequest request;
  private final Consumer<String> notes;
  private final Configuration conf;

  /**
   * A preview.
   *
   * @param spark for the listing and the choice alone
   * @param notes is told what the user should know, a line each
   */
  public PreviewJob(SparkSession spark, JobSpec spec, PreviewRequest request, Consumer<String> notes) {
    this.spark = spark;
    this.spec = spec;
    this.request = request;
    this.notes = notes;
    this.conf = HadoopDefaults.apply(spark.sparkContext().hadoopConfiguration());
  }

  /**
   * What came of it.
   *
   * @param images what was made of each, in the order of their URIs
   * @param lakeImages in the whole lake
   * @param model its name
   * @param device where it ran
   */
  public record Previewed<T>(List<T> images, long lakeImages, String model, String device) {}

  private record Chosen(Lake lake, List<ImageRef> refs) {}

  /**
   * Repairs the images.
   *
   * @param work for each of them: how it is read, and what is done in place of writing it
   * @param shown what is kept of each once it is through, when its file is let go
   * @throws UsageException where it is refused before any work
   * @throws IOException where the input cannot be listed
   */
  public <W extends ImageWork, T> Previewed<T> run(BiFunction<ImageRef, ImageBytes, W> work, Function<Done<W>, T> shown)
      throws UsageException, InputException, ModelException, IOException, InterruptedException {
    refuseOutInInput();
    LamaModel model = ModelFiles.find(ModelFiles.MODEL, spec.inpaint().model(), conf);
    LamaModel half = ModelFiles.findHalf(spec.inpaint().halfModel(), model, conf);
    Chosen chosen = choose();
    int cores = Runtime.getRuntime().availableProcessors();
    Retries retries = Retries.of(spec.retry().seconds());
    ImageBytes bytes = new ImageBytes(conf, chosen.lake().reach(), retries);
    try (LamaPool lama = LamaPool.open(model, List.of(request.device()), LamaSettings.of(spec.inpaint(), cores, half));
        Pipeline pipeline = new Pipeline(cores, lama.places())) {
      notes.accept(chosen.lake().images() + " images, " + chosen.refs().size() + " of them repaired here with " + model.name() + " on "
          + lama.device());
      Repairer repairer = new Repairer(spec.repair(), lama, new HadoopMaskFiles(conf, chosen.lake().reach(), retries));
      ImageRepair repair = new ImageRepair(repairer::repair, spec.repair(), spec.limits().maxResidual(), spec.limits().secondsPerImage());
      Iterator<W> works = chosen.refs().stream().map(ref -> work.apply(ref, bytes)).iterator();
      Map<ImageRef, T> done = new HashMap<>();
      try (Pipeline.Images<W> images = pipeline.repair(repair, works)) {
        while (images.hasNext()) {
          Done<W> image = images.next();
          done.put(image.work().ref(), shown.apply(image));
        }
      }
      return new Previewed<>(chosen.refs().stream().map(done::get).toList(), chosen.lake().images(), model.name(), lama.device());
    }
  }

  private void refuseOutInInput() throws UsageException {
    Path out = Places.qualify("--out", request.out(), conf);
    Path root = Places.root(Places.qualify(request.input().option(), request.input().uri(), conf), conf);
    if (request.input() instanceof Input.Files && Places.isWithin(out, root)) {
      throw new UsageException("--out " + out + " lies in the input " + root + ": the sheet would be taken for one of its images; give a"
          + " place outside of it");
    }
  }

  private Chosen choose() throws UsageException, InputException, IOException {
    Path staging = new Path(Scratch.folder().resolve("preview-" + UUID.randomUUID()).toUri());
    try {
      ImageUnits units = new ImageUnits(spark, spec, request.input());
      Lake lake = units.list("", staging, List.of());
      lake.notes().forEach(notes);
      Choice choice = Choice.of(lake, OptionalInt.of(request.images()), OptionalInt.empty());
      units.check(choice.refs());
      List<ImageRef> refs = choice.refs().collectAsList().stream().map(ImageRefs::fromRow).sorted(Comparator.comparing(ImageRef::uri))
          .toList();
      return new Chosen(lake, refs);
    } finally {
      staging.getFileSystem(conf).delete(staging, true);
    }
  }

  /**
   * Writes files into the folder that was asked for, each over what was there of its name.
   *
   * @param files by name
   * @throws IOException with what, where and what to do
   */
  public void write(Map<String, byte[]> files) throws UsageException, IOException {
    AtomicFiles.write(conf, Places.qualify("--out", request.out(), conf), files);
  }
}
