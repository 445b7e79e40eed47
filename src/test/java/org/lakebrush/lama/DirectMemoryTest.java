package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lakebrush.lama.DirectMemory.Block;

class DirectMemoryTest {
  private static final int MIB = 1 << 20;

  private static DirectMemory memory(long limit) {
    DirectMemory memory = new DirectMemory();
    memory.allow(limit);
    return memory;
  }

  @Test
  void blocksAreApartAndNeverMoreThanTheLimit() {
    DirectMemory memory = memory(64L * MIB);
    Random random = new Random(1);
    List<Block> taken = new ArrayList<>();
    List<Integer> marks = new ArrayList<>();
    for (int round = 0; round < 3000; round++) {
      if (random.nextBoolean()) {
        int bytes = 1 + random.nextInt(random.nextInt(8) == 0 ? 40 * MIB : MIB);
        Block block = memory.take(bytes);
        if (block != null) {
          assertTrue(block.bytes().capacity() >= bytes);
          block.bytes().putInt(0, round).putInt(block.bytes().capacity() - 4, round);
          taken.add(block);
          marks.add(round);
        }
      } else if (!taken.isEmpty()) {
        int i = random.nextInt(taken.size());
        ByteBuffer bytes = taken.get(i).bytes();
        assertEquals(marks.get(i), bytes.getInt(0));
        assertEquals(marks.get(i), bytes.getInt(bytes.capacity() - 4));
        memory.give(taken.remove(i));
        marks.remove(i);
      }
      assertTrue(memory.reserved() <= 64L * MIB);
    }
    taken.forEach(memory::give);
    // All of it can be had again as one.
    assertNotNull(memory.take(64L * MIB));
    assertNull(memory.take(1));
  }

  @Test
  void aBlockAboveTheLimitIsHandedOutAlone() {
    DirectMemory memory = memory(64L * MIB);
    Block small = memory.take(MIB);
    assertNull(memory.take(100L * MIB));
    memory.give(small);
    Block large = memory.take(100L * MIB);
    assertNotNull(large);
    assertNull(memory.take(MIB + 128L * MIB));
    memory.give(large);
    assertEquals(128L * MIB, memory.reserved());
  }
}
