package org.lakebrush.natives;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Folders in which nobody but this user can write, so that what lies there may be loaded, in places that others can write to as well. */
public final class PrivateFolder {
  private static final FileAttribute<?> OWN = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateFolder() {}

  /** This user's place for what is kept between runs, below the folder for temporary files; not made. */
  public static Path standard() {
    return Path.of(System.getProperty("java.io.tmpdir"), "lakebrush-" + System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_"))
        .toAbsolutePath();
  }

  /**
   * Makes a folder, with mode 700, where there is none. Its parent must be there.
   *
   * @return the same path
   * @throws IOException where it cannot be made, or is a link, another user's, or writable by others: what it is
   */
  public static Path make(Path folder) throws IOException {
    try {
      Files.createDirectory(folder, OWN);
    } catch (FileAlreadyExistsException e) {
      check(folder);
    } catch (UnsupportedOperationException e) {
      throw new IOException(folder + " is on a file system without owners and modes", e);
    }
    return folder;
  }

  private static void check(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is a link, or no folder");
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS);
    Number owner = (Number) Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (owner.longValue() != new UnixSystem().getUid()) {
      throw new IOException(folder + " belongs to another user");
    }
    if (mode.contains(PosixFilePermission.GROUP_WRITE) || mode.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException(folder + " can be written by others (mode " + PosixFilePermissions.toString(mode) + ")");
    }
  }
}
