package org.lakebrush.serve;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;

/** A body of multipart/form-data (RFC 7578), and the request that brings it. */
final class Form {
  static final String BOUNDARY = "form-of-a-test-7d1f";

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** A part that is text. */
  Form text(String name, String value) {
    return part("form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
  }

  /** A part that is a file. */
  Form file(String name, String filename, byte[] bytes) {
    return part("form-data; name=\"" + name + "\"; filename=\"" + filename + "\"", bytes);
  }

  private Form part(String disposition, byte[] bytes) {
    body.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: " + disposition + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    body.writeBytes(bytes);
    body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** The whole body. */
  byte[] bytes() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(body.toByteArray());
    whole.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return whole.toByteArray();
  }

  /** A request that posts it. */
  HttpRequest.Builder to(URI address) {
    return HttpRequest.newBuilder(address).header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes()));
  }
}
