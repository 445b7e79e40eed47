package org.lakebrush.lama;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.lakebrush.onnx.Onnx;

/**
 * Measures how a model is best run on the cores of this machine: {@code mvn test -Dtest=LamaMeasure -Dlakebrush.measure=MODEL.onnx}. The
 * layouts take turns, so that what else the machine does falls on all of them.
 */
class LamaMeasure {
  private static final int ROUNDS = 4;
  private static final double SECONDS = 2;
  private static final OperatingSystemMXBean PROCESS = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /**
   * One way to run the model.
   *
   * @param threads intra-op
   * @param callers threads that run it at the same time
   */
  private record Way(String name, int threads, int callers, int batch, boolean spinning) {}

  /** What was done: crops, seconds, and seconds of all processors. */
  private record Cost(long crops, double wall, double processor) {

    Cost plus(Cost o) {
      return new Cost(crops + o.crops, wall + o.wall, processor + o.processor);
    }
  }

  @Test
  void layouts() throws Exception {
    String file = System.getProperty("lakebrush.measure");
    Assumptions.assumeTrue(file != null, "lakebrush.measure is not set");
    LamaModel model = LamaModel.inspect(Path.of(file));
    int cores = Runtime.getRuntime().availableProcessors();
    List<Way> ways = List.of(new Way("one run on all cores", cores, 1, 1, false), new Way("one run on each core", 1, cores, 1, false),
        new Way("both", cores, cores, 1, false), new Way("all cores, batches of 4", cores, 1, 4, false),
        new Way("each core, batches of 2", 1, cores, 2, false), new Way("each core, batches of 4", 1, cores, 4, false),
        new Way("all cores, spinning", cores, 1, 1, true));
    for (int side : new int[] {256, 512}) {
      Cost[] costs = new Cost[ways.size()];
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < costs.length; i++) {
          Cost cost = run(model, ways.get(i), side);
          costs[i] = costs[i] == null ? cost : costs[i].plus(cost);
        }
      }
      for (int i = 0; i < costs.length; i++) {
        System.out.printf(Locale.ROOT, "%dx%d %-26s %7.2f crops/s %8.1f ms of processor a crop%n", side, side, ways.get(i).name(),
            costs[i].crops() / costs[i].wall(), 1e3 * costs[i].processor() / costs[i].crops());
      }
    }
  }

  private static Cost run(LamaModel model, Way way, int side) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(way.callers());
    try (OrtSession.SessionOptions options = Onnx.options(way.threads())) {
      if (way.spinning()) {
        options.addConfigEntry("session.intra_op.allow_spinning", "1");
      }
      try (OrtSession session = Onnx.environment().createSession(model.file().toString(), options)) {
        AtomicLong started = new AtomicLong();
        AtomicLong processor = new AtomicLong();
        // The first run of each is not counted.
        CyclicBarrier warm = new CyclicBarrier(way.callers(), () -> {
          started.set(System.nanoTime());
          processor.set(PROCESS.getProcessCpuTime());
        });
        List<Future<Integer>> all = new ArrayList<>();
        for (int i = 0; i < way.callers(); i++) {
          Callable<Integer> caller = () -> {
            Planes crops = noise(side, way.batch());
            FloatBuffer output = Planes.zeros(crops.rgb().capacity());
            run(model, session, crops, output, way.batch());
            warm.await();
            int n = 0;
            while (System.nanoTime() - started.get() < SECONDS * 1e9) {
              run(model, session, crops, output, way.batch());
              n += way.batch();
            }
            return n;
          };
          all.add(callers.submit(caller));
        }
        long crops = 0;
        for (Future<Integer> f : all) {
          crops += f.get();
        }
        return new Cost(crops, (System.nanoTime() - started.get()) / 1e9, (PROCESS.getProcessCpuTime() - processor.get()) / 1e9);
      }
    } finally {
      callers.shutdownNow();
    }
  }

  /** Crops of noise, one under the other, a box in each. */
  private static Planes noise(int side, int batch) {
    Planes crops = new Planes(side, side, Planes.zeros(batch * 3 * side * side), Planes.zeros(batch * side * side));
    Random random = new Random(1);
    for (int i = 0; i < crops.rgb().capacity(); i++) {
      crops.rgb().put(i, random.nextFloat());
    }
    for (int i = 0; i < crops.mask().capacity(); i++) {
      int x = i % side;
      int y = i / side % side;
      crops.mask().put(i, x > side / 3 && x < side / 2 && y > side / 3 && y < side / 2 ? 1 : 0);
    }
    return crops;
  }

  private static void run(LamaModel model, OrtSession session, Planes crops, FloatBuffer output, int batch) throws OrtException {
    long[] shape = {batch, 3, crops.height(), crops.width()};
    OrtEnvironment environment = Onnx.environment();
    try (OnnxTensor image = OnnxTensor.createTensor(environment, crops.rgb(), shape);
        OnnxTensor mask =
            OnnxTensor.createTensor(environment, crops.mask(), new long[] {batch, 1, crops.height(), crops.width()});
        OnnxTensor out = OnnxTensor.createTensor(environment, output, shape);
        OrtSession.Result result = session.run(Map.of(model.imageInput(), image, model.maskInput(), mask), Set.of(), Map.of(model.output(), out), null)) {
      // What came out does not matter here.
    }
  }
}
