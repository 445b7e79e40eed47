package org.lakebrush.source;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * Where a run may read, whatever a manifest says and wherever a link of a local disk leads. Immutable; safe for any number of threads.
 *
 * @param images places that images lie in: URIs of folders or files as listings write them; {@code s3a://} stands for all buckets
 * @param masks likewise of mask files
 */
public record Reach(List<String> images, List<String> masks) implements Serializable {
  private static final String LOCAL = "file:/";
  /** Schemes whose authority is a bucket, and no host that would be asked. */
  private static final Set<String> BUCKETS = Set.of("s3a", "gs", "oss", "cosn", "obs");
  private static final Pattern BUCKET = Pattern.compile("[\\w.-]+");

  public Reach {
    images = List.copyOf(images);
    masks = List.copyOf(masks);
  }

  /** All that a path's scheme reaches without asking another host: all buckets, or the path's own file system. */
  static String all(Path qualified) {
    String scheme = qualified.toUri().getScheme();
    if (BUCKETS.contains(scheme)) {
      return scheme + "://";
    }
    String authority = qualified.toUri().getAuthority();
    return scheme + ":" + (authority == null ? "/" : "//" + authority + "/");
  }

  /** Whether a store's names may have empty folders between their slashes, which Hadoop's paths cannot say. */
  static boolean isBucket(String uri) {
    int colon = uri.indexOf(':');
    return colon > 0 && BUCKETS.contains(uri.substring(0, colon));
  }

  /**
   * Refuses an image that lies elsewhere, or is a link that leads elsewhere.
   *
   * @throws ImageFailure REFUSED
   */
  public void checkImage(String uri) throws ImageFailure {
    check(uri, images);
  }

  /** As {@link #checkImage}, for a mask file. */
  public void checkMask(String uri) throws ImageFailure {
    check(uri, masks);
  }

  private static void check(String uri, List<String> places) throws ImageFailure {
    String why = refusal(uri, places);
    if (why == null && uri.startsWith(LOCAL) && !places.contains(LOCAL)) {
      why = linkRefusal(uri, places);
    }
    if (why != null) {
      throw new ImageFailure(ErrorKind.REFUSED, uri + " is not read: " + why);
    }
  }

  /** Why a URI is refused by what it says, or null. */
  String imageRefusal(String uri) {
    return refusal(uri, images);
  }

  private static String refusal(String uri, List<String> places) {
    if (Secrets.isIn(uri)) {
      return "it " + Secrets.NOT_IN_URIS;
    }
    int path = uri.indexOf('/', uri.indexOf("://") + 3);
    String named = path < 0 ? "" : uri.substring(path) + "/";
    if (named.contains("/../") || named.contains("/./")) {
      return "there is a folder . or .. in its name; name it by the folder that it lies in";
    }
    if (isBucket(uri) && named.contains("//")) {
      return "there is a folder without a name in it (//), which Hadoop cannot say; copy it to another name";
    }
    for (String place : places) {
      if (isIn(uri, place)) {
        return null;
      }
    }
    return "it lies outside of " + String.join(", ", places) + ": what a manifest names must lie in the manifest's own storage or, with"
        + " --base, below that";
  }

  private static boolean isIn(String uri, String place) {
    if (place.endsWith("://")) {
      int end = uri.indexOf('/', place.length());
      return uri.startsWith(place) && end > 0 && BUCKET.matcher(uri.substring(place.length(), end)).matches();
    }
    return uri.equals(place) || uri.startsWith(place.endsWith("/") ? place : place + "/");
  }

  private static String linkRefusal(String uri, List<String> places) {
    java.nio.file.Path real = real(uri);
    if (real == null) {
      return null;
    }
    for (String place : places) {
      java.nio.file.Path folder = place.startsWith(LOCAL) ? real(place) : null;
      if (folder != null && real.startsWith(folder)) {
        return null;
      }
    }
    return "by a link it leads to " + real + ", outside of " + String.join(", ", places) + "; put the file there, or give the folder that"
        + " it lies in as an input of its own";
  }

  /** Without links; null where it is not there. */
  private static java.nio.file.Path real(String uri) {
    try {
      return java.nio.file.Path.of(new Path(uri).toUri().getPath()).toRealPath();
    } catch (IOException | InvalidPathException e) {
      return null;
    }
  }
}
