package org.lakebrush.lama;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.lakebrush.lama.Batch.Slot;
import org.lakebrush.lama.DirectMemory.Block;

/**
 * The crops of all callers, in batches of one size, and the sessions' owner threads that take them. A batch is run when all that is claimed
 * of it is painted and it is full, or its first crop has waited for the delay. Safe for any number of threads.
 *
 * <p>Nobody waits for ever: a caller waits for memory only while it holds none, so that those who hold it go on to give it back; and those
 * who wait for memory get it in the order of asking.
 */
final class Batcher {
  private final long delay;
  private final DirectMemory memory = new DirectMemory();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition given = lock.newCondition();
  /** Batches that are not taken, the oldest first. */
  private final List<Batch> open = new ArrayList<>();
  private final Deque<Slot> again = new ArrayDeque<>();
  private final Deque<Object> claimants = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param delay how long a crop waits for others of its size, in ns
   */
  Batcher(long delay) {
    this.delay = delay;
  }

  /**
   * What is run at once: slots {@code from} to {@code from + count - 1}.
   *
   * @param again whether it was run before, and what came out is of no use
   * @param failures for each of them why it failed, or null
   */
  record Work(Batch batch, int from, int count, boolean again, Throwable[] failures) {

    Work(Batch batch, int from, int count, boolean again) {
      this(batch, from, count, again, new Throwable[count]);
    }
  }

  /** Where an owner thread is: which size it runs, and since when. */
  static final class Place {
    private int width;
    private int height;
    private long since;
  }

