package org.lakebrush.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of native libraries that were unpacked out of the class path, once for all processes of this user: below {@value #PLACE} in the
 * environment, else below {@link PrivateFolder#standard}. Its name tells its content, and each file is compared with the size and
 * CRC-32 of its original before it is given out. Safe for any number of threads and processes.
 */
public final class NativeFolder {
  /** The variable of the environment that names another place. */
  public static final String PLACE = "LAKEBRUSH_NATIVES";
  private static final Logger LOG = LoggerFactory.getLogger(NativeFolder.class);
  private static final String PART = ".part";
  /** After which a file that was never finished is one of a process that was killed. */
  private static final Duration DEAD = Duration.ofHours(1);
  private static final int BUFFER = 1 << 20;

  private static Place standard;

  private final Path folder;
  private final boolean stays;
  /** Compared once for the process: that takes a moment for each 100 MB. */
  private final Set<String> whole = new HashSet<>();

  private NativeFolder(Path folder, boolean stays) {
    this.folder = folder;
    this.stays = stays;
  }

  /**
   * Where the folders lie.
   *
   * @param stays false where it is this process's alone, and goes with it
   */
  record Place(Path folder, boolean stays) {}

  /**
   * Makes a folder.
   *
   * @param name of what the libraries belong to
   * @param resources absolute names on the class path: a folder of the same name with others of another content is another one
   * @throws IOException where one is not there, or the folder cannot be made: what to do
   */
  public static NativeFolder of(String name, List<String> resources) throws IOException {
    return of(standard(), name, resources);
  }

  static NativeFolder of(Place place, String name, List<String> resources) throws IOException {
    CRC32 content = new CRC32();
    for (String resource : resources) {
      content.update(Library.of(resource).toString().getBytes(StandardCharsets.UTF_8));
    }
    Path folder = PrivateFolder.make(place.folder().resolve(name + "-" + HexFormat.of().toHexDigits((int) content.getValue())));
    if (!place.stays()) {
      folder.toFile().deleteOnExit();
    }
    sweep(folder);
    return new NativeFolder(folder, place.stays());
  }

  /** Whether there is such a library on the class path. */
  public static boolean has(String resource) {
    return NativeFolder.class.getResource(resource) != null;
  }

  /** Where the libraries lie. */
  public Path path() {
    return folder;
  }

  /**
   * Unpacks a library where it is not there yet, whole.
   *
   * @return its file, which has the resource's simple name
   * @throws IOException where that cannot be done: what to do
   */
  public synchronized Path unpack(String resource) throws IOException {
    Library library = Library.of(resource);
    Path file = folder.resolve(library.name());
    if (whole.contains(library.name())) {
      return file;
    }
    try {
      if (!library.isIn(file)) {
        write(library, file);
      }
    } catch (IOException e) {
      throw new IOException("cannot unpack " + library.name() + " (" + (library.size() >> 20) + " MB) to " + folder + ": " + why(e)
          + "; name another folder in " + PLACE, e);
    }
    whole.add(library.name());
    return file;
  }

  private void write(Library library, Path file) throws IOException {
    Path part = Files.createTempFile(folder, library.name() + ".", PART);
    try {
      try (InputStream in = library.open(); OutputStream out = Files.newOutputStream(part)) {
        in.transferTo(out);
      }
      if (!library.isIn(part)) {
        throw new IOException("it did not come whole out of " + library.source());
      }
      publish(library, part, file);
      if (!stays) {
        file.toFile().deleteOnExit();
      }
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * Another process may have been faster. What it wrote is the same and stays: on NFS a process of another machine that has loaded it would
   * die of a file put in its place.
   */
  private static void publish(Library library, Path part, Path file) throws IOException {
    try {
      Files.createLink(file, part);
      return;
    } catch (FileAlreadyExistsException e) {
      if (library.isIn(file)) {
        return;
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("{} is on a file system without hard links", file, e);
    }
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void sweep(Path folder) throws IOException {
    Instant dead = Instant.now().minus(DEAD);
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
      for (Path part : parts) {
        try {
          if (Files.getLastModifiedTime(part).toInstant().isBefore(dead)) {
            Files.deleteIfExists(part);
          }
        } catch (NoSuchFileException e) {
          // It was finished, or another process swept it.
        }
      }
    }
  }

  private static synchronized Place standard() throws IOException {
    if (standard == null) {
      try {
        standard = new Place(make(System.getenv(PLACE)), true);
      } catch (IOException e) {
        Path folder = ofProcess(e);
        folder.toFile().deleteOnExit();
        LOG.warn("Native libraries go to {}, for this process alone: {}; name a folder of your own in {}", folder, why(e), PLACE);
        standard = new Place(folder, false);
      }
    }
    return standard;
  }

  /** A folder of this process alone, where there can be none for all of the user's for this reason. */
  private static Path ofProcess(IOException reason) throws IOException {
    try {
      return Files.createTempDirectory("lakebrush-natives").toAbsolutePath();
    } catch (IOException e) {
      e.addSuppressed(reason);
      throw new IOException("there is no folder to unpack native libraries to (" + why(e) + "); name one in " + PLACE, e);
    }
  }

  private static Path make(String named) throws IOException {
    if (named == null || named.isEmpty()) {
      return PrivateFolder.make(PrivateFolder.make(PrivateFolder.standard()).resolve("natives"));
    }
    Path folder = Path.of(named).toAbsolutePath();
    if (folder.getParent() != null) {
      Files.createDirectories(folder.getParent());
    }
    return PrivateFolder.make(folder);
  }

  /** Java's own messages are often a path alone. */
  private static String why(IOException e) {
    boolean alone = e instanceof FileSystemException f && f.getReason() == null;
    return alone ? e.getClass().getSimpleName() + ": " + e.getMessage() : e.getMessage();
  }

  /** What the class path has; in a jar its index tells size and checksum, at no cost. */
  private record Library(URL source, String name, long size, long crc) {
    static Library of(String resource) throws IOException {
      URL source = NativeFolder.class.getResource(resource);
      if (source == null) {
        throw new NoSuchFileException(resource + " is not on the class path");
      }
      String name = resource.substring(resource.lastIndexOf('/') + 1);
      URLConnection connection = connection(source);
      if (connection instanceof JarURLConnection jar) {
        try (JarFile file = jar.getJarFile()) {
          JarEntry entry = jar.getJarEntry();
          return new Library(source, name, entry.getSize(), entry.getCrc());
        }
      }
      CheckedInputStream in = new CheckedInputStream(connection.getInputStream(), new CRC32());
      try (in) {
        return new Library(source, name, in.transferTo(OutputStream.nullOutputStream()), in.getChecksum().getValue());
      }
    }

    private static URLConnection connection(URL source) throws IOException {
      URLConnection connection = source.openConnection();
      // Else the jar stays open for as long as the JVM lives.
      connection.setUseCaches(false);
      return connection;
    }

    InputStream open() throws IOException {
      return connection(source).getInputStream();
    }

    /** Whether the file is this library. */
    boolean isIn(Path file) throws IOException {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != size) {
        return false;
      }
      CRC32 read = new CRC32();
      byte[] buffer = new byte[BUFFER];
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          read.update(buffer, 0, n);
        }
      }
      return read.getValue() == crc;
    }

    /** Without the source: the same library in another jar is the same. */
    @Override
    public String toString() {
      return name + " " + size + " " + crc + "\n";
    }
  }
}
