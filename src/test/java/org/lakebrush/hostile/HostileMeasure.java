package org.lakebrush.hostile;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.lakebrush.hostile.HostileFiles.Result;

/**
 * What becomes of many hostile files: {@code mvn test -Dtest=HostileMeasure -Dlakebrush.measure=10000}, the number of mutants, whose seeds
 * are those from {@code -Dlakebrush.measure.from=N} (0) on; all bombs beside them. Skipped without it.
 */
class HostileMeasure {
  @Test
  void hostileFiles() throws Exception {
    String measure = System.getProperty("lakebrush.measure");
    assumeTrue(measure != null, "-Dlakebrush.measure=NUMBER");
    long from = Long.getLong("lakebrush.measure.from", 0);
    List<Result> results = new ArrayList<>(HostileFiles.mutants(from, from + Long.parseLong(measure)));
    results.addAll(HostileFiles.bombs());
    table(results);
    results.stream().max(Comparator.comparingLong(Result::millis)).ifPresent(r -> System.out.println("slowest: " + r));
    results.stream().max(Comparator.comparingLong(Result::peak)).ifPresent(r -> System.out.println("most resident memory: " + r));
    System.out.printf("%d files, %d deaths, at most %d ms and %d MB (heap %d MB, direct memory %d MB)%n", results.size(),
        results.stream().filter(r -> r.outcome().equals(HostileFiles.DEATH)).count(),
        results.stream().mapToLong(Result::millis).max().orElse(0), results.stream().mapToLong(Result::peak).max().orElse(0) >> 10,
        HostileFiles.HEAP, HostileFiles.DIRECT);
    results.forEach(HostileTest::check);
  }

  /** Files by outcome and by the way they were made. */
  private static void table(List<Result> results) {
    Map<String, Map<String, Long>> counts = results.stream().collect(Collectors.groupingBy(Result::outcome, TreeMap::new,
        Collectors.groupingBy(Result::way, Collectors.counting())));
    TreeSet<String> ways = results.stream().map(Result::way).collect(Collectors.toCollection(TreeSet::new));
    Function<String, String> cell = text -> String.format("%16s", text);
    System.out.println(cell.apply("") + ways.stream().map(cell).collect(Collectors.joining()) + cell.apply("all"));
    counts.forEach((outcome, byWay) -> System.out.println(cell.apply(outcome)
        + ways.stream().map(way -> cell.apply(String.valueOf(byWay.getOrDefault(way, 0L)))).collect(Collectors.joining())
        + cell.apply(String.valueOf(byWay.values().stream().mapToLong(Long::longValue).sum()))));
  }
}