  /** Raises the limit of the memory that all batches take together, which is 0 at first. */
  void allow(long bytes) {
    lock.lock();
    try {
      memory.allow(bytes);
      given.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Claims places for crops of one size, first in batches that are waiting, then in new ones; as many as the memory holds, but at least
   * one, for which it waits.
   *
   * @param most how many, 1 or more
   * @param capacity of a new batch
   * @throws IllegalStateException where the pool is closed
   */
  Slots claim(LamaPool pool, int width, int height, int most, int capacity) throws InterruptedException {
    Object ticket = new Object();
    lock.lockInterruptibly();
    try {
      claimants.add(ticket);
      while (true) {
        checkOpen();
        List<Slot> slots = new ArrayList<>(most);
        for (Batch batch : open) {
          if (batch.is(width, height)) {
            take(batch, most, slots);
          }
        }
        while (slots.size() < most && claimants.peek() == ticket) {
          Batch batch = create(width, height, capacity);
          if (batch == null) {
            break;
          }
          open.add(batch);
          take(batch, most, slots);
        }
        if (!slots.isEmpty()) {
          Slots all = new Slots(pool, slots, lock.newCondition());
          slots.forEach(s -> s.holder = all);
          return all;
        }
        given.await();
      }
    } finally {
      claimants.remove(ticket);
      given.signalAll();
      lock.unlock();
    }
  }

  private static void take(Batch batch, int most, List<Slot> slots) {
    for (Slot slot : batch.slots) {
      if (slots.size() < most && slot.holder == null) {
        batch.claimed++;
        slots.add(slot);
      }
    }
  }

  private Batch create(int width, int height, int capacity) {
    Block first = memory.take(Batch.givenBytes(width, height, capacity), 0);
    if (first == null) {
      return null;
    }
    Block second = null;
    try {
      second = memory.take(Batch.madeBytes(width, height, capacity), first.size());
    } finally {
      if (second == null) {
        memory.give(first);
      }
    }
    return second == null ? null : new Batch(width, height, capacity, first, second);
  }

  /** Hands in painted crops. */
  void painted(List<Slot> slots) {
    lock.lock();
    try {
      checkOpen();
      long now = System.nanoTime();
      for (Slot slot : slots) {
        Batch batch = slot.batch;
        batch.since = batch.painted == 0 ? now : batch.since;
        batch.painted++;
        slot.painted = true;
        slot.done = false;
      }
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Hands in a crop again whose run is done; it is run alone. */
  void again(Slot slot) {
    lock.lock();
    try {
      checkOpen();
      slot.done = false;
      slot.wasAgain = true;
      slot.batch.running++;
      again.add(slot);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all are done. */
  void await(Slots slots) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!slots.slots.stream().allMatch(s -> s.done)) {
        slots.done.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives slots back, whatever became of them. */
  void release(List<Slot> slots) {
    lock.lock();
    try {
      for (Slot slot : slots) {
        Batch batch = slot.batch;
        batch.claimed--;
        batch.painted -= slot.painted ? 1 : 0;
        slot.holder = null;
        slot.painted = false;
        slot.wasAgain = false;
        if (again.remove(slot)) {
          batch.running--;
        }
        if (batch.claimed == 0 && !batch.taken) {
          open.remove(batch);
          give(batch);
        } else if (batch.claimed == 0 && batch.running == 0) {
          give(batch);
        }
      }
      given.signalAll();
      // The others of a batch may have waited for the one that left it.
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  private void give(Batch batch) {
    memory.give(batch.given);
    memory.give(batch.made);
  }

  /**
   * Waits for work.
   *
   * @param place of the owner that asks
   * @param stay how long it keeps to batches of one size while there are some, in ns
   * @return null where the pool is closed
   */
  Work take(Place place, long stay) {
    lock.lock();
    try {
      while (!closed) {
        Slot alone = again.peek();
        if (alone != null) {
          Work next = new Work(alone.batch, alone.index, 1, true);
          again.remove();
          return go(place, next);
        }
        long now = System.nanoTime();
        Batch batch = due(place, now, now - place.since < stay);
        if (batch != null) {
          Work next = new Work(batch, 0, batch.end(), false);
          open.remove(batch);
          batch.taken = true;
          batch.running = 1;
          return go(place, next);
        }
        waitForWork(now);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private Work go(Place place, Work next) {
    if (!next.batch.is(place.width, place.height)) {
      place.width = next.batch.width;
      place.height = next.batch.height;
      place.since = System.nanoTime();
    }
    // What was signalled once may be work for two.
    work.signal();
    return next;
  }

  /** The batch that has waited longest of those that are due; with {@code same} set, one of the owner's size goes before. */
  private Batch due(Place place, long now, boolean same) {
    Batch oldest = null;
    boolean oldestIsSame = false;
    for (Batch batch : open) {
      if (!batch.isPainted() || !batch.isFull() && now - batch.since < delay) {
        continue;
      }
      boolean isSame = same && batch.is(place.width, place.height);
      if (oldest == null || isSame && !oldestIsSame || isSame == oldestIsSame && batch.since < oldest.since) {
        oldest = batch;
        oldestIsSame = isSame;
      }
    }
    return oldest;
  }

  /** Waits for a signal, or until the next batch is due. */
  private void waitForWork(long now) {
    long wait = Long.MAX_VALUE;
    for (Batch batch : open) {
      if (batch.isPainted()) {
        wait = Math.min(wait, batch.since + delay - now);
      }
    }
    try {
      if (wait == Long.MAX_VALUE) {
        work.await();
      } else {
        work.await(wait, TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException e) {
      // Owners are the pool's, which ends them by close() alone; the flag is gone with this.
    }
  }

  /** A run's end. */
  void done(Work run) {
    lock.lock();
    try {
      Batch batch = run.batch;
      batch.running--;
      for (int i = 0; i < run.count; i++) {
        end(batch.slots[run.from + i], run.failures[i]);
      }
      if (batch.claimed == 0 && batch.running == 0) {
        give(batch);
        given.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends all waiting: owners get no more work, callers whose crops do not run an exception. */
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      given.signalAll();
      for (Batch batch : open) {
        for (Slot slot : batch.slots) {
          if (slot.painted) {
            end(slot, closedException());
          }
        }
      }
      again.forEach(slot -> {
        slot.batch.running--;
        end(slot, closedException());
      });
      again.clear();
    } finally {
      lock.unlock();
    }
  }

  private static void end(Slot slot, Throwable failure) {
    slot.done = true;
    slot.failure = failure;
    if (slot.holder != null) {
      slot.holder.done.signal();
    }
  }

  /** Crops that are painted and wait for a run. */
  long waiting() {
    lock.lock();
    try {
      return again.size() + open.stream().mapToInt(batch -> batch.painted).sum();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that are reserved for batches. */
  long reserved() {
    lock.lock();
    try {
      return memory.reserved();
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw closedException();
    }
  }

  static IllegalStateException closedException() {
    return new IllegalStateException("This session is closed");
  }
}
