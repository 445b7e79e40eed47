package org.lakebrush.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lakebrush.bench.BenchResult;
import org.lakebrush.bench.BenchResult.Usage;
import org.lakebrush.report.Words;

/** A bench's figures as a person reads them. */
final class BenchTable {
  private static final String NOT_TOLD = "not told by this system";

  private final PrintStream out;

  BenchTable(PrintStream out) {
    this.out = out;
  }

  void print(BenchResult r) {
    line("");
    line("%d cores, heap of %s, Java %s, %s%s", r.machine().cores(), Words.bytes(r.machine().heapBytes()), r.machine().java(),
        r.machine().system(), r.machine().gpu() == null ? "" : ", " + r.machine().gpu());
    line("%d images, %s, %.1f megapixels in all, at %s: %s", r.lake().images(), Words.bytes(r.lake().bytes()), r.lake().pixels() / 1e6,
        r.lake().at(), r.lake().distribution());
    line("model %s on %s, one crop of %d x %d an image, batch %d in the job", r.model().name(), r.model().device(), r.lake().cropWidth(),
        r.lake().cropHeight(), r.model().jobBatch());
    line("");
    line("%-22s %10s %10s %10s %7s %7s %7s %10s", "", "crops/s", "wall s", "CPU s", "cores", "JIT s", "GC s", "peak RSS");
    for (BenchResult.Try t : r.limit().tries()) {
      row("limit, batch " + t.batch() + (t == r.limit().best() ? " *" : ""), t.cropsPerS(), t.usage());
    }
    row("pipeline", r.pipeline().crops() / r.pipeline().usage().wallS(), r.pipeline().usage());
    row("job", r.job().crops() / r.job().slicesS(), r.job().usage());
    row("decode + encode", r.codecs().images() / r.codecs().usage().wallS(), r.codecs().usage());
    line("* best; its crops take %.4f CPU s each. JIT and GC are CPU s. The job's crops/s are over its slices (%.1f s); the rest is "
        + "listing and planning (%.1f CPU s).", r.limit().best().cpuPerCropS(), r.job().slicesS(), r.job().planningCpuS());
    line("");
    line("pipeline / limit %.3f, job / limit %.3f (with planning %.3f)", r.ratios().pipelineToLimit(), r.ratios().jobToLimit(),
        r.ratios().jobToLimitWithPlanning());
    line("job: seconds by stage, summed over images, waiting included: %s", r.job().stagesS().entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%s %.1f", e.getKey(), e.getValue())).collect(Collectors.joining(", ")));
    line("job: %s", r.job().bytesFrom() == null ? "bytes read and written are " + NOT_TOLD
        : String.format(Locale.ROOT, "%.2f bytes read and %.2f written for each byte of an image, listing and log included (by %s)",
            r.job().readPerImageByte(), r.job().writtenPerImageByte(), r.job().bytesFrom()));
    line("job: each thread that runs the model did so %.0f%% of the time", 100 * r.job().modelBusy());
    if (r.job().gpuBusy() != null) {
      line("job: GPU busy %.0f%% of the time by nvidia-smi, at most %s of its memory in use", 100 * r.job().gpuBusy(),
          Words.bytes(r.job().devicePeakBytes()));
    }
    line("");
    Double compiled = r.bars().cpuBesideModelCompiled();
    line("job's CPU time less the model's, over that of decoding and encoding: %.2f, without JIT %s", r.bars().cpuBesideModel(),
        compiled == null ? NOT_TOLD : String.format(Locale.ROOT, "%.2f", compiled));
    line("  (%.1f - %.1f CPU s over %d x %.2f ms; the model's: %s)", r.job().usage().cpuS(), r.bars().modelCpuS(), r.job().images(),
        1e3 * r.codecs().cpuPerImageS(), r.bars().modelCpuFrom());
    line("job's peak memory less the model's file: %s", bytes(r.bars().memoryBesideModelBytes()));
    line("one image at a time, over decode + encode + one crop: %.2f   (%.1f ms over %.1f + %.1f ms, medians of %d)",
        r.bars().aloneToParts(), 1e3 * r.alone().repairS(), 1e3 * r.alone().decodeEncodeS(), 1e3 * r.alone().cropS(), r.alone().images());
    for (BenchResult.Soak s : r.soak()) {
      line("endurance: %8d crops, resident memory %s, device memory %s", s.crops(), bytes(s.rssBytes()), bytes(s.deviceBytes()));
    }
  }

  private void row(String name, double perSecond, Usage u) {
    line("%-22s %10.2f %10.2f %10.2f %6.0f%% %7s %7s %10s", name, perSecond, u.wallS(), u.cpuS(), 100 * u.coresBusy(), seconds(u.jitS()),
        seconds(u.gcS()), u.peakRssBytes() == null ? "-" : Words.bytes(u.peakRssBytes()));
  }

  private static String seconds(Double s) {
    return s == null ? "-" : String.format(Locale.ROOT, "%.1f", s);
  }

  private static String bytes(Long n) {
    return n == null ? NOT_TOLD : Words.bytes(n);
  }

  private void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }
}
