package org.lakebrush.lama;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.lakebrush.failure.ImageFailure;

/** The sessions of one model in this process, one for each device, which share the crops of all callers. Safe for any number of threads. */
public final class LamaPool implements AutoCloseable {
  private final LamaModel model;
  private final LamaSettings settings;
  private final Map<Device, LamaSession> sessions = new LinkedHashMap<>();

  private LamaPool(LamaModel model, LamaSettings settings) {
    this.model = model;
    this.settings = settings;
  }

  /**
   * Opens a session on each device.
   *
   * @param devices one or more
   * @throws ModelException where the model or a device cannot be used
   */
  public static LamaPool open(LamaModel model, List<Device> devices, LamaSettings settings) throws ModelException {
    LamaPool pool = new LamaPool(model, settings);
    try {
      for (Device device : devices) {
        pool.ensure(device);
      }
      return pool;
    } catch (ModelException | RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  /** Opens a session on a device that has none yet. */
  public synchronized void ensure(Device device) throws ModelException {
    if (!sessions.containsKey(device)) {
      sessions.put(device, LamaSession.open(model, device, settings.threads(), settings.batch()));
    }
  }

  /** The model. */
  public LamaModel model() {
    return model;
  }

  /** Where it really runs: {@code cpu}, {@code cuda:0}, {@code cuda:0,cuda:1} and so on. */
  public synchronized String device() {
    return sessions.values().stream().map(LamaSession::device).distinct().collect(Collectors.joining(","));
  }

  /** Most crops in one run. */
  public int batch() {
    return first().batch();
  }

  /** Crops that it can have in hand: those that run, and as many that are ready to run next. */
  public synchronized int places() {
    return 2 * sessions.values().stream().mapToInt(LamaSession::batch).sum();
  }

  private synchronized LamaSession first() {
    return sessions.values().iterator().next();
  }

  /** As {@link LamaSession#fill}. */
  public void fill(List<Planes> crops) throws ImageFailure, InterruptedException {
    first().fill(crops);
  }

  /** Closes all sessions; callers that wait get an exception. */
  @Override
  public synchronized void close() {
    new ArrayList<>(sessions.values()).forEach(LamaSession::close);
  }
}
