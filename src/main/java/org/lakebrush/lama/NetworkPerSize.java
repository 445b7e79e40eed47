package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on a GPU, open once for each size that it is run at. On CUDA an ONNX Runtime session plans each convolution anew when its size
 * changes, and keeps no plan but the last: measured with big-lama on an H200, 8 crops take 57 ms at 512x512 and 20 ms at 256x256, and
 * 430 ms each where the two take turns in one session. Used by one thread at a time.
 *
 * <p>Past {@value #MOST} sizes, and where the device has no room for another, the session takes the new size that was not used for
 * longest. A run that the device's memory does not hold is tried again once the sessions of other sizes are closed.
 */
final class NetworkPerSize implements Network {
  /** Sessions that are kept open: each holds the model's weights, and what its size takes while it runs. */
  static final int MOST = 8;

  private static final Logger LOG = LoggerFactory.getLogger(NetworkPerSize.class);

  /** Opens the model once more. */
  @FunctionalInterface
  interface Opener {
    Network open() throws ModelException;
  }

  private record Size(int n, int height, int width) {}

  private final Opener opener;
  /** That which was used last stands last. */
  private final Map<Size, Network> open = new LinkedHashMap<>();
  /** Open, but not yet run. */
  private Network spare;
  /** Sessions that there is room for, as far as is known: to try for one more takes as long as to open one. */
  private int most = MOST;

  /**
   * Opens the model for the first size to come.
   *
   * @throws ModelException where it cannot be opened
   */
  NetworkPerSize(Opener opener) throws ModelException {
    this.opener = opener;
    this.spare = opener.open();
  }

  @Override
  public void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink)
      throws OrtException {
    Size size = new Size(n, height, width);
    Network network = open.remove(size);
    boolean changes = false;
    if (network == null) {
      network = another();
      changes = network == null;
      network = changes ? oldest() : network;
    }
    open.put(size, network);
    try {
      network.run(image, mask, output, n, height, width, shrink || changes);
    } catch (OrtException e) {
      if (!LamaSession.isOutOfMemory(e) || open.size() == 1) {
        throw e;
      }
      closeOthers(size);
      network.run(image, mask, output, n, height, width, true);
    }
  }

  /** A session that has no size yet, or null where there are enough, or the device has no room for it. */
  private Network another() {
    Network network = spare;
    spare = null;
    if (network != null || open.size() >= most) {
      return network;
    }
    try {
      return opener.open();
    } catch (ModelException e) {
      LOG.info("No other session is opened for another size of crops: {}", e.getMessage());
      most = open.size();
      return null;
    }
  }

  private Network oldest() {
    Iterator<Network> networks = open.values().iterator();
    Network oldest = networks.next();
    networks.remove();
    return oldest;
  }

  private void closeOthers(Size size) {
    Iterator<Map.Entry<Size, Network>> all = open.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Size, Network> one = all.next();
      if (!one.getKey().equals(size)) {
        all.remove();
        one.getValue().close();
      }
    }
  }

  @Override
  public void close() {
    open.values().forEach(Network::close);
    open.clear();
    if (spare != null) {
      spare.close();
      spare = null;
    }
  }
}
