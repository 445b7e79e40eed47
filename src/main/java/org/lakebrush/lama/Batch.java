package org.lakebrush.lama;

import java.nio.FloatBuffer;
import org.lakebrush.lama.DirectMemory.Block;

/**
 * Crops of one size that are run together, side by side in the tensors that the model takes and makes. What changes is guarded by the
 * {@link Batcher}'s lock; the pixels of a slot are its caller's, but for the time of a run.
 */
final class Batch {
  /** In the first block stand the pictures, then the masks; in the second what the model makes. */
  private static final int GIVEN_PLANES = 4;
  private static final int PICTURE_PLANES = 3;

  final int width;
  final int height;
  final Slot[] slots;
  final Block given;
  final Block made;
  final FloatBuffer image;
  final FloatBuffer mask;
  final FloatBuffer output;
  /** Slots that a caller holds. */
  int claimed;
  /** Those of them that are painted and wait for a run. */
  int painted;
  /** When the first one was painted, in ns. */
  long since;
  /** Whether an owner has taken it: nobody may join any more. */
  boolean taken;
  /** Runs that go on. */
  int running;

  Batch(int width, int height, int capacity, Block given, Block made) {
    this.width = width;
    this.height = height;
    this.given = given;
    this.made = made;
    int pictures = capacity * PICTURE_PLANES * width * height;
    FloatBuffer floats = given.bytes().asFloatBuffer();
    this.image = floats.slice(0, pictures);
    this.mask = floats.slice(pictures, capacity * width * height);
    this.output = made.bytes().asFloatBuffer().slice(0, pictures);
    this.slots = new Slot[capacity];
    for (int i = 0; i < capacity; i++) {
      slots[i] = new Slot(this, i);
    }
  }

  /** Bytes of the first block. */
  static long givenBytes(int width, int height, int capacity) {
    return (long) capacity * GIVEN_PLANES * width * height * Float.BYTES;
  }

  /** Bytes of the second block. */
  static long madeBytes(int width, int height, int capacity) {
    return (long) capacity * PICTURE_PLANES * width * height * Float.BYTES;
  }

  boolean is(int width, int height) {
    return this.width == width && this.height == height;
  }

  boolean isFull() {
    return claimed == slots.length;
  }

  /** Whether nothing that is claimed is yet to be painted. */
  boolean isPainted() {
    return painted > 0 && painted == claimed;
  }

  /** Behind the last slot that somebody holds. */
  int end() {
    int end = slots.length;
    while (end > 0 && slots[end - 1].holder == null) {
      end--;
    }
    return end;
  }

  /** The pictures of slots {@code from} to {@code from + n - 1}. */
  FloatBuffer image(int from, int n) {
    return pictures(image, from, n);
  }

  /** Their masks. */
  FloatBuffer mask(int from, int n) {
    int plane = width * height;
    return mask.slice(from * plane, n * plane);
  }

  /** What the model makes of them. */
  FloatBuffer output(int from, int n) {
    return pictures(output, from, n);
  }

  private FloatBuffer pictures(FloatBuffer all, int from, int n) {
    int picture = PICTURE_PLANES * width * height;
    return all.slice(from * picture, n * picture);
  }

  /** One crop's place. */
  static final class Slot {
    final Batch batch;
    final int index;
    /** Who has claimed it; null where nobody has. */
    Slots holder;
    boolean painted;
    /** Whether it is waited for no longer. */
    boolean done;
    /** Whether it was run a second time. */
    boolean wasAgain;
    /** Why the model made nothing of it, or null. */
    Throwable failure;

    Slot(Batch batch, int index) {
      this.batch = batch;
      this.index = index;
    }

    Planes given() {
      return new Planes(batch.width, batch.height, batch.image(index, 1), batch.mask(index, 1));
    }

    Planes filled() {
      return new Planes(batch.width, batch.height, batch.output(index, 1), batch.mask(index, 1));
    }
  }
}
