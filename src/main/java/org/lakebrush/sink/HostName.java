package org.lakebrush.sink;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This host's name, for the log and the lease. */
public final class HostName {
  private static final String NAME = find();

  private HostName() {}

  /** Never empty; {@code localhost} where the host has no name. The same for all processes of a host. */
  public static String get() {
    return NAME;
  }

  private static String find() {
    try {
      String kernel = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      if (!kernel.isEmpty()) {
        return kernel;
      }
    } catch (IOException e) {
      // Not Linux: the ways below remain.
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      String name = System.getenv("HOSTNAME");
      return name == null || name.isBlank() ? "localhost" : name;
    }
  }
}
