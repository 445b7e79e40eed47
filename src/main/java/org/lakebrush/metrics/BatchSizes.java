package org.lakebrush.metrics;

import com.codahale.metrics.Histogram;
import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.WeightedSnapshot;
import com.codahale.metrics.WeightedSnapshot.WeightedSample;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A histogram of what was counted elsewhere, value by value: exact, and not of a sample. */
final class BatchSizes extends Histogram {
  private final Supplier<Map<Integer, Long>> counts;

  /**
   * @param counts how often each value was there
   */
  BatchSizes(Supplier<Map<Integer, Long>> counts) {
    super(new Counted(counts));
    this.counts = counts;
  }

  @Override
  public long getCount() {
    return counts.get().values().stream().mapToLong(Long::longValue).sum();
  }

  private record Counted(Supplier<Map<Integer, Long>> counts) implements Reservoir {
    @Override
    public int size() {
      return counts.get().size();
    }

    @Override
    public void update(long value) {
      throw new UnsupportedOperationException("counted elsewhere");
    }

    @Override
    public Snapshot getSnapshot() {
      List<WeightedSample> values = counts.get().entrySet().stream().map(e -> new WeightedSample(e.getKey(), e.getValue())).toList();
      return new WeightedSnapshot(values);
    }
  }
}
