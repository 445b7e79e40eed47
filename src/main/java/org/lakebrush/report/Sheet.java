package org.lakebrush.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lakebrush.executor.Done;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Secrets;

/**
 * Images that were repaired to be looked at.
 *
 * @param title in a few words
 * @param subtitle in one line
 */
public record Sheet(String title, String subtitle, List<Image> images) {
  /**
   * An image on it.
   *
   * @param name its path in the lake
   * @param facts short phrases
   * @param message why there is nothing after it, or null
   * @param whole null where it could not be decoded
   * @param closeUp the part with the hole, or null
   */
  public record Image(String name, Status status, List<String> facts, String message, Views whole, Views closeUp) {

    /**
     * An image that is through the pipeline.
     *
     * @param unchanged what is to be said of one with nothing to repair
     */
    public static Image of(Done<PreviewWork> done, String unchanged) {
      PreviewWork work = done.work();
      RepairTrace trace = done.trace();
      List<String> facts = new ArrayList<>();
      if (trace.width() > 0) {
        facts.add(Stream.of(trace.width() + " × " + trace.height(), trace.format(), trace.mode()).filter(s -> s != null)
            .collect(Collectors.joining(" ")));
      }
      if (trace.holeFraction() > 0) {
        facts.add("hole " + Words.percent(trace.holeFraction()));
      }
      trace.maskKinds().stream().filter(kind -> trace.found().stream().noneMatch(f -> f.kind().equals(kind))).forEach(facts::add);
      trace.found().forEach(f -> facts.add(String.format(Locale.ROOT, "%s × %d (sure %.2f)", f.kind(), f.count(), f.confidence())));
      if (trace.residual() != null && trace.residual() > 0) {
        facts.add("still found " + Words.percent(trace.residual()));
      }
      facts.addAll(trace.notes());
      facts.add(String.format(Locale.ROOT, "%.2f s", RepairTrace.ON_IMAGE.stream().mapToDouble(trace::millis).sum() / 1e3));
      String message = switch (done.status()) {
        case FAILED -> done.failure().kind() + ": " + Secrets.hidden(done.failure().getMessage());
        case UNCHANGED -> unchanged;
        case REPAIRED, REVIEW -> null;
      };
      PreviewWork.Drawn drawn = drawn(done);
      return new Image(work.ref().path(), done.status(), List.copyOf(facts), message, drawn == null ? null : drawn.whole(),
          drawn == null ? null : drawn.closeUp());
    }

    private static PreviewWork.Drawn drawn(Done<PreviewWork> done) {
      // What is too slow to be repaired may be too slow to be decoded.
      if (done.work().drawn() == null && done.trace().mode() != null && done.failure().kind() != ErrorKind.TOO_SLOW) {
        try {
          done.work().drawUnrepaired();
        } catch (ImageFailure e) {
          // Then it is its message alone.
        }
      }
      return done.work().drawn();
    }
  }
}
