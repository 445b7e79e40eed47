package org.lakebrush.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before an S3 endpoint in this JVM: notes each HTTP request as it passes, byte for byte, and answers some of them as an endpoint
 * in trouble does. Safe for any number of threads.
 */
final class FaultRelay implements AutoCloseable {
  private static final byte[] SLOW_DOWN = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code><Message>Please reduce"
      + " your request rate.</Message></Error>").getBytes(StandardCharsets.US_ASCII);

  /**
   * Faults to give.
   *
   * @param refused share of requests, 0 to 1, that are answered with 503
   * @param cut share of answers with a body, 0 to 1, that break off half way
   * @param delayed share of requests, 0 to 1, that are answered late
   * @param delay by how much
   */
  private record Faults(Random random, double refused, double cut, double delayed, Duration delay) {}

  private record Refusal(Set<String> methods, AtomicInteger left) {}

  /** What is in store for a request. */
  private record Fate(boolean refused, boolean cut, Duration delay) {
    static final Fate NONE = new Fate(false, false, Duration.ZERO);
  }

  private final ServerSocket relay = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
  private final int upstreamPort;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> denied = new ConcurrentHashMap<>();
  private final Map<String, Refusal> refused = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger refusals = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicInteger delays = new AtomicInteger();
  private volatile Faults faults;

  FaultRelay(int upstreamPort) throws IOException {
    this.upstreamPort = upstreamPort;
    Daemons.start("s3-relay", this::accept);
  }

  int port() {
    return relay.getLocalPort();
  }

  /** Method, bucket and key of each, and the query where there is one. */
  List<String> requests() {
    return requests;
  }

  /** Objects whose requests, but DELETE, are answered with 403, and how many go through before. */
  Map<String, AtomicInteger> denied() {
    return denied;
  }

  /** Answers so many requests with 503 whose object begins like this. */
  void refuse(String prefix, int requests, Set<String> methods) {
    refused.put(prefix, new Refusal(methods, new AtomicInteger(requests)));
  }

  void accept(String prefix) {
    refused.remove(prefix);
  }

  void faults(long seed, double share503, double shareCut, double shareDelayed, Duration delay) {
    faults = new Faults(new Random(seed), share503, shareCut, shareDelayed, delay);
  }

  void noFaults() {
    faults = null;
  }

  int refusals() {
    return refusals.get();
  }

  int cuts() {
    return cuts.get();
  }

  int delays() {
    return delays.get();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = relay.accept();
      sockets.add(client);
      Daemons.start("s3-relay", () -> serve(client));
    }
  }

  private void serve(Socket client) throws IOException {
    try (client; Socket upstream = new Socket(InetAddress.getLoopbackAddress(), upstreamPort)) {
      sockets.add(upstream);
      try {
        for (String head = head(client.getInputStream()); head != null && relay(head, client, upstream);) {
          head = head(client.getInputStream());
        }
      } finally {
        sockets.remove(upstream);
      }
    } finally {
      sockets.remove(client);
    }
  }

  /** Whether the connection can be used again. */
  private boolean relay(String head, Socket client, Socket upstream) throws IOException {
    String[] words = head.substring(0, head.indexOf('\r')).split(" ");
    String[] target = words[1].split("\\?", 2);
    String object = URLDecoder.decode(target[0].replace("+", "%2B"), StandardCharsets.UTF_8).substring(1);
    boolean isObject = target.length == 1 || target[1].startsWith("x-id=");
    requests.add(words[0] + " " + object + (isObject ? "" : " ?" + target[1]));
    if (header(head, "transfer-encoding") != null) {
      throw new IOException("chunked requests are not relayed");
    }
    boolean asks = header(head, "expect") != null;
    long length = length(head, 0);
    Fate fate = fate();
    pause(fate.delay);
    AtomicInteger allowed = denied.get(object);
    if (allowed != null && !words[0].equals("DELETE") && allowed.getAndDecrement() <= 0) {
      answer(client, "403 Forbidden", new byte[0], asks ? 0 : length);
      return false;
    }
    if (isRefused(words[0], object) || fate.refused) {
      refusals.incrementAndGet();
      answer(client, "503 Slow Down", words[0].equals("HEAD") ? new byte[0] : SLOW_DOWN, asks ? 0 : length);
      return false;
    }
    OutputStream out = upstream.getOutputStream();
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    if (!asks) {
      copy(client.getInputStream(), out, length);
    }
    String answer = head(upstream.getInputStream());
    while (answer != null && status(answer) < 200) {
      client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
      client.getOutputStream().flush();
      copy(client.getInputStream(), out, length);
      answer = head(upstream.getInputStream());
    }
    return answer != null && relayAnswer(answer, words[0].equals("HEAD"), fate.cut, client, upstream);
  }

  private boolean isRefused(String method, String object) {
    return refused.entrySet().stream().anyMatch(r -> object.startsWith(r.getKey()) && r.getValue().methods.contains(method)
        && r.getValue().left.getAndDecrement() > 0);
  }

  private synchronized Fate fate() {
    Faults now = faults;
    if (now == null) {
      return Fate.NONE;
    }
    boolean refuse = now.random.nextDouble() < now.refused;
    boolean cut = now.random.nextDouble() < now.cut;
    boolean delay = now.random.nextDouble() < now.delayed;
    return new Fate(refuse, cut, delay ? now.delay : Duration.ZERO);
  }

  private void pause(Duration delay) throws IOException {
    if (delay.isZero()) {
      return;
    }
    delays.incrementAndGet();
    try {
      Thread.sleep(delay.toMillis());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Answers in the endpoint's place, once what was sent is read: else the client might not see the answer. */
  private static void answer(Socket client, String status, byte[] body, long sent) throws IOException {
    client.getInputStream().skipNBytes(sent);
    OutputStream out = client.getOutputStream();
    out.write(("HTTP/1.1 " + status + "\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n").getBytes(
        StandardCharsets.ISO_8859_1));
    out.write(body);
    out.flush();
  }

  private boolean relayAnswer(String head, boolean bodiless, boolean cut, Socket client, Socket upstream) throws IOException {
    InputStream in = upstream.getInputStream();
    OutputStream out = client.getOutputStream();
    out.write(head.getBytes(StandardCharsets.ISO_8859_1));
    boolean chunked = "chunked".equalsIgnoreCase(header(head, "transfer-encoding"));
    long length = length(head, -1);
    if (bodiless || status(head) == 204 || status(head) == 304 || length == 0) {
      out.flush();
    } else if (chunked) {
      String size = line(in);
      out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      long chunk = Long.parseLong(size.strip(), 16);
      if (cut && chunk > 0) {
        return cut(in, out, chunk / 2);
      }
      copyChunks(in, out, chunk);
    } else if (length < 0) {
      in.transferTo(out);
      return false;
    } else if (cut) {
      return cut(in, out, length / 2);
    } else {
      copy(in, out, length);
    }
    return !"close".equalsIgnoreCase(header(head, "connection"));
  }

  private boolean cut(InputStream in, OutputStream out, long length) throws IOException {
    copy(in, out, length);
    cuts.incrementAndGet();
    return false;
  }

  /** The rest of a body in chunks, from the first one's bytes on. */
  private static void copyChunks(InputStream in, OutputStream out, long first) throws IOException {
    for (long chunk = first; ; ) {
      copy(in, out, chunk);
      out.write((line(in) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (chunk == 0) {
        out.flush();
        return;
      }
      String size = line(in);
      out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      chunk = Long.parseLong(size.strip(), 16);
    }
  }

  private static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[8192];
    for (long left = length; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException();
      }
      out.write(buffer, 0, n);
      left -= n;
    }
    out.flush();
  }

  private static int status(String head) {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  private static long length(String head, long fallback) {
    String length = header(head, "content-length");
    return length == null ? fallback : Long.parseLong(length);
  }

  private static String header(String head, String name) {
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return null;
  }

  /** A line without its end. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException();
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** A head with the empty line that ends it, or null where there is no other. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int end = 0;
    while (end < 4) {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      head.write(b);
      end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    relay.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
