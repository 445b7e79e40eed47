package org.lakebrush.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.lakebrush.sink.Sha256;

/** A web server of files in this JVM, with ranges and tags, that does as it is told with the requests to come. */
public final class FileServer implements AutoCloseable {

  /** What to do with one request instead of answering it. */
  public interface Fault {
    void answer(HttpExchange exchange, byte[] file) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private FileServer(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  public static FileServer start() throws IOException {
    return new FileServer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  public static FileServer startTls(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new FileServer(server);
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** {@code http://127.0.0.1:port} and a path that begins with a slash. */
  public String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  public FileServer put(String path, byte[] bytes) {
    files.put(path, bytes);
    return this;
  }

  /** The next request is answered so, and not at all as it should be. */
  public FileServer next(Fault fault) {
    faults.add(fault);
    return this;
  }

  /** The path of each request, and the headers Range and If-Range where there are any. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** A tag that is another one for other bytes. */
  public static String tag(byte[] bytes) {
    return '"' + Sha256.hex(bytes).substring(0, 8) + '"';
  }

  /** An answer without the file. */
  public static Fault status(int code, String... headers) {
    return (exchange, file) -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(code, -1);
    };
  }

  /** All of the file, whatever part was asked for. */
  public static Fault whole() {
    return (exchange, file) -> send(exchange, 200, file, 0);
  }

  /** All of the file without saying how long it is. */
  public static Fault wholeOfUnknownLength() {
    return (exchange, file) -> {
      exchange.sendResponseHeaders(200, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(file);
      }
    };
  }

  /**
   * The first bytes of what was asked for, then a cut.
   *
   * @param when waits until this is so before it cuts: a client may drop what it has not looked at when the connection breaks
   */
  public static Fault cut(int bytes, BooleanSupplier when) {
    return (exchange, file) -> {
      int from = from(exchange);
      exchange.getResponseHeaders().set("ETag", tag(file));
      if (from > 0) {
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
      }
      exchange.sendResponseHeaders(from > 0 ? 206 : 200, file.length - from);
      OutputStream out = exchange.getResponseBody();
      out.write(file, from, bytes);
      out.flush();
      waitFor(when);
    };
  }

  /** Waits, though not for ever. */
  public static void waitFor(BooleanSupplier when) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!when.getAsBoolean() && System.nanoTime() < end) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      StringBuilder request = new StringBuilder(path);
      for (String header : List.of("Range", "If-Range")) {
        String value = exchange.getRequestHeaders().getFirst(header);
        request.append(value == null ? "" : " " + header + ": " + value);
      }
      requests.add(request.toString());
      byte[] file = files.get(path);
      Fault fault = faults.poll();
      if (fault != null) {
        fault.answer(exchange, file);
      } else if (file == null) {
        exchange.sendResponseHeaders(404, -1);
      } else {
        String version = exchange.getRequestHeaders().getFirst("If-Range");
        boolean part = exchange.getRequestHeaders().containsKey("Range") && (version == null || version.equals(tag(file)));
        send(exchange, part ? 206 : 200, file, part ? from(exchange) : 0);
      }
    } catch (IOException e) {
      // The client went, or was cut off.
    }
  }

  private static int from(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
  }

  private static void send(HttpExchange exchange, int code, byte[] file, int from) throws IOException {
    if (from >= file.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    exchange.getResponseHeaders().set("ETag", tag(file));
    if (code == 206) {
      exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (file.length - 1) + "/" + file.length);
    }
    exchange.sendResponseHeaders(code, file.length - from);
    exchange.getResponseBody().write(file, from, file.length - from);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
