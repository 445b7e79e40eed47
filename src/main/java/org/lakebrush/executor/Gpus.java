package org.lakebrush.executor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.ModelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which CUDA devices stand for the GPU addresses that Spark hands a task. The two differ where {@value #VISIBLE} hides GPUs from CUDA but
 * not from the script that discovered them: CUDA counts those alone that it sees, in the order in which they are named there.
 */
final class Gpus {
  /** The environment variable by which CUDA is told which GPUs it may see: indices or UUIDs, separated by commas. */
  static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);
  private static final String RESOURCE = "gpu";
  /** What was logged: each mapping once in a JVM. */
  private static final Map<String, Integer> TOLD = new ConcurrentHashMap<>();

  private Gpus() {}

  /**
   * The devices for a task.
   *
   * @param asked as the run was told
   * @param task null outside of one
   * @param visible the value of {@value #VISIBLE}, or null
   * @return one or more: {@code asked} itself where it is the CPU, or where Spark hands out no GPU
   * @throws ModelException where an address is none that CUDA sees
   */
  static List<Device> devices(Device asked, TaskContext task, String visible) throws ModelException {
    ResourceInformation gpus =
        task == null || asked.kind() == Device.Kind.CPU ? null : task.resources().get(RESOURCE).getOrElse(() -> null);
    return gpus == null ? List.of(asked) : devices(asked, List.of(gpus.addresses()), visible);
  }

  /** As {@link #devices(Device, TaskContext, String)}, for addresses that Spark handed out. */
  static List<Device> devices(Device asked, List<String> addresses, String visible) throws ModelException {
    List<Device> devices = new ArrayList<>();
    for (String address : addresses) {
      int ordinal = ordinal(address, visible);
      if (TOLD.putIfAbsent(address + " " + visible, ordinal) == null) {
        LOG.info("GPU address {} of Spark is cuda:{} ({} is {})", address, ordinal, VISIBLE, visible == null ? "not set" : visible);
      }
      devices.add(new Device(asked.kind(), ordinal));
    }
    return devices.isEmpty() ? List.of(asked) : devices;
  }

  private static int ordinal(String address, String visible) throws ModelException {
    List<String> seen = visible == null || visible.isBlank() ? null : Arrays.stream(visible.split(",")).map(String::strip).toList();
    if (seen != null) {
      for (int i = 0; i < seen.size(); i++) {
        // CUDA takes the beginning of a UUID for the whole.
        if (seen.get(i).equals(address) || seen.get(i).contains("-") && address.startsWith(seen.get(i))) {
          return i;
        }
      }
    }
    if (address.matches("[0-9]{1,3}") && (seen == null || Integer.parseInt(address) < seen.size())) {
      return Integer.parseInt(address);
    }
    throw new ModelException("Spark handed out the GPU address '" + address + "', and " + (seen == null
        ? "without " + VISIBLE + " only indices such as 0 or 1 can be mapped to CUDA's; let the discovery script print indices"
        : VISIBLE + " is '" + visible + "', which has no such GPU; let the discovery script print what is in it, or positions in it"));
  }
}
