package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ImageFailure;

class ModelAloneTest {

  /** Of two runs at once, one fails and the other goes on for a while. */
  private static final class OneFails implements Network {
    final CountDownLatch both = new CountDownLatch(2);
    final AtomicInteger begun = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();

    @Override
    public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink)
        throws OrtException {
      running.incrementAndGet();
      try {
        boolean fails = begun.getAndIncrement() == 0;
        both.countDown();
        both.await();
        if (fails) {
          throw new OrtException("on purpose");
        }
        TimeUnit.MILLISECONDS.sleep(500);
      } catch (InterruptedException e) {
        throw new AssertionError("native code is not interrupted", e);
      } finally {
        running.decrementAndGet();
      }
    }

    @Override
    public void close() {
      assertEquals(0, running.get());
    }
  }

  @Test
  void whereOneRunFailsNoOtherIsLeftBehind() throws Exception {
    OneFails network = new OneFails();
    try (ModelAlone alone = new ModelAlone(LamaModel.inspect(Models.small("dynamic-range255")), network, 2)) {
      assertThrows(ImageFailure.class, () -> alone.run(64, 64, 1, 2, 60));
      assertEquals(0, network.running.get());
    }
  }
}
