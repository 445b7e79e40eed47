package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BusyClockTest {
  @Test
  void whatIsStillBusyCounts() throws Exception {
    BusyClock clock = new BusyClock();
    assertEquals(0, clock.nanos());
    long start = System.nanoTime();
    clock.start();
    clock.start();
    Thread.sleep(20);
    long busy = clock.nanos();
    assertTrue(busy >= 40_000_000 && busy <= 2 * (System.nanoTime() - start), "two threads: " + busy);
    clock.stop();
    clock.stop();
    long done = clock.nanos();
    assertTrue(done >= busy && done <= 2 * (System.nanoTime() - start), "" + done);
    Thread.sleep(5);
    assertEquals(done, clock.nanos(), "nobody is busy");
  }
}
