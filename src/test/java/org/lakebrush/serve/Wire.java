package org.lakebrush.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which anything can be sent, also what is no HTTP. Used by one thread. */
final class Wire implements AutoCloseable {
  /** An answer that is not there by then is none. */
  private static final int PATIENCE_MILLIS = 20_000;

  /**
   * What came back.
   *
   * @param status 0 where the connection was closed without an answer
   * @param headers by names in lower case
   */
  record Answer(int status, Map<String, String> headers, byte[] body) {
    static final Answer NONE = new Answer(0, Map.of(), new byte[0]);

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** The error's word; empty where it is none. */
    String kind() {
      return text().matches("(?s).*\"error_kind\":\"[A-Z_]+\".*") ? text().replaceFirst("(?s).*\"error_kind\":\"([A-Z_]+)\".*", "$1") : "";
    }

    @Override
    public String toString() {
      return status + " " + headers + " " + text().substring(0, Math.min(400, text().length()));
    }
  }

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final String host;

  Wire(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
    host = "127.0.0.1:" + port;
  }

  /** One request of well-formed lines on a connection of its own, which is closed after it. */
  static Answer ask(int port, String method, String target, String headers, byte[] body) throws IOException {
    try (Wire wire = new Wire(port)) {
      wire.send(method + " " + target + " HTTP/1.1\r\nHost: " + wire.host + "\r\nConnection: close\r\n" + headers
          + (body == null ? "" : "Content-Length: " + body.length + "\r\n") + "\r\n");
      if (body != null) {
        wire.send(body);
      }
      return wire.answer();
    }
  }

  static Answer post(int port, String target, Form parts) throws IOException {
    return ask(port, "POST", target, "Content-Type: " + Form.TYPE + "\r\n", parts.bytes());
  }

  /** Of the request line and Host. */
  String start(String method, String target) {
    return method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  }

  Wire send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Whoever is refused early may find the connection closed while sending; what the server said is there to read all the same. */
  Wire send(byte[] bytes) {
    try {
      out.write(bytes);
      out.flush();
    } catch (IOException e) {
      // The answer tells.
    }
    return this;
  }

  /** Nothing more is sent, but read. */
  Wire end() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** The next answer; {@link Answer#NONE} where the connection is closed before one. */
  Answer answer() throws IOException {
    try {
      String[] line = line().split(" ", 3);
      if (line.length < 2) {
        return Answer.NONE;
      }
      Map<String, String> headers = new TreeMap<>();
      for (String header = line(); !header.isEmpty(); header = line()) {
        int colon = header.indexOf(':');
        headers.put(header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).trim());
      }
      int status = Integer.parseInt(line[1]);
      if (status == 100) {
        return answer();
      }
      return new Answer(status, headers, body(headers));
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer within " + PATIENCE_MILLIS + " ms", e);
    } catch (IOException e) {
      // Reset.
      return Answer.NONE;
    }
  }

  private byte[] body(Map<String, String> headers) throws IOException {
    if (headers.containsKey("content-length")) {
      return in.readNBytes(Integer.parseInt(headers.get("content-length")));
    }
    if (!"chunked".equals(headers.get("transfer-encoding"))) {
      return "close".equals(headers.get("connection")) ? in.readAllBytes() : new byte[0];
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
      body.writeBytes(in.readNBytes(size));
      line();
    }
    line();
    return body.toByteArray();
  }

  /** Without its end; empty also at the end of the connection. */
  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    byte[] bytes = line.toByteArray();
    int length = bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
    return new String(Arrays.copyOf(bytes, length), StandardCharsets.ISO_8859_1);
  }

  /** Goes away, as a client whose process was killed. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
