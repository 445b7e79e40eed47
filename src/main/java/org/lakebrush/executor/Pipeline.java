package org.lakebrush.executor;

import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Codecs;
import org.lakebrush.image.Encoded;
import org.lakebrush.image.ImageHeader;
import org.lakebrush.repair.RepairTrace;
import org.lakebrush.repair.RepairTrace.Stage;
import org.lakebrush.sink.FencedException;
import org.lakebrush.sink.Status;
import org.lakebrush.source.Retries;

/**
 * An executor's images in flight: reading, repairing and writing overlap, for the images of all its tasks, on threads that are no task's.
 * An image is read by one thread, repaired by a second, which waits for the model with it, and written by a third, so that neither storage
 * nor the model holds up a core.
 *
 * <p>Memory is bounded by bytes: a quarter of the heap for files that are read or wait to be written, half of it for pictures.
 *
 * <p>An image whose repair takes too long is given up: native code cannot be interrupted, so its thread is left to itself, with the memory
 * that it has, and another takes its place; what it brings in the end is thrown away. Knows no Spark. Safe for any number of threads.
 */
public final class Pipeline implements AutoCloseable {
  /** Pictures in hand. */
  private static final ByteBudget PICTURES = new ByteBudget(Runtime.getRuntime().maxMemory() / 2);
  /** Files in hand, as they came and as they go. */
  private static final ByteBudget FILES = new ByteBudget(Runtime.getRuntime().maxMemory() / 4);
  /** What a file of unknown length is taken for. */
  private static final long UNKNOWN_LENGTH = 8L << 20;
  /** A store answers late, not slowly: so many requests at once, whatever the number of cores. */
  private static final int LEAST_REQUESTS = 8;
  /** For images in native code, which cannot be interrupted, to come out of it. */
  private static final long CLOSE_SECONDS = 30;
  /** How often it is looked for images whose repair takes too long. */
  private static final long WATCH_MILLIS = 250;

  private final int cores;
  private final int requests;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor repairers;
  private final ThreadPoolExecutor writers;
  private final ScheduledExecutorService watchdog;
  private final Set<Run<?>> repairing = ConcurrentHashMap.newKeySet();
  /** Images that can wait for the model, and those that were given up with a thread on them; guarded by this, as are the next. */
  private int places;
  private int abandoned;
  /** Images of one task. */
  private volatile int inFlight;
  private volatile boolean closed;

  /**
   * A pipeline with threads of its own.
   *
   * @param cores for decoding, encoding and the like, 1 or more
   * @param places images that can wait for the model beside these
   */
  public Pipeline(int cores, int places) {
    this.cores = cores;
    requests = Math.max(LEAST_REQUESTS, 2 * cores);
    readers = pool(requests, "read");
    repairers = pool(cores + places, "repair");
    writers = pool(requests, "write");
    watchdog = Executors.newSingleThreadScheduledExecutor(threads("watch"));
    watchdog.scheduleWithFixedDelay(() -> repairing.forEach(Run::look), WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    this.places = places;
    inFlight = cores + places + requests;
  }

  private static ThreadPoolExecutor pool(int threads, String name) {
    return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads(name));
  }

