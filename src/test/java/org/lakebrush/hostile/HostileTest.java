package org.lakebrush.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.hostile.Bombs.Bomb;
import org.lakebrush.hostile.HostileFiles.Result;
import org.lakebrush.sink.Status;

/** Hostile files in a JVM of little memory: each ends in a row, in what memory there is. {@link HostileMeasure} has more of them. */
class HostileTest {
  /** What is no answer to a file, whatever it is. */
  private static final Set<String> NEVER = Set.of(HostileFiles.DEATH, ErrorKind.INTERNAL.name(), ErrorKind.MODEL.name(),
      ErrorKind.TOO_SLOW.name());

  static void check(Result result) {
    assertTrue(!NEVER.contains(result.outcome()), result.toString());
    assertTrue(result.peak() >> 10 < HostileFiles.HEAP + HostileFiles.DIRECT + HostileFiles.OTHER, result.toString());
  }

  @Test
  void bombsDoNotGoOff() throws Exception {
    List<Bomb> bombs = Bombs.all();
    List<Result> results = HostileFiles.bombs();
    assertEquals(bombs.size(), results.size());
    for (int i = 0; i < bombs.size(); i++) {
      Result result = results.get(i);
      check(result);
      assertEquals(bombs.get(i).name(), result.name());
      boolean expected = bombs.get(i).kinds().isEmpty() ? result.outcome().equals(Status.REPAIRED.name())
          : bombs.get(i).kinds().stream().anyMatch(kind -> kind.name().equals(result.outcome()));
      assertTrue(expected, result.toString());
    }
  }

  @Test
  void eachMutantIsRepairedOrFailed() throws Exception {
    List<Result> results = HostileFiles.mutants(0, 300);
    assertEquals(300, results.size());
    results.forEach(HostileTest::check);
    assertTrue(results.stream().anyMatch(r -> r.outcome().equals(Status.REPAIRED.name())));
    assertTrue(results.stream().anyMatch(r -> r.outcome().equals(ErrorKind.CORRUPT.name())));
  }
}
