package org.lakebrush.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.format_string;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.xxhash64;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.lakebrush.source.Lake;
import org.lakebrush.source.Reach;
import org.lakebrush.testing.LocalSpark;

class ChoiceTest {
  private static final int IMAGES = 25_000;
  private static final Dataset<Row> REFS = LocalSpark.get().range(0, IMAGES, 1, 4)
      .select(concat(lit("s3a://lake/"), format_string("%05d", col("id").multiply(7919).mod(IMAGES)), lit(".png")).as("uri"));

  private static Choice choice(OptionalInt limit, OptionalInt sample) {
    return Choice.of(new Lake(REFS, IMAGES, 0, 0, 0, List.of(), new Reach(List.of(), List.of())), sample, limit);
  }

  private static TreeSet<String> uris(Choice choice) {
    List<Row> rows = choice.refs().collectAsList();
    assertEquals(choice.images(), rows.size());
    assertEquals(List.of("uri"), List.of(choice.refs().columns()));
    return new TreeSet<>(rows.stream().map(r -> r.getString(0)).toList());
  }

  private static TreeSet<String> first(int n) {
    return new TreeSet<>(Stream.iterate(0, i -> i + 1).limit(n).map(i -> String.format("s3a://lake/%05d.png", i)).toList());
  }

  @Test
  void aLimitIsTheFirstByUri() {
    assertEquals(first(3), uris(choice(OptionalInt.of(3), OptionalInt.empty())));
    assertEquals(first(12_345), uris(choice(OptionalInt.of(12_345), OptionalInt.empty())), "more than are sorted at once");
    assertEquals(IMAGES, choice(OptionalInt.of(IMAGES + 1), OptionalInt.empty()).images());
  }

  @Test
  void aSampleIsTheFirstByHashAndSmallerOnesAreInLargerOnes() {
    record Hashed(String uri, long hash) {}
    List<String> byHash = REFS.select(col("uri"), xxhash64(col("uri"))).collectAsList().stream()
        .map(r -> new Hashed(r.getString(0), r.getLong(1))).sorted(Comparator.comparingLong(Hashed::hash)).map(Hashed::uri).toList();
    assertEquals(new TreeSet<>(byHash.subList(0, 7)), uris(choice(OptionalInt.empty(), OptionalInt.of(7))));
    TreeSet<String> sample = uris(choice(OptionalInt.empty(), OptionalInt.of(15_000)));
    assertEquals(new TreeSet<>(byHash.subList(0, 15_000)), sample);
    assertEquals(new TreeSet<>(sample.stream().limit(12).toList()), uris(choice(OptionalInt.of(12), OptionalInt.of(15_000))));
  }
}
