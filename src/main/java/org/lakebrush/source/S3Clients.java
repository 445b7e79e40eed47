package org.lakebrush.source;

import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Clients of S3 beside the one that Hadoop keeps for everybody. As with that, there is one for each bucket, user and JVM, kept to the end.
 * Of any other store they are Hadoop's own. What the user set himself stays.
 */
public final class S3Clients {
  /** Settings of a client. */
  private enum Kind {
    ONCE(Map.of("fs.s3a.attempts.maximum", "0", "fs.s3a.retry.limit", "0", "fs.s3a.retry.throttle.limit", "0")),
    PROMPT(Map.of("fs.s3a.connection.timeout", "15s"));

    private final Map<String, String> settings;

    Kind(Map<String, String> settings) {
      this.settings = settings;
    }
  }

  private record Key(Kind kind, String scheme, String authority, UserGroupInformation user) {}

  private static final Map<Key, FileSystem> CLIENTS = new HashMap<>();

  private S3Clients() {}

  /** One that asks once and says what came of it, for whoever tries again himself. */
  public static FileSystem once(Configuration conf, Path path) throws IOException {
    return get(Kind.ONCE, conf, path);
  }

  /** One that asks again after 15 s without an answer, for what is of no use when it comes late. */
  public static FileSystem prompt(Configuration conf, Path path) throws IOException {
    return get(Kind.PROMPT, conf, path);
  }

  private static FileSystem get(Kind kind, Configuration conf, Path path) throws IOException {
    URI uri = path.toUri().getScheme() == null ? FileSystem.getDefaultUri(conf) : path.toUri();
    if (!S3AFileSystem.class.isAssignableFrom(FileSystem.getFileSystemClass(uri.getScheme(), conf))) {
      return path.getFileSystem(conf);
    }
    if (conf.getBoolean("fs." + uri.getScheme() + ".impl.disable.cache", false)) {
      return open(kind, conf, uri);
    }
    Key key = new Key(kind, uri.getScheme(), uri.getAuthority(), UserGroupInformation.getCurrentUser());
    synchronized (CLIENTS) {
      FileSystem client = CLIENTS.get(key);
      if (client == null) {
        client = open(kind, conf, uri);
        CLIENTS.put(key, client);
      }
      return client;
    }
  }

  private static FileSystem open(Kind kind, Configuration conf, URI uri) throws IOException {
    Configuration own = new Configuration(conf);
    HadoopDefaults.set(own, kind.settings);
    return FileSystem.newInstance(uri, own);
  }
}
