package org.lakebrush.hostile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lakebrush.executor.Done;
import org.lakebrush.executor.ImageRepair;
import org.lakebrush.executor.ImageWork;
import org.lakebrush.executor.Pipeline;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.hostile.Mutations.Mutant;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageFormat;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.mask.BoxMask;
import org.lakebrush.mask.ColorMask;
import org.lakebrush.mask.Length;
import org.lakebrush.mask.MaskSettings;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.repair.Repairer;
import org.lakebrush.sink.Written;
import org.lakebrush.source.ImageRef;
import org.lakebrush.spectral.SpectralSettings;

/**
 * The JVM that hostile files are put through, one after another: {@code bombs FROM}, or {@code mutants FROM TO}. Prints a line before each
 * file and one after it, so that whoever reads them knows which file ended it.
 */
final class HostileChild {
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private HostileChild() {}

  public static void main(String[] args) throws Exception {
    List<Bombs.Bomb> bombs = args[0].equals("bombs") ? Bombs.all() : List.of();
    Mutations mutations = new Mutations(Seeds.all());
    long to = bombs.isEmpty() ? Long.parseLong(args[2]) : bombs.size();
    try (LamaPool lama = LamaPool.open(LamaModel.inspect(Path.of("src/test/resources/models/dynamic-range255.onnx")),
        List.of(Device.parse("cpu")), new LamaSettings(1, 4));
        Pipeline pipeline = new Pipeline(1, lama.places())) {
      for (long i = Long.parseLong(args[1]); i < to; i++) {
        Mutant mutant = bombs.isEmpty() ? mutations.make(i) : bombs.get((int) i).make();
        resetPeak();
        System.out.println("begin\t" + i + "\t" + mutant.name() + "\t" + mutant.way() + "\t" + mutant.file().length + "\t" + peak());
        long start = System.nanoTime();
        Done<Work> done = one(pipeline, repair(lama, i, !bombs.isEmpty()), new Work(mutant));
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.println("end\t" + i + "\t" + (done.failure() == null ? done.status() : done.failure().kind()) + "\t" + millis + "\t"
            + peak() + "\t" + (done.failure() == null ? done.trace().notes() : done.failure().getMessage()));
        if (done.failure() != null && done.failure().kind() == ErrorKind.INTERNAL) {
          done.failure().printStackTrace();
        }
      }
    }
  }

  private static Done<Work> one(Pipeline pipeline, ImageRepair repair, Work work) throws InterruptedException {
    Iterator<Work> works = List.of(work).iterator();
    try (Pipeline.Images<Work> images = pipeline.repair(repair, works)) {
      return images.next();
    }
  }

  /** Of every three files one is written in another format, of every four one goes through all FFT stages. */
  private static ImageRepair repair(LamaPool lama, long number, boolean bomb) {
    // The one that holds a picture of any shape.
    ImageFormat[] formats = bomb ? new ImageFormat[] {ImageFormat.TIFF} : ImageFormat.values();
    ImageFormat format = number % 3 == 0 ? formats[(int) (number / 3 % formats.length)] : null;
    SpectralSettings spectral =
        number % 4 == 1 ? new SpectralSettings(SpectralSettings.Screens.ON, true, true) : SpectralSettings.OFF;
    Length side = new Length(12, false);
    RepairSettings settings = new RepairSettings(
        List.of(new ColorMask(255, 0, 0, 60), new BoxMask(BoxMask.Anchor.CENTER, side, side, new Length(0, false), new Length(0, false))),
        new MaskSettings(4, 3, MaskSettings.Missing.FAIL), new InpaintSettings("small", 1, 512, 4), spectral, format, 200_000_000);
    return new ImageRepair(new Repairer(settings, lama, uri -> {
      throw new ImageFailure(ErrorKind.MASK_MISSING, uri);
    })::repair, settings, 0.5, 60);
  }

  private record Work(Mutant mutant) implements ImageWork {
    @Override
    public ImageRef ref() {
      return new ImageRef(mutant.name(), mutant.name(), mutant.file().length, 0, List.of(), "f");
    }

    @Override
    public byte[] read() {
      return mutant.file();
    }

    @Override
    public Written write(Encoded repaired) {
      return new Written(mutant.name(), repaired.bytes().length, "");
    }

    @Override
    public Written copy(byte[] file) {
      return null;
    }
  }

  private static void resetPeak() throws IOException {
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
  }

  /** Most resident memory since the reset, in kB. */
  private static long peak() throws IOException {
    Matcher m = PEAK.matcher(Files.readString(Path.of("/proc/self/status")));
    return Optional.of(m).filter(Matcher::find).map(found -> Long.parseLong(found.group(1))).orElse(0L);
  }
}
