package org.lakebrush.source;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobExpander;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.lakebrush.image.ImageFormat;

/**
 * The files of an input, one after another, in no order: a folder and all below it, a glob, or one file. A path that exists as it is
 * written is never read as a glob. Names that begin with {@code _} or {@code .} count as any other; only folders named
 * {@code _lakebrush} are left out. Held in memory are a page of the store's listing for each level of folders, and for a glob the
 * folders that it names. Used by one thread.
 */
public final class Listing implements Closeable {
  /** The folder of Lakebrush's own temporary files in an output. */
  public static final String OWN_FOLDER = "_lakebrush";

  /** What to do about {@link #isUnsayable}. */
  static final String UNSAYABLE = "its name is not valid in this Java's file-name encoding (" + System.getProperty("sun.jnu.encoding")
      + "); set LC_ALL=C.UTF-8 for the driver and the executors, or rename it";

  private static final String GLOB_CHARACTERS = "*?[{\\";

  /**
   * A file.
   *
   * @param uri full, as {@code Path.toString} gives it (not percent-encoded)
   * @param path relative to {@link Listing#base()}; the URI where the store's name for it leads out of that
   * @param length in bytes
   * @param modificationTime in ms since 1970
   * @param named false for a file that only lies beside those that the input names
   * @param link whether it is a folder of the local disk that is not gone into, for it is a link that leads out of the input
   */
  public record Entry(String uri, String path, long length, long modificationTime, boolean named, boolean link) {
    /** The path without its extension. */
    public String stem() {
      int dot = dot();
      return dot < 0 ? path : path.substring(0, dot);
    }

    /** Whether the extension is that of an image; true of a link, behind which may be images. */
    public boolean isImage() {
      int dot = dot();
      return link || dot >= 0 && ImageFormat.ofExtension(path.substring(dot + 1)).isPresent();
    }

    private int dot() {
      int dot = path.lastIndexOf('.');
      return dot > path.lastIndexOf('/') ? dot : -1;
    }
  }

  /** Where the listing starts: a folder, which of its members the input names (null: all), and whether named folders are gone into. */
  private record Root(Path folder, Predicate<Path> named, boolean recursive) {}

  /** A folder, or for an object store a whole tree, half read. */
  private record Frame(RemoteIterator<? extends FileStatus> members, Predicate<Path> named, boolean recursive) {}

  private final FileSystem fs;
  private final Path base;
  private final Path place;
  private final boolean neighbours;
  private final boolean flat;
  private final Deque<Root> roots;
  private final List<Root> seen = new ArrayList<>();
  private final Deque<Frame> stack = new ArrayDeque<>();
  private final int prefix;

  private Listing(FileSystem fs, Path base, Path place, boolean neighbours, List<Root> roots) throws IOException {
    this.fs = fs;
    this.base = base;
    this.place = place;
    this.neighbours = neighbours;
    // S3A lists a tree by its keys, 1000 a request, where folder after folder would cost a request each.
    this.flat = fs.hasPathCapability(base, CommonPathCapabilities.ABORTABLE_STREAM);
    this.roots = new ArrayDeque<>(roots);
    String folder = base.toUri().getPath();
    this.prefix = folder.endsWith("/") ? folder.length() : folder.length() + 1;
  }

  /**
   * Opens a listing.
   *
   * @param input a URI of any of Hadoop's file systems, or a path of the default one; not percent-encoded
   * @param neighbours also gives the files that lie in the same folder as those that a glob or a single file names
   * @throws InputException where nothing is there
   * @throws IOException where the store cannot be asked
   */
  public static Listing open(Configuration conf, String input, boolean neighbours) throws InputException, IOException {
    Path path = qualified(conf, input);
    FileSystem fs = path.getFileSystem(conf);
    Optional<FileStatus> status = status(fs, path);
    if (status.isPresent() && status.get().isDirectory()) {
      return new Listing(fs, path, path, neighbours, List.of(new Root(path, null, true)));
    }
    if (status.isPresent()) {
      return new Listing(fs, path.getParent(), path, neighbours, List.of(new Root(path.getParent(), path::equals, false)));
    }
    if (!isGlob(path.toUri().getPath())) {
      throw new InputException(path + " does not exist; check the name, and that these credentials may see it");
    }
    return glob(fs, path, neighbours);
  }

