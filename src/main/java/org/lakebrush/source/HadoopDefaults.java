package org.lakebrush.source;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** What Lakebrush wants of Hadoop's file systems where the user said nothing else. */
public final class HadoopDefaults {
  private static final String BUILT_IN = "core-default.xml";
  private static final String OWN = "lakebrush";

  /**
   * One GET for a whole file. And of S3's failures: a request is tried up to 18 times within about 40 s, three times by Amazon's client in
   * each of six by S3A, and no answer for 60 s is a failure too. Hadoop's own values have a throttled request tried for two days, each wait
   * twice the one before.
   */
  private static final Map<String, String> VALUES = Map.of(
      "fs.s3a.input.stream.type", "classic",
      "fs.s3a.attempts.maximum", "2",
      "fs.s3a.retry.limit", "5",
      "fs.s3a.retry.interval", "500ms",
      "fs.s3a.retry.throttle.limit", "5",
      "fs.s3a.retry.throttle.interval", "500ms",
      "fs.s3a.connection.timeout", "60s");

  private HadoopDefaults() {}

  /**
   * Sets each default that neither a site file nor {@code spark.hadoop.*} nor a caller set. The driver calls it once on the
   * session's configuration, before the first file system is opened: executors get the same configuration. Its secrets are hidden from
   * then on.
   *
   * @return the same configuration
   */
  public static Configuration apply(Configuration conf) {
    set(conf, VALUES);
    Secrets.learn(conf);
    return conf;
  }

  /** Sets each of these values that no user set. */
  static void set(Configuration conf, Map<String, String> values) {
    values.forEach((key, value) -> {
      String[] sources = conf.getPropertySources(key);
      String last = sources == null || sources.length == 0 ? BUILT_IN : sources[sources.length - 1];
      if (last.equals(BUILT_IN) || last.equals(OWN)) {
        conf.set(key, value, OWN);
      }
    });
  }
}
