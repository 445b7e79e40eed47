package org.lakebrush.executor;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaPool;
import org.lakebrush.lama.LamaSettings;
import org.lakebrush.lama.ModelException;
import org.lakebrush.text.TextModels;

/**
 * The models that this JVM keeps open, each with the pipeline of images that feeds it: opened at the first need, shared by all tasks,
 * closed when the JVM ends.
 */
public final class Sessions {

  /** A model on its devices, and the images on their way to it and from it. */
  record Open(LamaPool lama, Pipeline pipeline) {}

  /**
   * What is asked for.
   *
   * @param device as the run was told, before it is known which GPUs there are
   */
  private record Key(String sha256, Device device, LamaSettings settings) {}

  private static final Map<Key, Open> OPEN = new ConcurrentHashMap<>();
  /** By SHA-256 and place, those whose files were found to be what they must be. */
  private static final Map<String, LamaModel> MODELS = new HashMap<>();

  private static volatile boolean shutDown;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Sessions::shutDown, "lakebrush-close-sessions"));
  }

  private Sessions() {}

  /**
   * A model, open on some devices at least.
   *
   * @param file the model on this machine
   * @param sha256 what the file must be
   * @param asked as the run was told
   * @param devices where it must run, one or more
   * @throws ModelException where the file is another one, or a device cannot be used
   */
  static synchronized Open get(Path file, String sha256, Device asked, List<Device> devices, LamaSettings settings) throws ModelException {
    if (shutDown) {
      throw new IllegalStateException("this JVM is ending");
    }
    Key key = new Key(sha256, asked, settings);
    Open open = OPEN.get(key);
    if (open == null) {
      LamaPool lama = LamaPool.open(model(file, sha256), devices, settings);
      open = new Open(lama, new Pipeline(settings.threads(), lama.places()));
      OPEN.put(key, open);
    } else {
      for (Device device : devices) {
        open.lama().ensure(device);
      }
      open.pipeline().ensurePlaces(open.lama().places());
    }
    return open;
  }

  /**
   * A model's file, read once.
   *
   * @param file on this machine
   * @param sha256 what it must be
   * @throws ModelException where it is another one
   */
  static synchronized LamaModel model(Path file, String sha256) throws ModelException {
    String key = sha256 + " " + file;
    LamaModel model = MODELS.get(key);
    if (model == null) {
      String found = LamaModel.sha256(file);
      if (!found.equals(sha256)) {
        throw new ModelException("the model " + file + " has SHA-256 " + found + ", and the driver planned the run with "
            + sha256 + ": the file changed on its way, start the run again");
      }
      model = LamaModel.inspect(file, sha256);
      MODELS.put(key, model);
    }
    return model;
  }

  /** Time that the models of this JVM have run so far, summed over the threads that run them, in ns. */
  public static long busyNanos() {
    return open().stream().mapToLong(open -> open.lama().statistics().busyNanos()).sum();
  }

  /** Those that were opened. Never waits for one that is being opened. */
  static Collection<Open> open() {
    return OPEN.values();
  }

  /** Whether this JVM is ending: what fails now says nothing of an image. */
  static boolean isShutDown() {
    return shutDown;
  }

  /**
   * Closes all sessions for good. Called before the JVM exits: a task that Spark gave up may still be in native code, and must not be
   * there when the libraries are torn down. Waits for it.
   */
  public static synchronized void shutDown() {
    if (shutDown) {
      return;
    }
    shutDown = true;
    // They stay there: what they did still counts in an executor's last sample.
    OPEN.values().forEach(open -> {
      open.pipeline().close();
      open.lama().close();
    });
    TextModels.shutDown();
  }
}