  /**
   * The input's path with scheme and authority.
   *
   * @throws InputException where it is no path or URI, or of a file system that is not known here
   */
  static Path qualified(Configuration conf, String input) throws InputException, IOException {
    if (Secrets.isIn(input)) {
      throw new InputException(Secrets.hidden(input) + " " + Secrets.NOT_IN_URIS);
    }
    try {
      Path path = new Path(input);
      return path.getFileSystem(conf).makeQualified(path);
    } catch (IllegalArgumentException e) {
      throw new InputException("'" + input + "' is no path or URI (" + e.getMessage() + "); give a path, or a URI such as"
          + " s3a://bucket/folder, hdfs://host:8020/folder or file:/folder", e);
    }
  }

  /** What is at a path, if anything. */
  static Optional<FileStatus> status(FileSystem fs, Path path) throws IOException {
    try {
      return Optional.of(fs.getFileStatus(path));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Listing glob(FileSystem fs, Path glob, boolean neighbours) throws InputException, IOException {
    Path base = null;
    List<Root> roots = new ArrayList<>();
    List<String> patterns;
    try {
      // Braces that hold a slash are taken apart, so that each pattern's last component stands alone and its folder is streamed.
      patterns = GlobExpander.expand(glob.toUri().getPath());
      for (String pattern : patterns) {
        Path path = fs.makeQualified(new Path(pattern));
        GlobFilter name = new GlobFilter(path.getName());
        List<Path> folders = folders(fs, path.getParent());
        folders.forEach(f -> roots.add(new Root(f, name::accept, true)));
        Path fixed = folders.equals(List.of(path.getParent())) ? path.getParent() : fixedPrefix(path.getParent());
        base = base == null ? fixed : commonFolder(base, fixed);
      }
    } catch (IOException e) {
      if (e.getCause() instanceof RuntimeException) {
        throw new InputException(glob + " is no glob (" + e.getMessage() + "); put a \\ before a bracket that is meant as it is", e);
      }
      throw e;
    }
    if (roots.isEmpty()) {
      throw new InputException(glob + " matches nothing; check the pattern, and quote it so that the shell leaves it alone");
    }
    return new Listing(fs, base, base, neighbours, roots);
  }

  /** The folders that a path names: itself where it exists as it is written, else what it matches as a glob. */
  private static List<Path> folders(FileSystem fs, Path path) throws IOException {
    if (status(fs, path).filter(FileStatus::isDirectory).isPresent()) {
      return List.of(path);
    }
    List<Path> folders = new ArrayList<>();
    FileStatus[] matches = isGlob(path.toUri().getPath()) ? fs.globStatus(path) : null;
    if (matches != null) {
      for (FileStatus match : matches) {
        if (match.isDirectory()) {
          folders.add(match.getPath());
        }
      }
    }
    return folders;
  }

  private static Path fixedPrefix(Path path) {
    Path fixed = path;
    for (Path p = path; p != null; p = p.getParent()) {
      if (isGlob(p.getName())) {
        fixed = p.getParent();
      }
    }
    return fixed;
  }

  private static Path commonFolder(Path a, Path b) {
    Path common = a;
    while (!isWithin(b, common)) {
      common = common.getParent();
    }
    return common;
  }

  /** Whether a path is the folder or lies in it; both qualified. */
  public static boolean isWithin(Path path, Path folder) {
    String p = path.toString();
    String f = folder.toString();
    return p.equals(f) || p.startsWith(f.endsWith("/") ? f : f + "/");
  }

  /** Whether a file system is the local disk. */
  static boolean isLocal(FileSystem fs) {
    return "file".equals(fs.getUri().getScheme());
  }

  /** Whether a local name has bytes that Java's file-name encoding does not know, so that the file cannot be opened by its name. */
  static boolean isUnsayable(Path path) {
    return path.toString().indexOf('\uFFFD') >= 0;
  }

  private static boolean isGlob(String path) {
    return path.chars().anyMatch(c -> GLOB_CHARACTERS.indexOf(c) >= 0);
  }

  /** The folder that the entries' paths are relative to: the input, or for a glob the longest part without glob characters. */
  public Path base() {
    return base;
  }

  /** What its named files lie in: {@link #base}, or the one file that the input is. */
  public Path place() {
    return place;
  }

  /** The next file, or null after the last. */
  public Entry next() throws IOException {
    while (true) {
      if (stack.isEmpty()) {
        Root root = roots.poll();
        if (root == null) {
          return null;
        }
        seen.add(root);
        open(root.folder, root.named, root.recursive);
        continue;
      }
      Frame frame = stack.peek();
      if (!frame.members.hasNext()) {
        close(stack.pop());
        continue;
      }
      FileStatus member = frame.members.next();
      if (seen.size() > 1 && wasGiven(member.getPath())) {
        continue;
      }
      boolean named = frame.named == null || frame.named.test(member.getPath());
      if (member.isDirectory()) {
        if (named && frame.recursive && !member.getPath().getName().equals(OWN_FOLDER)) {
          open(member.getPath(), null, true);
        }
      } else if (named || neighbours) {
        Entry entry = entry(member, named);
        if (!("/" + entry.path).contains("/" + OWN_FOLDER + "/")) {
          return entry;
        }
      }
    }
  }

  /** Whether an earlier root has this path: patterns such as {@code {a,a/b}/*} overlap. */
  private boolean wasGiven(Path path) {
    for (Root root : seen.subList(0, seen.size() - 1)) {
      if (!path.equals(root.folder) && isWithin(path, root.folder)) {
        Path member = path;
        while (!member.getParent().equals(root.folder)) {
          member = member.getParent();
        }
        if (root.named.test(member)) {
          return true;
        }
      }
    }
    return false;
  }

  private void open(Path folder, Predicate<Path> named, boolean recursive) throws IOException {
    try {
      RemoteIterator<? extends FileStatus> members;
      if (isLocal(fs)) {
        members = new LocalFolder(fs, folder, base);
      } else if (flat && named == null) {
        members = fs.listFiles(folder, true);
      } else {
        members = fs.listStatusIterator(folder);
      }
      stack.push(new Frame(members, named, recursive));
    } catch (FileNotFoundException | NoSuchFileException | InvalidPathException e) {
      if (isUnsayable(folder)) {
        throw new IOException("cannot list " + folder + ": " + UNSAYABLE, e);
      }
      // Else the folder went after it was listed, and its files with it.
    }
  }

  private Entry entry(FileStatus file, boolean named) {
    String uri = file.getPath().toString();
    // A key such as a/../b of an object store comes as another path.
    String path = isWithin(file.getPath(), base) ? file.getPath().toUri().getPath().substring(prefix) : uri;
    return new Entry(uri, path, file.getLen(), file.getModificationTime(), named, file.isSymlink());
  }

  private static void close(Frame frame) throws IOException {
    if (frame.members instanceof Closeable closeable) {
      closeable.close();
    }
  }

  @Override
  public void close() throws IOException {
    while (!stack.isEmpty()) {
      close(stack.pop());
    }
  }

  /**
   * A folder of the local disk. Hadoop's own listing holds the whole folder in memory, and drops without a word the names that Java's
   * file-name encoding cannot say: here they come, with U+FFFD in them, and become FAILED rows. Links to folders outside of the base come
   * as symbolic links, all other links as what they lead to.
   */
  private static final class LocalFolder implements RemoteIterator<FileStatus>, Closeable {
    private final FileSystem fs;
    private final Path base;
    private final DirectoryStream<java.nio.file.Path> stream;
    private final Iterator<java.nio.file.Path> members;
    private FileStatus next;

    LocalFolder(FileSystem fs, Path folder, Path base) throws IOException {
      this.fs = fs;
      this.base = base;
      this.stream = Files.newDirectoryStream(java.nio.file.Path.of(folder.toUri().getPath()));
      this.members = stream.iterator();
    }

    @Override
    public boolean hasNext() throws IOException {
      try {
        while (next == null && members.hasNext()) {
          next = status(members.next());
        }
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
      return next != null;
    }

    @Override
    public FileStatus next() throws IOException {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      FileStatus status = next;
      next = null;
      return status;
    }

    private FileStatus status(java.nio.file.Path member) throws IOException {
      BasicFileAttributes attributes;
      try {
        attributes = Files.readAttributes(member, BasicFileAttributes.class);
      } catch (NoSuchFileException e) {
        // Gone meanwhile, or a link that leads nowhere.
        return null;
      }
      boolean link = attributes.isDirectory() && Files.isSymbolicLink(member);
      if (attributes.isOther() || link && member.getParent().toRealPath().startsWith(member.toRealPath())) {
        return null;
      }
      Path path = fs.makeQualified(new Path(member.toString()));
      if (link && !member.toRealPath().startsWith(java.nio.file.Path.of(base.toUri().getPath()).toRealPath())) {
        return new FileStatus(0, false, 1, 0, attributes.lastModifiedTime().toMillis(), 0, null, null, null,
            new Path(member.toRealPath().toString()), path);
      }
      return new FileStatus(attributes.size(), attributes.isDirectory(), 1, 0, attributes.lastModifiedTime().toMillis(), path);
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
