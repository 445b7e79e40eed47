package org.lakebrush.source;

import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** What Lakebrush wants of Hadoop's file systems where the user said nothing else. */
public final class HadoopDefaults {
  private static final String BUILT_IN = "core-default.xml";
  private static final Map<String, String> VALUES = Map.of("fs.s3a.input.stream.type", "classic");

  private HadoopDefaults() {}

  /**
   * Sets each default that neither a site file nor {@code spark.hadoop.*} nor a caller set. The driver calls it once on the
   * session's configuration, before the first file system is opened: executors get the same configuration. Its secrets are hidden from then on.
   *
   * @return the same configuration
   */
  public static Configuration apply(Configuration conf) {
    VALUES.forEach((key, value) -> {
      String[] sources = conf.getPropertySources(key);
      if (sources == null || sources.length == 0 || sources[sources.length - 1].equals(BUILT_IN)) {
        conf.set(key, value, "lakebrush");
      }
    });
    Secrets.learn(conf);
    return conf;
  }
}
