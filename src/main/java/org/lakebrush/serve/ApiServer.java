package org.lakebrush.serve;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.lakebrush.job.UsageException;
import org.lakebrush.source.Causes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP of a {@link RepairService}: the API and the page. Uploads and answers wait on disk, so that clients that send or take slowly
 * hold no memory; what is worked on is bounded by the pipeline. Safe for any number of threads.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  /** When bodies that are not whole, and images, are given up once the server is to end, which is waited for 20 s. */
  private static final long BODIES_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long IMAGES_NANOS = TimeUnit.SECONDS.toNanos(12);
  private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long STOP_MILLIS = 1000;
  /** Open connections: more are not accepted until some end. */
  private static final int MOST_CONNECTIONS = 1024;
  /** A connection without a request in hand is closed after so long, be it silent or sending headers byte by byte. */
  private static final long REQUEST_MILLIS = 20_000;
  private static final int MOST_HEADER_BYTES = 16_384;
  /** What the system keeps of an answer that its client has yet to take: with more, a slow client looked like one that takes nothing. */
  private static final int SEND_BUFFER = 1 << 18;
  /** Threads beside those that wait for an image each. */
  private static final int THREADS = 16;

  private final Exchanges exchanges = new Exchanges();
  /** When a connection was last answered, in ms. */
  private final Map<EndPoint, Long> answered = new ConcurrentHashMap<>();
  private final Server server;
  private final ServerConnector connector;
  private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(work -> {
    Thread thread = new Thread(work, "lakebrush-serve-watch");
    thread.setDaemon(true);
    return thread;
  });
  private final Path folder;
  private final AtomicBoolean closed = new AtomicBoolean();
  private URI address;

  private ApiServer(ServeSettings settings, RepairService service, Guard guard, Path folder, Consumer<String> fatal) {
    this.folder = folder;
    QueuedThreadPool threads = new QueuedThreadPool(settings.queue() + THREADS, 8);
    threads.setName("lakebrush-serve");
    threads.setDaemon(true);
    threads.setStopTimeout(STOP_MILLIS);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(MOST_HEADER_BYTES);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(REQUEST_MILLIS);
    connector.setAcceptedSendBufferSize(SEND_BUFFER);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
    Places places = new Places(settings.queue());
    ServeMetrics metrics = new ServeMetrics(places, service);
    Posts posts = new Posts(settings, service, places, metrics, exchanges, threads, folder, fatal);
    Router router = new Router(guard, posts, service, places, metrics, exchanges,
        endPoint -> answered.put(endPoint, System.currentTimeMillis()));
    server.setHandler(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        router.handle(request, response, callback);
        return true;
      }
    });
    server.setErrorHandler(router.errors());
  }

  /**
   * Serves from here on.
   *
   * @param service closed by its owner, after this
   * @param folder for uploads and answers, in one that only this user can read; made here, and deleted with what is in it by
   *     {@link #close}
   * @param fatal told why this process should end, once, if it should
   * @throws UsageException where the address cannot be had, or others can reach it and there is no token
   */
  public static ApiServer start(ServeSettings settings, RepairService service, Path folder, Consumer<String> fatal)
      throws UsageException, IOException {
    ApiServer api = new ApiServer(settings, service, Guard.of(settings), Files.createDirectories(folder), fatal);
    try {
      api.server.start();
      api.address = new URI("http", null, settings.host(), api.connector.getLocalPort(), "/", null, null);
      api.watch.scheduleWithFixedDelay(api::watch, 1, 1, TimeUnit.SECONDS);
      return api;
    } catch (IOException | URISyntaxException e) {
      api.close();
      throw new UsageException("--host " + settings.host() + " --port " + settings.port() + ": " + e.getMessage()
          + (e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")") + "; give an address of this machine and a free port", e);
    } catch (Exception e) {
      api.close();
      throw new IOException("the server did not start: " + e.getMessage(), e);
    }
  }

  /** Where it can be reached. */
  public URI address() {
    return address;
  }

  /** Looks after clients that are slow, and connections that bring no request. */
  private void watch() {
    try {
      exchanges.all().forEach(Exchange::checkTime);
      long now = System.currentTimeMillis();
      for (EndPoint endPoint : connector.getConnectedEndPoints()) {
        long since = answered.getOrDefault(endPoint, endPoint.getCreatedTimeStamp());
        if (now - since > REQUEST_MILLIS && exchanges.all().stream().noneMatch(exchange -> exchange.endPoint() == endPoint)) {
          endPoint.close();
        }
      }
      answered.keySet().removeIf(endPoint -> !endPoint.isOpen());
    } catch (RuntimeException e) {
      LOG.warn("connections were not looked after this time: {}", Causes.inOneLine(e));
    }
  }

  /** Takes no more requests, finishes those in hand, as far as that takes no more than 15 s, and ends. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      exchanges.end();
      long start = System.nanoTime();
      for (long passed = 0; !exchanges.all().isEmpty() && passed < LAST_NANOS; passed = System.nanoTime() - start) {
        if (passed > BODIES_NANOS) {
          exchanges.endBodies();
        }
        if (passed > IMAGES_NANOS) {
          exchanges.giveUp();
        }
        Thread.sleep(20);
      }
      watch.shutdownNow();
      server.stop();
      clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("the server did not end as it should: {}", Causes.inOneLine(e));
    }
  }

  /** Of requests that were cut off there may be files left. */
  private void clear() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
    Files.deleteIfExists(folder);
  }
}
