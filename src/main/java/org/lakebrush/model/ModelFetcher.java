package org.lakebrush.model;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.lakebrush.model.KnownModel.Content;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.ModelSource.Body;
import org.lakebrush.model.ModelSource.BusyException;

/**
 * Brings a known model into a folder: nothing appears under its name that is not the file that the registry means. What has come of it
 * lies beside as {@code NAME.onnx.part}, and the next fetch goes on from there. Any number of threads and processes may fetch at once.
 */
public final class ModelFetcher {
  private static final int BUFFER = 1 << 16;

  /**
   * How long to put up with a bad connection.
   *
   * @param tries in a row that bring nothing new, before it is given up
   * @param pause before the second try; doubled before each further one
   * @param stall the longest time in which a web server that has begun to send may send nothing
   */
  public record Patience(int tries, Duration pause, Duration stall) {
    public static final Patience DEFAULT = new Patience(5, Duration.ofSeconds(1), Duration.ofSeconds(60));
  }

  /** Is told how it goes, by the thread that fetches. */
  public interface Listener {
    /** One line for a person. */
    void note(String line);

    /** Called for each block. */
    void progress(KnownModel model, long done, long total);
  }

  private final Configuration conf;
  private final Map<String, String> environment;
  private final Patience patience;
  private final Listener listener;

  /**
   * @param conf of the Hadoop file systems that a mirror may be on
   * @param environment where the proxy variables are looked up
   */
  public ModelFetcher(Configuration conf, Map<String, String> environment, Patience patience, Listener listener) {
    this.conf = conf;
    this.environment = Map.copyOf(environment);
    this.patience = patience;
    this.listener = listener;
  }

  /**
   * Fetches a model, unless it is there.
   *
   * @param from where to fetch it from instead: the file or a folder that holds it, as a web address, the URI of a Hadoop file system, or
   *     a path
   * @param folder created where it is missing
   * @return the file
   * @throws NoSuchModelException where there is nowhere to fetch it from
   * @throws FetchException where it could not be fetched, or is not what the registry says
   */
  public Path fetch(KnownModel model, Optional<String> from, Path folder)
      throws NoSuchModelException, FetchException, InterruptedException {
    Content content = model.content().orElseThrow(() -> new NoSuchModelException(model.name() + " is made, not fetched: models/export "
        + "makes it, see models/README.md; give a run the file itself, as --model FILE or --model s3a://BUCKET/FILE"));
    Path target = folder.toAbsolutePath().normalize().resolve(model.fileName());
    try {
      if (isRight(target, content)) {
        return there(target);
      }
      String source = from.orElse(model.origin() instanceof Download d ? d.url().toString() : null);
      if (source == null) {
        throw new NoSuchModelException(model.name() + " ships with Lakebrush and has no web address; where " + target
            + " is missing or damaged, bring it back with git checkout, or give --from");
      }
      createFolder(target.getParent());
      Path lockFile = target.resolveSibling("." + model.fileName() + ".lock");
      try (FolderLock lock = FolderLock.take(lockFile,
          () -> listener.note("another process fetches " + model.name() + " into " + folder + "; waiting for it"))) {
        if (Files.exists(target)) {
          // Who had the lock before may have fetched it.
          if (isRight(target, content)) {
            return there(target);
          }
          listener.note(target + " is there, but is not what it should be: it is replaced");
        }
        new Transfer(model, content, target, source).run();
      }
      return target;
    } catch (IOException e) {
      throw new FetchException("cannot write " + model.fileName() + " into " + folder + ": " + FetchException.words(e)
          + "; check its permissions and the disk, or choose another folder with --dir", e);
    }
  }

  private Path there(Path target) {
    listener.note("nothing to fetch: it is there already");
    return target;
  }

