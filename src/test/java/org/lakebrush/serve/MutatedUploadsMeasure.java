package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Whether spoilt images leave anything behind in the server: {@code mvn test -Dtest=MutatedUploadsMeasure -Dlakebrush.measure=20000}, the
 * number of mutants. Prints how they were answered, and the process's resident memory after each tenth.
 */
class MutatedUploadsMeasure {
  private static final int LOOKS = 10;

  @Test
  void memoryIsFlat() throws Exception {
    Long count = Long.getLong("lakebrush.measure");
    assumeTrue(count != null, "-Dlakebrush.measure=NUMBER");
    try (ServeProcess server = ServeProcess.start(List.of("-Xmx512m", "-XX:MaxDirectMemorySize=256m"), Map.of(), "--model",
        HostileClientsTest.MODEL, "--device", "cpu")) {
      Map<Integer, Integer> codes = new TreeMap<>();
      List<Long> resident = new ArrayList<>(List.of(server.residentMegabytes()));
      for (int look = 0; look < LOOKS; look++) {
        MutatedUploads.send(server.port(), new Contract(), count * look / LOOKS, count * (look + 1) / LOOKS)
            .forEach((code, n) -> codes.merge(code, n, Integer::sum));
        resident.add(server.residentMegabytes());
      }
      System.out.printf("%d images, by the answer's code: %s; resident MB before and after each tenth: %s%n", count, codes, resident);
      assertTrue(resident.get(LOOKS) < 1.1 * resident.get(LOOKS / 2), resident.toString());
    }
  }
}
