package org.lakebrush.source;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;

/** Keys and passwords, which no message, log or row may show. Safe for any number of threads. */
public final class Secrets {
  /** For {@code spark.redaction.regex}: the settings of Spark and Hadoop whose values Spark's pages and event logs must not show. */
  public static final String SETTINGS = "(?i)secret|password|passphrase|token|credential$|access[._-]?key|account[._-]?key|api[._-]?key"
      + "|encryption[._-]key|private[._-]?key|keystore[._-]pass|[.]sas[.]";

  /** What is wrong with a URI in which {@link #isIn} finds something. */
  public static final String NOT_IN_URIS = "holds a user and a password, which lists of processes and logs would show; name it without, and"
      + " give keys by core-site.xml in HADOOP_CONF_DIR, the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or a credential"
      + " provider";

  private static final String HIDDEN = "***";
  /** Settings whose values are secrets themselves, and neither places nor classes that have some. */
  private static final Pattern VALUES = Pattern.compile("(?i)(secret|secret[._-]?key|password|token|access[._-]?key|account[.]key.*"
      + "|encryption[.]key|api[.]?key|private[.]key|sas[.].*|keystore[.]pass|oauth2[.]credential)$");
  private static final int SHORTEST_VALUE = 8;

  /**
   * What stands between a URI's scheme and its host. A key of S3 may hold slashes, but what follows a port is a path; a bucket has no user
   * at all.
   */
  private static final Pattern USER_INFO =
      Pattern.compile("(?<=://)[^\\s/@:]*:(?!\\d{1,5}/)[^\\s@]*(?=@)|(?<=\\bs3[an]?://)[^\\s/@]+(?=@)");
  /** What a signed URL is signed with, and the keys that AWS names in its errors. */
  private static final Pattern SIGNATURE = Pattern.compile("(?i)(?<=(X-Amz-(Signature|Credential|Security-Token)|AWSAccessKeyId|Signature"
      + "|[?&]sig)=)[^&\\s\"'<>]+|(?<=<AWSAccessKeyId>)[^<]+");

  /** A setting with its value, as it stands on a command line or in a file. */
  private static final Pattern SETTING = Pattern.compile(
      "(?i)(?<=(secret[._-]?key|secret[._-]access[._-]key|access[._-]key|password|session[._-]token)=)[^\\s\"']+");

  private static final Set<String> KNOWN = ConcurrentHashMap.newKeySet();

  private Secrets() {}

  /** Has the values of a configuration's secrets hidden from now on in this JVM, but for those of less than 8 characters. */
  public static void learn(Configuration conf) {
    for (Map.Entry<String, String> setting : conf) {
      String value = setting.getValue();
      if (value.length() >= SHORTEST_VALUE && VALUES.matcher(setting.getKey()).find() && isOwn(conf, setting.getKey())) {
        KNOWN.add(value);
      }
    }
  }

  /** Whether a setting is somebody's own, and not what Hadoop ships with. */
  private static boolean isOwn(Configuration conf, String key) {
    String[] sources = conf.getPropertySources(key);
    return sources != null && sources.length > 0 && !sources[sources.length - 1].endsWith("-default.xml");
  }

  /** A text without secrets: those learned, user and password in URIs, signatures of signed URLs, and values of secret settings. */
  public static String hidden(String text) {
    if (text == null) {
      return null;
    }
    String shown = text;
    for (String secret : KNOWN) {
      shown = shown.replace(secret, HIDDEN);
    }
    shown = USER_INFO.matcher(shown).replaceAll(HIDDEN + ":" + HIDDEN);
    shown = SIGNATURE.matcher(shown).replaceAll(HIDDEN);
    return SETTING.matcher(shown).replaceAll(HIDDEN);
  }

  /** Whether a URI holds a user and a password, as {@code s3a://key:secret@bucket/} does. */
  public static boolean isIn(String uri) {
    return uri.indexOf('@') >= 0 && USER_INFO.matcher(uri).find();
  }
}
