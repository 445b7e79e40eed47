package org.lakebrush.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A forward proxy in this JVM: whatever host is asked for, it leads to one server, which nobody else need know the name of. */
public final class ForwardProxy implements AutoCloseable {
  private static final String REFUSAL =
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n";

  private final ServerSocket socket;
  private final int target;
  private final String authorization;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private ForwardProxy(int target, String credentials) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    this.authorization = credentials == null ? null
        : "Proxy-Authorization: Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    Daemons.start("forward-proxy", this::accept);
  }

  /**
   * @param target the server's port on this machine
   * @param credentials {@code user:password} that it asks for, or null
   */
  public static ForwardProxy start(int target, String credentials) throws IOException {
    return new ForwardProxy(target, credentials);
  }

  /** {@code 127.0.0.1:port}. */
  public String address() {
    return "127.0.0.1:" + port();
  }

  public int port() {
    return socket.getLocalPort();
  }

  /** Method and target of each request that was let through. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = socket.accept();
      Daemons.start("forward-proxy", () -> serve(client));
    }
  }

  private void serve(Socket client) throws IOException {
    try (client; Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target)) {
      String head = head(client.getInputStream());
      while (authorization != null && !head.contains(authorization)) {
        if (head.isEmpty()) {
          return;
        }
        client.getOutputStream().write(REFUSAL.getBytes(StandardCharsets.ISO_8859_1));
        head = head(client.getInputStream());
      }
      String[] words = head.split(" ", 3);
      requests.add(words[0] + " " + words[1]);
      if (words[0].equals("CONNECT")) {
        client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      } else {
        upstream.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      }
      Daemons.start("forward-proxy", () -> client.getInputStream().transferTo(upstream.getOutputStream()));
      upstream.getInputStream().transferTo(client.getOutputStream());
    }
  }

  /** The request's head with the empty line at its end; empty where there is no more. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      if (b == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        return head.toString(StandardCharsets.ISO_8859_1);
      }
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
