package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkPerSizeTest {
  private final List<Fake> opened = new ArrayList<>();
  /** Sessions that the device has room for. */
  private int room = Integer.MAX_VALUE;
  /** Sizes that the device's memory has room for at once. */
  private int sizesAtOnce = Integer.MAX_VALUE;

  /** A session that remembers at which widths it was run. */
  private final class Fake implements Network {
    private final List<Integer> widths = new ArrayList<>();
    private boolean closed;

    @Override
    public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink)
        throws OrtException {
      if (opened.stream().filter(f -> !f.closed).count() > sizesAtOnce) {
        throw new OrtException(TestNetwork.OUT_OF_MEMORY);
      }
      widths.add(width);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private int asked;

  private NetworkPerSize network() throws ModelException {
    return new NetworkPerSize(() -> {
      asked++;
      if (opened.size() >= room) {
        throw new ModelException("no room");
      }
      opened.add(new Fake());
      return opened.get(opened.size() - 1);
    });
  }

  private static void run(Network network, int width) throws OrtException {
    network.run(null, null, null, 2, 64, width, false);
  }

  @Test
  void eachSizeHasASessionOfItsOwn() throws Exception {
    NetworkPerSize network = network();
    for (int width : new int[] {64, 128, 64, 128, 192, 64}) {
      run(network, width);
    }
    assertEquals(List.of(List.of(64, 64, 64), List.of(128, 128), List.of(192)), opened.stream().map(f -> f.widths).toList());
    network.close();
    assertEquals(3, opened.stream().filter(f -> f.closed).count());
  }

  @Test
  void pastTheMostTheOneNotUsedForLongestTakesTheNewSize() throws Exception {
    NetworkPerSize network = network();
    for (int i = 1; i <= NetworkPerSize.MOST; i++) {
      run(network, 64 * i);
    }
    run(network, 64);
    run(network, 6400);
    assertEquals(NetworkPerSize.MOST, opened.size());
    assertEquals(List.of(128, 6400), opened.get(1).widths);
    run(network, 64);
    assertEquals(List.of(64, 64, 64), opened.get(0).widths);
  }

  @Test
  void whereNoOtherCanBeOpenedThoseThatAreServeAllSizes() throws Exception {
    room = 1;
    NetworkPerSize network = network();
    run(network, 64);
    run(network, 128);
    run(network, 64);
    assertEquals(List.of(64, 128, 64), opened.get(0).widths);
    assertEquals(2, asked, "what there was no room for is not tried at each change");
    room = 0;
    assertEquals("no room", assertThrows(ModelException.class, this::network).getMessage());
  }

  @Test
  void sessionsOfOtherSizesMakeRoomForARun() throws Exception {
    sizesAtOnce = 1;
    NetworkPerSize network = network();
    run(network, 64);
    run(network, 128);
    assertEquals(List.of(true, false), opened.stream().map(f -> f.closed).toList());
    assertEquals(List.of(128), opened.get(1).widths);
    sizesAtOnce = 0;
    OrtException e = assertThrows(OrtException.class, () -> run(network, 128));
    assertEquals(TestNetwork.OUT_OF_MEMORY, e.getMessage());
    assertFalse(opened.get(1).closed, "the size's own session stays");
  }
}
