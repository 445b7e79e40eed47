package org.lakebrush.serve;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A body of multipart/form-data, put together by hand, so that it may also be a wrong one. */
final class Multipart {
  static final String BOUNDARY = "----lakebrush-test-boundary";
  static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Multipart text(String name, String text) {
    return part("form-data; name=\"" + name + "\"", text.getBytes(StandardCharsets.UTF_8));
  }

  /** A part with a filename, which is written as it is. */
  Multipart file(String name, String filename, byte[] file) {
    return part("form-data; name=\"" + name + "\"; filename=\"" + filename + "\"", file);
  }

  /**
   * Any part.
   *
   * @param disposition the header's value, and more headers behind it where it has line breaks
   */
  Multipart part(String disposition, byte[] content) {
    raw("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n");
    out.writeBytes(content);
    return raw("\r\n");
  }

  Multipart raw(String bytes) {
    out.writeBytes(bytes.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** What there is so far. */
  byte[] open() {
    return out.toByteArray();
  }

  byte[] body() {
    return raw("--" + BOUNDARY + "--\r\n").open();
  }
}
