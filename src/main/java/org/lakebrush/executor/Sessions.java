package org.lakebrush.executor;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.lama.LamaSession;
import org.lakebrush.lama.ModelException;
import org.lakebrush.text.TextModels;

/**
 * The LaMa sessions that this JVM keeps: one for each model and device, opened at the first need, shared by all tasks, closed when the
 * JVM ends.
 */
public final class Sessions {

  private record Key(String sha256, Device device, int batch) {}

  private static final Map<Key, LamaSession> OPEN = new HashMap<>();

  private static boolean shutDown;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Sessions::shutDown, "lakebrush-close-sessions"));
  }

  private Sessions() {}

  /**
   * The session for a model.
   *
   * @param file the model on this machine
   * @param sha256 what the file must be
   * @throws ModelException where the file is another one, or the device cannot be used
   */
  static synchronized LamaSession get(Path file, String sha256, Device device, int batch) throws ModelException {
    if (shutDown) {
      throw new IllegalStateException("this JVM is ending");
    }
    Key key = new Key(sha256, device, batch);
    LamaSession session = OPEN.get(key);
    if (session == null) {
      String found = LamaModel.sha256(file);
      if (!found.equals(sha256)) {
        throw new ModelException("the model " + file + " has SHA-256 " + found + ", and the driver planned the run with "
            + sha256 + ": the file changed on its way, start the run again");
      }
      session = LamaSession.open(LamaModel.inspect(file, sha256), device, Runtime.getRuntime().availableProcessors(), batch);
      OPEN.put(key, session);
    }
    return session;
  }

  /** Whether this JVM is ending: what fails now says nothing of an image. */
  static synchronized boolean isShutDown() {
    return shutDown;
  }

  /**
   * Closes all sessions for good. Called before the JVM exits: a task that Spark gave up may still be in native code, and must not be
   * there when the libraries are torn down. Waits for it.
   */
  public static synchronized void shutDown() {
    shutDown = true;
    OPEN.values().forEach(LamaSession::close);
    OPEN.clear();
    TextModels.shutDown();
  }
}
