package org.lakebrush.source;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys and passwords, which no message, log or row may show. Safe for any number of threads. */
public final class Secrets {
  private static final String HIDDEN = "***";
  /** What stands between a URI's scheme and its host; a key of S3 may hold slashes, but what follows a port is a path. */
  private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^\\s/@:]*:(?!\\d{1,5}/)[^\\s@]*(?=@)");
  /** What a signed URL is signed with, and the keys that AWS names in its errors. */
  private static final Pattern SIGNATURE = Pattern.compile(
      "(?i)(?<=(X-Amz-(Signature|Credential|Security-Token)|AWSAccessKeyId|Signature|[?&]sig)=)[^&\\s\"'<>]+|(?<=<AWSAccessKeyId>)[^<]+");

  private Secrets() {}

  /** A text without user and password in URIs, and without the signatures of signed URLs. */
  public static String hidden(String text) {
    if (text == null) {
      return null;
    }
    String shown = text.indexOf('@') < 0 ? text : USER_INFO.matcher(text).replaceAll(HIDDEN + ":" + HIDDEN);
    return text.indexOf('=') < 0 && text.indexOf('<') < 0 ? shown : SIGNATURE.matcher(shown).replaceAll(Matcher.quoteReplacement(HIDDEN));
  }

  /** Whether a URI holds a user and a password, as {@code s3a://key:secret@bucket/} does. */
  public static boolean isIn(String uri) {
    return USER_INFO.matcher(uri).find();
  }
}
