package org.lakebrush.lama;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Direct memory in blocks whose sizes are powers of two, taken by halving chunks and joined again when both halves are free (buddies).
 * Chunks are kept, so the garbage collector has nothing to do with them and what is reserved never passes the limit; but for a block
 * that is larger than the limit, which is handed out where nothing else is. Used by one thread at a time.
 */
final class DirectMemory {
  /** Of a block, in bytes: the picture and the mask of a crop of 64x64. */
  private static final int SMALLEST = 1 << 16;
  /** Of what is reserved at once, in bytes: two crops of 1024x1024, with what the model makes of them. */
  static final int CHUNK = 1 << 26;
  /** Of a block, in bytes. */
  static final int LARGEST = 1 << 30;
  /** What the kernels of ONNX Runtime like best. */
  private static final int ALIGNMENT = 64;

  private long limit;
  private final List<Chunk> chunks = new ArrayList<>();
  private long reserved;
  private long taken;

  /**
   * Raises the limit, which is 0 at first.
   *
   * @param bytes a multiple of 64 MiB
   */
  void allow(long bytes) {
    limit += bytes;
  }

  /** A block in hand. */
  record Block(Chunk chunk, int offset, int size) {

    /** Its bytes, of any content, in the machine's order. */
    ByteBuffer bytes() {
      return chunk.bytes.slice(offset, size).order(ByteOrder.nativeOrder());
    }
  }

  /** Free blocks of one chunk, by size: {@code free.get(k)} holds the offsets of those of {@code SMALLEST << k} bytes. */
  private static final class Chunk {
    final ByteBuffer bytes;
    final int size;
    final List<NavigableSet<Integer>> free = new ArrayList<>();

    Chunk(int size) {
      this.bytes = ByteBuffer.allocateDirect(size + ALIGNMENT).alignedSlice(ALIGNMENT);
      this.size = size;
      for (int s = SMALLEST; s > 0 && s <= size; s <<= 1) {
        free.add(new TreeSet<>());
      }
      free.get(free.size() - 1).add(0);
    }
  }

  /**
   * Takes a block.
   *
   * @param bytes how many are needed; at most {@link #LARGEST}
   * @return null where the limit leaves no room until another is given back
   * @throws OutOfMemoryError where the JVM's own limit (-XX:MaxDirectMemorySize, or else -Xmx) leaves none, and nothing is in hand that could be
   *     given back
   */
  Block take(long bytes) {
    int size = rounded(bytes);
    for (Chunk chunk : chunks) {
      Block block = take(chunk, size);
      if (block != null) {
        return block;
      }
    }
    int chunkSize = Math.max(CHUNK, size);
    if (reserved + chunkSize > limit && taken == 0) {
      chunks.clear();
      reserved = 0;
    }
    if (reserved + chunkSize > limit && reserved > 0) {
      return null;
    }
    try {
      Chunk chunk = new Chunk(chunkSize);
      chunks.add(chunk);
      reserved += chunkSize;
      return take(chunk, size);
    } catch (OutOfMemoryError e) {
      if (taken == 0) {
        throw e;
      }
      return null;
    }
  }

  private Block take(Chunk chunk, int size) {
    int wanted = order(size);
    for (int k = wanted; k < chunk.free.size(); k++) {
      Integer offset = chunk.free.get(k).pollFirst();
      if (offset == null) {
        continue;
      }
      for (int half = k - 1; half >= wanted; half--) {
        chunk.free.get(half).add(offset + (SMALLEST << half));
      }
      taken += size;
      return new Block(chunk, offset, size);
    }
    return null;
  }

  /** Gives a block back, whose bytes nobody uses any more. */
  void give(Block block) {
    taken -= block.size;
    List<NavigableSet<Integer>> free = block.chunk.free;
    int k = order(block.size);
    int offset = block.offset;
    while (k < free.size() - 1 && free.get(k).remove(offset ^ (SMALLEST << k))) {
      offset &= ~(SMALLEST << k);
      k++;
    }
    free.get(k).add(offset);
  }

  /** Bytes of all chunks. */
  long reserved() {
    return reserved;
  }

  private static int order(int size) {
    return Integer.numberOfTrailingZeros(size / SMALLEST);
  }

  private static int rounded(long bytes) {
    if (bytes > LARGEST) {
      throw new IllegalArgumentException(bytes + " bytes are more than one block holds");
    }
    int size = SMALLEST;
    while (size < bytes) {
      size <<= 1;
    }
    return size;
  }
}
