package org.lakebrush.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An HTML page that is one file: it asks for nothing, and only the styles and scripts that it was made with run in it. Under its policy the
 * attribute {@code style} and those of events have no effect; scripts may set an element's style.
 *
 * @param title not escaped
 * @param styles each the text of a style sheet
 * @param scripts each the text of a script; they run at the body's end, in order
 * @param body HTML
 */
public record Page(String title, List<String> styles, List<String> scripts, String body) {

  /** The whole file, in UTF-8. */
  public String html() {
    String policy = "default-src 'none'; img-src data:; style-src " + sources(styles) + "; script-src " + sources(scripts)
        + "; base-uri 'none'; form-action 'none'";
    StringBuilder html = new StringBuilder(body.length() + 4096);
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"").append(policy).append("\">\n");
    html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.append("<meta name=\"color-scheme\" content=\"light dark\">\n");
    html.append("<title>").append(Html.text(title)).append("</title>\n");
    styles.forEach(style -> html.append("<style>").append(style).append("</style>\n"));
    html.append("</head>\n<body>\n").append(body).append('\n');
    scripts.forEach(script -> html.append("<script>").append(script).append("</script>\n"));
    return html.append("</body>\n</html>\n").toString();
  }

  private static String sources(List<String> texts) {
    return texts.isEmpty() ? "'none'" : texts.stream().map(text -> "'sha256-" + hash(text) + "'").collect(Collectors.joining(" "));
  }

  private static String hash(String text) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * A style sheet or script that lies beside the classes of this package.
   *
   * @param name of the file
   */
  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
