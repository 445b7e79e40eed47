package org.lakebrush.lama;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import org.lakebrush.failure.ImageFailure;

/**
 * Places for crops of one size in the model's next runs, claimed by one caller: paint each crop, fill, read what came out, close. Used by
 * one thread. Whoever holds slots claims no others until these are closed, or all callers could wait for each other.
 */
public final class Slots implements AutoCloseable {
  private final LamaPool pool;
  final List<Batch.Slot> slots;
  /** Signalled when the last of the slots that were handed in is done. */
  final Condition done;
  private int rerun;

  Slots(LamaPool pool, List<Batch.Slot> slots, Condition done) {
    this.pool = pool;
    this.slots = new ArrayList<>(slots);
    this.done = done;
  }

  /** How many there are, 1 or more. */
  public int size() {
    return slots.size();
  }

  /**
   * Where a crop is to be painted: what is in it is another's, so that all of it must be written, the hole black. Stays as it is when
   * it is filled.
   */
  public Planes given(int i) {
    return slots.get(i).given();
  }

  /** What the model made of a crop that was filled: 0..1 in the hole; what stands elsewhere says nothing. May be written over. */
  public Planes filled(int i) {
    return slots.get(i).filled();
  }

  /**
   * Fills the first crops, which are painted, and gives the other slots back; waits until they are done.
   *
   * @param n how many are painted, from 0 on
   * @throws ImageFailure MODEL where ONNX Runtime fails, or where a crop comes out with NaN or infinity
   * @throws CropTooLarge where the device's memory does not hold one of them, even alone
   * @throws InterruptedException where the caller is interrupted; what was not yet run is taken back when this is closed
   * @throws IllegalStateException where the pool is closed, or is closed while the caller waits
   */
  public void fill(int n) throws ImageFailure, CropTooLarge, InterruptedException {
    rerun = pool.fill(this, n);
  }

  /** How many of the crops that were filled were run again in float32, as {@link LamaSettings#half()} says. */
  public int rerun() {
    return rerun;
  }

  /** Gives the slots back. Crops that were not filled leave their batch, where it does not run yet; others' crops in it are not touched. */
  @Override
  public void close() {
    pool.release(this);
  }
}
