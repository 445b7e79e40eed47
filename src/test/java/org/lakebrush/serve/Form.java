package org.lakebrush.serve;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;

/** A body of multipart/form-data (RFC 7578), or one that is nearly that, and the request that brings it. */
final class Form {
  static final String BOUNDARY = "form-of-a-test-7d1f";

  static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** A part that is text. */
  Form text(String name, String value) {
    return part("form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
  }

  /** A part that is a file. */
  Form file(String name, String filename, byte[] bytes) {
    return part("form-data; name=\"" + name + "\"; filename=\"" + filename + "\"", bytes);
  }

  /**
   * Any part.
   *
   * @param disposition the header's value, and more headers behind it where it has line breaks
   */
  Form part(String disposition, byte[] bytes) {
    body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    body.writeBytes(bytes);
    body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** What there is so far, without the end. */
  byte[] open() {
    return body.toByteArray();
  }

  /** The whole body. */
  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(open());
    whole.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return whole.toByteArray();
  }

  /** A request that posts it. */
  HttpRequest.Builder to(URI address) {
    return HttpRequest.newBuilder(address).header("Content-Type", TYPE).POST(HttpRequest.BodyPublishers.ofByteArray(bytes()));
  }
}