  private static ThreadFactory threads(String name) {
    return work -> {
      Thread thread = new Thread(work, "lakebrush-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * Repairs images, and gives each as it is done.
   *
   * @param works asked for the next one only by the thread that takes from the result; while images are in flight it may have none for now
   */
  public <W extends ImageWork> Images<W> repair(ImageRepair repair, Iterator<W> works) {
    return new Images<>(repair, works, false, Course.ENDLESS);
  }

  /**
   * As {@link #repair(ImageRepair, Iterator)}, for a run that may come to its end first.
   *
   * @param course none is begun once it is {@link Course.Phase#GIVES_UP}
   */
  public <W extends ImageWork> Images<W> repair(ImageRepair repair, Iterator<W> works, Course course) {
    return new Images<>(repair, works, false, course);
  }

  /** Likewise, but the next image is asked for only once the one before is done, and was taken. */
  <W extends ImageWork> Images<W> repairEachAlone(ImageRepair repair, Iterator<W> works, Course course) {
    return new Images<>(repair, works, true, course);
  }

  /** What nobody foresaw, as a row. */
  static ImageFailure defect(RuntimeException e) {
    StackTraceElement[] stack = e.getStackTrace();
    return new ImageFailure(ErrorKind.INTERNAL, "a defect of Lakebrush, please report it with the image: " + e
        + (stack.length == 0 ? "" : " at " + stack[0]), e);
  }

  /** Images that wait for a thread that reads them. */
  int toRead() {
    return readers.getQueue().size();
  }

  /** Images that are read and wait for a thread that repairs them. */
  int toRepair() {
    return repairers.getQueue().size();
  }

  /** Images that are repaired and wait for a thread that writes them. */
  int toWrite() {
    return writers.getQueue().size();
  }

  /** Bytes of memory that files in hand have, in all pipelines of this JVM. */
  static long fileBytes() {
    return FILES.taken();
  }

  /** Likewise pictures. */
  static long pictureBytes() {
    return PICTURES.taken();
  }

  /**
   * Makes room for more images that wait for the model.
   *
   * @param places in all
   */
  synchronized void ensurePlaces(int places) {
    if (places > this.places) {
      this.places = places;
      inFlight = cores + places + requests;
      sizeRepairers();
    }
  }

  /** Puts threads in the place of those that are left to themselves with an image, or takes them away when these come back. */
  private synchronized void abandon(int images) {
    abandoned += images;
    sizeRepairers();
  }

  private void sizeRepairers() {
    int threads = cores + places + abandoned;
    // The core may at no time be larger than the maximum.
    if (threads > repairers.getMaximumPoolSize()) {
      repairers.setMaximumPoolSize(threads);
      repairers.setCorePoolSize(threads);
    } else {
      repairers.setCorePoolSize(threads);
      repairers.setMaximumPoolSize(threads);
    }
  }

  /** Ends the threads; what is in hand is given up. */
  @Override
  public void close() {
    closed = true;
    watchdog.shutdownNow();
    // What no thread has begun would never end: it does now, without its work.
    Stream.of(readers, repairers, writers).flatMap(pool -> pool.shutdownNow().stream()).forEach(Runnable::run);
  }

  /** The images of one task. Used by one thread, which feeds the pipeline as it takes from it. */
  public final class Images<W extends ImageWork> implements AutoCloseable {
    private final ImageRepair repair;
    private final Iterator<W> works;
    private final Course course;
    private final BlockingQueue<Run<W>> ended = new LinkedBlockingQueue<>();
    private final Set<Run<W>> running = ConcurrentHashMap.newKeySet();
    private final boolean alone;
    private W next;
    private int outstanding;
    private Done<W> done;

    private Images(ImageRepair repair, Iterator<W> works, boolean alone, Course course) {
      this.repair = repair;
      this.works = works;
      this.alone = alone;
      this.course = course;
    }

    /**
     * Waits until it is known whether there is another image.
     *
     * @return false where all are done, or the rest was given up
     * @throws InterruptedException where the calling thread is interrupted
     * @throws FencedException where the run is gone
     */
    public boolean hasNext() throws InterruptedException {
      if (done == null) {
        feed();
      }
      while (done == null && outstanding > 0) {
        Run<W> run = ended.poll(ByteBudget.LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (run != null) {
          outstanding--;
        }
        Course.Phase phase = course.phase();
        if (phase == Course.Phase.GONE) {
          course.check();
        } else if (phase.compareTo(Course.Phase.GIVES_UP) >= 0) {
          running.forEach(Run::giveUp);
        }
        if (run != null && !run.isGivenUp()) {
          done = run.result();
          if (!alone) {
            feed();
          }
        } else if (phase == Course.Phase.OVER) {
          outstanding = 0;
        }
      }
      return done != null;
    }

    /** The next image that is done: not in the order in which they came. Else as {@link #hasNext}. */
    public Done<W> next() throws InterruptedException {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Done<W> result = done;
      done = null;
      return result;
    }

    private void feed() throws InterruptedException {
      int most = alone ? 1 : inFlight;
      while (outstanding < most && course.phase().compareTo(Course.Phase.GIVES_UP) < 0 && (next != null || works.hasNext())) {
        if (next == null) {
          next = works.next();
        }
        long length = next.ref().length();
        long bytes = 2 * (length < 0 ? UNKNOWN_LENGTH : length);
        // Who waits for room must not have images in flight whose end it would have to see first.
        Optional<ByteBudget.Share> room = outstanding == 0
            ? FILES.acquire(bytes, () -> course.phase().compareTo(Course.Phase.GIVES_UP) < 0) : FILES.tryAcquire(bytes);
        if (room.isEmpty()) {
          return;
        }
        Run<W> run = new Run<>(this, next, room.get());
        next = null;
        outstanding++;
        running.add(run);
        run.submit(readers, run::read);
      }
    }

    private void end(Run<W> run) {
      running.remove(run);
      ended.add(run);
      synchronized (this) {
        notifyAll();
      }
    }

    /** Gives up what is still in flight, and waits until no thread works on it. */
    @Override
    public void close() {
      running.forEach(Run::cancel);
      boolean interrupted = false;
      long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
      synchronized (this) {
        while (!running.isEmpty() && System.nanoTime() < until && course.phase() != Course.Phase.OVER) {
          try {
            wait(ByteBudget.LOOK_MILLIS);
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One image on its way. */
  private final class Run<W extends ImageWork> {
    private final Images<W> images;
    private final ImageRepair repair;
    private final W work;
    private final ByteBudget.Share room;
    private final RepairTrace trace;
    private byte[] file;
    private Encoded repaired;
    private Done<W> done;
    private Throwable error;
    /** The thread that works on it now; guarded by this, as are the next. */
    private Thread thread;
    private boolean cancelled;
    /** Whether what comes of it is being put in its place. */
    private boolean writing;
    /** Whether it ended before its thread came back. */
    private boolean abandoned;
    /** Its part of the memory for pictures, or null. */
    private ByteBudget.Share share;

    Run(Images<W> images, W work, ByteBudget.Share room) {
      this.images = images;
      this.repair = images.repair;
      this.work = work;
      this.trace = new RepairTrace(work::masked);
      this.room = room;
    }

    /** A part of the way: says what comes after it, or null at the end. */
    @FunctionalInterface
    private interface Step {
      Runnable run() throws ImageFailure, InterruptedException;
    }

    void submit(ExecutorService pool, Step step) {
      try {
        pool.execute(() -> step(step));
      } catch (RejectedExecutionException e) {
        end();
      } catch (Error e) {
        // No thread to be had: the task must not wait for this image.
        error = e;
        end();
      }
    }

    private void step(Step step) {
      Runnable after = null;
      if (enter()) {
        int retries = Retries.ofThread();
        Throwable thrown = null;
        try {
          after = step.run();
        } catch (Throwable e) {
          thrown = e;
        }
        if (!isHeld()) {
          room.close();
          return;
        }
        trace.addRetries(Retries.ofThread() - retries);
        if (thrown != null) {
          end(thrown);
        }
      }
      if (after != null) {
        after.run();
      } else {
        end();
      }
    }

    private void end(Throwable thrown) {
      if (closed || Sessions.isShutDown() || isCancelled() || thrown instanceof FencedException
          || !(thrown instanceof ImageFailure || thrown instanceof RuntimeException)) {
        // Its threads were interrupted, or the run or the JVM goes down, or should: not this image's failure.
        error = thrown;
      } else {
        fail(thrown instanceof ImageFailure failure ? failure : defect((RuntimeException) thrown));
      }
    }

    private void end() {
      file = null;
      repaired = null;
      room.close();
      images.end(this);
    }

    private synchronized boolean enter() {
      boolean go = !cancelled && !closed;
      thread = go ? Thread.currentThread() : null;
      return go;
    }

    /** Whether the image is still this thread's. */
    private synchronized boolean isHeld() {
      thread = null;
      // An interrupt meant for this image must not meet the thread's next one.
      Thread.interrupted();
      return !abandoned;
    }

    private synchronized boolean isCancelled() {
      return cancelled;
    }

    /** Ends it, unless it is so far that it would not be known whether it is done. */
    synchronized void giveUp() {
      if (!writing) {
        cancel();
      }
    }

    /** Whether it ended because it was to. */
    synchronized boolean isGivenUp() {
      return cancelled && done == null;
    }

    synchronized void cancel() {
      cancelled = true;
      if (thread != null) {
        thread.interrupt();
      }
    }

    private void fail(ImageFailure e) {
      done = new Done<>(work, trace, Status.FAILED, null, e);
    }

    Runnable read() throws ImageFailure {
      ReadAhead.checkLength(work.ref(), work.ref().length(), FILES.total());
      file = trace.time(Stage.READ, work::read);
      // Where it was not known before.
      ReadAhead.checkLength(work.ref(), file.length, FILES.total());
      return () -> submit(repairers, this::repair);
    }

    private Runnable repair() throws ImageFailure, InterruptedException {
      ImageHeader header = trace.time(Stage.DECODE, () -> Codecs.header(file));
      try (ByteBudget.Share taken = pictures(header)) {
        repairing(taken);
        try {
          repaired = repair.operation().apply(file, work.ref().uri(), work.ref().sidecars(), work.ref().boxes(), trace).orElse(null);
        } finally {
          if (!repairing(null)) {
            Pipeline.this.abandon(-1);
          }
        }
        if (repaired != null) {
          file = null;
          if (repaired.bytes().length > room.bytes()) {
            // It may not wait for a writer: as long as it is there, so is the picture's share of the memory.
            return write();
          }
        }
      }
      return () -> submit(writers, this::write);
    }

    private ByteBudget.Share pictures(ImageHeader header) throws ImageFailure, InterruptedException {
      long bytes = repair.workingBytes(header);
      if (bytes > PICTURES.total()) {
        throw new ImageFailure(ErrorKind.TOO_LARGE, String.format(
            "%s of %d x %d pixels needs about %d MB while it is repaired, and this JVM has %d MB for images: give it more heap"
                + " (LAKEBRUSH_MEMORY, or spark.executor.memory on a cluster), or lower limits.max_pixels",
            header.format(), header.width(), header.height(), bytes >> 20, PICTURES.total() >> 20));
      }
      return PICTURES.acquire(bytes);
    }

    /** Has it watched while it holds memory for its picture; gives whether it is still this thread's. */
    private synchronized boolean repairing(ByteBudget.Share taken) {
      share = taken;
      if (taken == null) {
        repairing.remove(this);
      } else {
        repairing.add(this);
      }
      return !abandoned;
    }

    /** Ends it where its repair takes too long; the watchdog's. */
    private void look() {
      RepairTrace.Work work = trace.work();
      if (work.nanos() <= TimeUnit.SECONDS.toNanos(repair.secondsPerImage()) || !abandon()) {
        return;
      }
      String stage = work.stage() == null ? "-" : work.stage().name().toLowerCase(Locale.ROOT);
      done = new Done<>(this.work, trace.soFar(), Status.FAILED, null, new ImageFailure(ErrorKind.TOO_SLOW, String.format(
          "given up after %d s of work on it, in the stage %s: more than limits.seconds_per_image allows; raise that key, or take the image"
              + " out of the input", TimeUnit.NANOSECONDS.toSeconds(work.nanos()), stage)));
      long lost = PICTURES.writtenOff();
      if (lost > PICTURES.total() / 2) {
        // Not an exception: Spark ends a process whose task ends in an error of the virtual machine, and starts another executor.
        error = new InternalError(String.format("images that were given up since they took longer than limits.seconds_per_image are still"
            + " worked on, and hold %d MB of the %d MB that this process has for images: it ends; the last was %s", lost >> 20,
            PICTURES.total() >> 20, this.work.ref().uri()));
      }
      images.end(this);
    }

    /** Leaves it to its thread, if that still works on it; what the thread brings is nobody's from here on. */
    private synchronized boolean abandon() {
      if (share == null || abandoned || cancelled) {
        return false;
      }
      abandoned = true;
      repairing.remove(this);
      share.writeOff();
      room.writeOff();
      Pipeline.this.abandon(1);
      thread.interrupt();
      return true;
    }

    private Runnable write() throws ImageFailure {
      if (!startWriting()) {
        return null;
      }
      done = repaired == null
          ? new Done<>(work, trace, Status.UNCHANGED, trace.time(Stage.WRITE, () -> work.copy(file)), null)
          : new Done<>(work, trace, repair.repaired(trace), trace.time(Stage.WRITE, () -> work.write(repaired)), null);
      return null;
    }

    private synchronized boolean startWriting() {
      writing = !cancelled && !abandoned;
      return writing;
    }

    /** What came of it; its error where it has no row. */
    Done<W> result() throws InterruptedException {
      if (error instanceof InterruptedException e) {
        throw e;
      } else if (error instanceof Error e) {
        throw e;
      } else if (error instanceof RuntimeException e) {
        throw e;
      } else if (done == null) {
        throw new IllegalStateException("an image was given up before it was done", error);
      }
      return done;
    }
  }
}
