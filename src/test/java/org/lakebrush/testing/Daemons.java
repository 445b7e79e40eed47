package org.lakebrush.testing;

import java.io.IOException;

/** Threads that serve connections, and end with them. */
final class Daemons {
  interface Work {
    void run() throws IOException;
  }

  private Daemons() {}

  static void start(String name, Work work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (IOException e) {
        // The other side went: so does this.
      }
    }, name);
    thread.setDaemon(true);
    thread.start();
  }
}