  private static boolean isRight(Path file, Content content) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) == content.bytes() && ModelHash.sha256(file).equals(content.sha256());
  }

  private static void createFolder(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(folder + " is no folder", e);
    }
  }

  /** One fetch, with the lock held. Its IOExceptions are of the disk that it writes to. */
  private final class Transfer {
    private final KnownModel model;
    private final Content content;
    private final Path target;
    private final Path part;
    private final String name;
    private final ModelSource source;
    /** Whether the part holds bytes that an earlier fetch left. */
    private boolean inherited;

    Transfer(KnownModel model, Content content, Path target, String from) throws FetchException {
      this.model = model;
      this.content = content;
      this.target = target;
      this.part = target.resolveSibling(model.fileName() + ".part");
      this.name = locate(from);
      this.source = open();
    }

    /** The file's own address, also where its folder is given. */
    private String locate(String from) {
      boolean file = ModelStore.isUri(from) ? from.replaceFirst("[?#].*", "").endsWith(".onnx") : !Files.isDirectory(Path.of(from));
      return file ? from : from.replaceFirst("/+$", "") + "/" + model.fileName();
    }

    private ModelSource open() throws FetchException {
      try {
        if (name.matches("(?i)https?://.*")) {
          return new HttpSource(URI.create(name), environment, patience.stall());
        }
        if (ModelStore.isUri(name)) {
          return new HadoopSource(new org.apache.hadoop.fs.Path(name), conf);
        }
        return new FileSource(Path.of(name).toAbsolutePath());
      } catch (IllegalArgumentException e) {
        throw new FetchException("cannot make sense of the address " + name + ": " + e.getMessage(), e);
      }
    }

    void run() throws FetchException, IOException, InterruptedException {
      try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        inherited = out.size() > 0;
        while (true) {
          checkSpace(out.size());
          receive(out);
          // On the disk before it has its name: a power cut must not leave a torn file under it.
          out.force(true);
          String sha256 = ModelHash.sha256(part);
          if (sha256.equals(content.sha256())) {
            break;
          }
          out.truncate(0);
          if (!inherited) {
            Files.delete(part);
            throw new FetchException(name + " is not " + model.name() + ": its SHA-256 is " + sha256 + ", and should be " + content.sha256()
                + "; what came of it is deleted. Somebody has changed it, or it is another file");
          }
          inherited = false;
          listener.note("what an earlier fetch left of " + model.name() + " does not fit what came now: fetching all of it anew");
        }
      } catch (FetchException e) {
        throw e.isUnreachable() ? new FetchException(e.getMessage() + advice(), e) : e;
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private String advice() {
      String url = model.origin() instanceof Download d ? "\n  from  " + d.url() : "";
      return String.format(Locale.ROOT, "%nBehind a proxy: set HTTPS_PROXY=http://HOST:PORT.%nWithout a network: fetch it with another "
          + "machine%s%n  (%,d bytes, SHA-256 %s)%nand bring it here as %s, then: ./submit.sh model fetch %s --from FOLDER%n"
          + "(or --from s3a://BUCKET/FOLDER, or hdfs://)", url, content.bytes(), content.sha256(), model.fileName(), model.name());
    }

    private void checkSpace(long have) throws FetchException, IOException {
      long free = Files.getFileStore(part).getUsableSpace();
      if (free < content.bytes() - have) {
        throw new FetchException(String.format(Locale.ROOT, "%s needs %,d bytes more in %s, and its disk has %,d free", model.name(),
            content.bytes() - have, part.getParent(), free));
      }
    }

    /** Until the part is as long as the file; tries again where that may help. */
    private void receive(FileChannel out) throws FetchException, IOException, InterruptedException {
      if (out.size() > content.bytes()) {
        out.truncate(0);
      }
      long best = out.size();
      int failures = 0;
      while (out.size() < content.bytes()) {
        try {
          receiveOnce(out);
        } catch (Broken broken) {
          failures = out.size() > best ? 0 : failures + 1;
          best = Math.max(best, out.size());
          String state = String.format(Locale.ROOT, "%s broke off at %,d of %,d bytes (%s)", name, out.size(), content.bytes(),
              broken.getMessage());
          if (failures >= patience.tries()) {
            throw FetchException.unreachable(state + ", " + failures + " times without getting on; the same command goes on from "
                + "there", broken);
          }
          Duration pause = patience.pause().multipliedBy(1L << Math.max(0, failures - 1));
          pause = pause.compareTo(broken.wait) < 0 ? broken.wait : pause;
          listener.note(state + "; trying again in " + pause.toMillis() / 1000.0 + " s");
          Thread.sleep(pause.toMillis());
        }
      }
    }

    private void receiveOnce(FileChannel out) throws FetchException, IOException, Broken, InterruptedException {
      try (Body body = openAt(out.size())) {
        if (body.total() >= 0 && body.total() != content.bytes()) {
          throw new FetchException(String.format(Locale.ROOT, "%s has %,d bytes, and %s has %,d: it is another file, or a page that "
              + "stands in for it", name, body.total(), model.name(), content.bytes()));
        }
        if (body.from() < out.size()) {
          out.truncate(body.from());
          inherited = false;
        }
        out.position(body.from());
        byte[] buffer = new byte[BUFFER];
        while (out.position() < content.bytes()) {
          int n = read(body, buffer, (int) Math.min(buffer.length, content.bytes() - out.position()));
          ByteBuffer block = ByteBuffer.wrap(buffer, 0, n);
          while (block.hasRemaining()) {
            out.write(block);
          }
          listener.progress(model, out.position(), content.bytes());
        }
        if (body.total() < 0 && readBeyond(body)) {
          throw new FetchException(String.format(Locale.ROOT, "%s has more than the %,d bytes of %s: it is another file", name,
              content.bytes(), model.name()));
        }
      }
    }

    private Body openAt(long offset) throws FetchException, Broken, InterruptedException {
      try {
        return source.open(offset);
      } catch (IOException e) {
        throw new Broken(e);
      }
    }

    private int read(Body body, byte[] buffer, int length) throws Broken {
      try {
        int n = body.in().read(buffer, 0, length);
        if (n < 0) {
          throw new EOFException("it ended too early");
        }
        return n;
      } catch (IOException e) {
        throw new Broken(e);
      }
    }

    private boolean readBeyond(Body body) throws Broken {
      try {
        return body.in().read(new byte[1], 0, 1) > 0;
      } catch (IOException e) {
        throw new Broken(e);
      }
    }
  }

  /** The source's IOException, to be told from one of the disk. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;
    private final Duration wait;

    Broken(IOException e) {
      super(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
      this.wait = e instanceof BusyException busy ? busy.waitFor() : Duration.ZERO;
    }
  }
}
