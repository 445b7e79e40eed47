package org.lakebrush.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.lakebrush.job.UsageException;
import org.lakebrush.serve.ApiException.Kind;
import org.lakebrush.serve.PageFiles.PageFile;
import org.lakebrush.source.OneLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP of a {@link RepairService}: the API and the page. Uploads wait on disk, so that clients that send hold no memory; what is worked
 * on is bounded by the pipeline. Safe for any number of threads.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  /** For what is in hand when the server is to end; whoever ends it waits 20 s. */
  private static final long LAST_NANOS = TimeUnit.SECONDS.toNanos(17);
  /** Open connections: more are not accepted until some end. */
  private static final int MOST_CONNECTIONS = 1024;
  /** A connection without a request in hand is closed after so long, be it silent or sending headers byte by byte. */
  private static final long REQUEST_MILLIS = 20_000;
  /** So many times the places of the queue are for requests that are still read. */
  private static final int BODIES = 4;
  private static final int MOST_HEADER_BYTES = 16_384;
  private static final int MOST_PARTS = 64;
  /** Beside those that wait for an image each. */
  private static final int THREADS = 16;
  private static final Map<String, String> HEADERS = Map.of(
      "Cache-Control", "no-store",
      "X-Content-Type-Options", "nosniff",
      "Referrer-Policy", "no-referrer",
      "Cross-Origin-Resource-Policy", "same-origin",
      "Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self';"
          + " form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
  private static final String JSON = "application/json";

  private final ServeSettings settings;
  private final RepairService service;
  private final Guard guard;
  /** For requests that are read whole: who sends slowly has none. */
  private final Places places;
  /** For requests that are read, worked on or wait. */
  private final Places bodies;
  private final ServeMetrics metrics;
  private final PageFiles page = new PageFiles();
  private final MultiPartConfig multiPart;
  private final Server server;
  private final ServerConnector connector;
  private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
  /** When a connection was last answered, in ms. */
  private final Map<EndPoint, Long> answered = new ConcurrentHashMap<>();
  private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(work -> {
    Thread thread = new Thread(work, "lakebrush-serve-watch");
    thread.setDaemon(true);
    return thread;
  });
  private final Path uploads;
  private final Consumer<String> fatal;
  private URI address;
  private volatile boolean stopping;

  /** What is answered to a request that has no image. */
  @FunctionalInterface
  private interface Endpoint {
    void answer(Exchange exchange);
  }

  private final Map<String, Endpoint> gets = Map.of("/api/health", this::health, "/metrics", this::metrics);
  private final Map<String, Task> posts = Stream.of(Task.values()).collect(Collectors.toMap(Task::path, Function.identity()));

  private ApiServer(ServeSettings settings, RepairService service, Guard guard, Path uploads, Consumer<String> fatal) {
    this.settings = settings;
    this.service = service;
    this.guard = guard;
    this.uploads = uploads;
    this.fatal = fatal;
    places = new Places(settings.queue());
    bodies = new Places(BODIES * settings.queue());
    metrics = new ServeMetrics(places, service);
    multiPart = new MultiPartConfig.Builder().location(uploads).maxParts(MOST_PARTS).maxSize(settings.maxUpload())
        .maxPartSize(settings.maxUpload()).maxMemoryPartSize(0).useFilesForPartsWithoutFileName(true)
        .maxHeadersSize(MOST_HEADER_BYTES).build();
    QueuedThreadPool threads = new QueuedThreadPool(settings.queue() + THREADS, 8);
    threads.setName("lakebrush-serve");
    threads.setDaemon(true);
    server = new Server(threads);
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(true);
    http.setRequestHeaderSize(MOST_HEADER_BYTES);
    connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(settings.host());
    connector.setPort(settings.port());
    connector.setIdleTimeout(REQUEST_MILLIS);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server));
    server.setHandler(new Handler.Abstract() {
      @Override
      public boolean handle(Request request, Response response, Callback callback) {
        ApiServer.this.handle(request, response, callback);
        return true;
      }
    });
    server.setErrorHandler(new JsonErrors());
  }

  /**
   * Serves from here on.
   *
   * @param service closed by its owner, after this
   * @param uploads a folder for what clients send, in one that only this user can read; made here, and deleted with what is in it by
   *     {@link #close}
   * @param fatal told why this process should end, once, if it should
   * @throws UsageException where the address cannot be had, or others can reach it and there is no token
   */
  public static ApiServer start(ServeSettings settings, RepairService service, Path uploads, Consumer<String> fatal)
      throws UsageException, IOException {
    ApiServer api = new ApiServer(settings, service, Guard.of(settings), Files.createDirectories(uploads), fatal);
    try {
      api.server.start();
    } catch (IOException e) {
      api.close();
      throw new UsageException("--host " + settings.host() + " --port " + settings.port() + ": " + e.getMessage()
          + (e.getCause() == null ? "" : " (" + e.getCause().getMessage() + ")") + "; give an address of this machine and a free port", e);
    } catch (Exception e) {
      api.close();
      throw new IOException("the server did not start: " + e.getMessage(), e);
    }
    String host = settings.host().contains(":") ? "[" + settings.host() + "]" : settings.host();
    api.address = URI.create("http://" + host + ":" + api.connector.getLocalPort() + "/");
    api.watch.scheduleWithFixedDelay(api::watch, 1, 1, TimeUnit.SECONDS);
    return api;
  }

  /** Where it can be reached. */
  public URI address() {
    return address;
  }

  private void handle(Request request, Response response, Callback callback) {
    HEADERS.forEach((header, value) -> response.getHeaders().put(header, value));
    Exchange exchange = new Exchange(request, response, callback);
    String path = request.getHttpURI().getCanonicalPath();
    exchanges.add(exchange);
    Request.addCompletionListener(request, failure -> {
      exchanges.remove(exchange);
      answered.put(exchange.endPoint(), System.currentTimeMillis());
      metrics.answered(known(path), exchange.code(), exchange.seconds());
    });
    try {
      route(exchange, path);
    } catch (ApiException e) {
      refuse(exchange, e);
    } catch (RuntimeException e) {
      LOG.error("{} {}: task {}", request.getMethod(), OneLine.of(path), exchange.taskId(), e);
      refuse(exchange, ApiException.internal(e));
    }
  }

  /** The path where there is something, so that no client fills the metrics with paths of its own. */
  private String known(String path) {
    return posts.containsKey(path) || gets.containsKey(path) || page.at(path).isPresent() ? path : "other";
  }

  private void route(Exchange exchange, String path) throws ApiException {
    Optional<PageFile> file = page.at(path);
    guard.check(exchange.request(), file.isPresent() || path.equals("/api/health"));
    Task task = posts.get(path);
    String method = exchange.request().getMethod();
    if (task == null && file.isEmpty() && !gets.containsKey(path)) {
      throw new ApiException(Kind.NOT_FOUND, "nothing is here; the page is at /, the API in /api/openapi.json");
    }
    boolean fits = task == null ? method.equals("GET") || method.equals("HEAD") : method.equals("POST");
    if (!fits) {
      String allowed = task == null ? "GET, HEAD" : "POST";
      throw new ApiException(Kind.METHOD_NOT_ALLOWED, path + " takes " + allowed, Map.of(HttpHeader.ALLOW, allowed));
    }
    if (task != null) {
      post(task, exchange);
    } else if (file.isPresent()) {
      file(exchange, file.get());
    } else {
      gets.get(path).answer(exchange);
    }
  }

  private static void file(Exchange exchange, PageFile file) {
    // Asked for anew each time, and not sent again while it is the same.
    exchange.header(HttpHeader.CACHE_CONTROL, "no-cache");
    exchange.header(HttpHeader.ETAG, file.tag());
    if (file.tag().equals(exchange.request().getHeaders().get(HttpHeader.IF_NONE_MATCH))) {
      exchange.answer(HttpStatus.NOT_MODIFIED_304, file.mediaType(), new byte[0]);
    } else {
      exchange.answer(HttpStatus.OK_200, file.mediaType(), file.bytes());
    }
  }

  private void health(Exchange exchange) {
    exchange.answer(stopping ? HttpStatus.SERVICE_UNAVAILABLE_503 : HttpStatus.OK_200, JSON, Json.object(json -> {
      json.writeStringField("status", stopping ? "stopping" : "ok");
      json.writeStringField("model", service.model());
      json.writeStringField("device", service.device());
      json.writeNumberField("in_hand", places.taken());
      json.writeNumberField("queue", places.most());
    }));
  }

  private void metrics(Exchange exchange) {
    ServeMetrics.Page now = metrics.page(exchange.request().getHeaders().get(HttpHeader.ACCEPT));
    exchange.answer(HttpStatus.OK_200, now.mediaType(), now.bytes());
  }

  private void post(Task task, Exchange exchange) throws ApiException {
    Request request = exchange.request();
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
      throw new ApiException(Kind.BAD_MEDIA_TYPE, "the body is " + (type == null ? "of no type" : type) + ": send multipart/form-data, with"
          + " the image's file in the part image");
    }
    if (MultiPart.extractBoundary(type) == null) {
      throw new ApiException(Kind.BAD_REQUEST, "the header Content-Type names no boundary between the parts: have your HTTP library"
          + " set it");
    }
    if (request.getLength() > settings.maxUpload()) {
      throw tooLarge();
    }
    if (stopping) {
      throw new ApiException(Kind.STOPPING, "this server ends: ask another, or again later");
    }
    if (places.isFull() || !bodies.take()) {
      throw busy();
    }
    Request.addCompletionListener(request, failure -> bodies.giveBack());
    exchange.reading();
    // A connection is silent while its image is worked on, however long that takes.
    request.addIdleTimeoutListener(late -> false);
    MultiPartFormData.onParts(request, request, type, multiPart, Promise.Invocable.from(Invocable.InvocationType.NON_BLOCKING,
        (parts, failure) -> server.getThreadPool().execute(() -> {
          if (failure == null) {
            work(task, exchange, parts);
          } else {
            notRead(exchange, failure);
          }
        })));
  }

  private ApiException busy() {
    return new ApiException(Kind.BUSY, places.most() + " requests are in hand, as many as this server takes (--queue): ask again later",
        Map.of(HttpHeader.RETRY_AFTER, Integer.toString(places.secondsUntilFree())));
  }

  private ApiException tooLarge() {
    return new ApiException(Kind.TOO_LARGE, "the request has more than the " + settings.maxUpload() + " bytes that this server takes:"
        + " send a smaller file, or have it started with a larger --max-upload");
  }

  private void notRead(Exchange exchange, Throwable failure) {
    exchange.working();
    // Jetty, as it ends the exchange, would ask for the parts to delete them, and get the failure.
    exchange.request().removeAttribute(MultiPartFormData.class.getName());
    if (exchange.isGone()) {
      drop(exchange);
      return;
    }
    String message = String.valueOf(failure.getMessage());
    ApiException e;
    if (failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException) {
      e = new ApiException(Kind.TOO_SLOW_CLIENT, "the body came too slowly, or not at all for a while: send it again");
    } else if (message.contains("max length exceeded") || message.contains("max file size exceeded")) {
      e = tooLarge();
    } else {
      e = new ApiException(Kind.BAD_REQUEST, "the body is no multipart/form-data: " + OneLine.of(message));
    }
    refuse(exchange, e);
  }

  private void work(Task task, Exchange exchange, MultiPartFormData.Parts parts) {
    exchange.working();
    try (parts) {
      if (!places.take()) {
        throw busy();
      }
      Request.addCompletionListener(exchange.request(), failure -> places.giveBack());
      Answer answer = service.answer(task, Upload.of(parts, task), exchange::isGone);
      if (answer == null) {
        drop(exchange);
        return;
      }
      if (task == Task.INPAINT) {
        metrics.image(answer);
      }
      metrics.stages(answer.trace());
      exchange.answer(task, answer, service.model());
      LOG.info("POST {}: 200 {} {}x{} after {}, task {}", task.path(), answer.outcome(), answer.trace().width(), answer.trace().height(),
          exchange.took(), exchange.taskId());
    } catch (ApiException e) {
      refuse(exchange, e);
    } catch (InterruptedException e) {
      refuse(exchange, new ApiException(Kind.STOPPING, "this server ends: ask another, or again later"));
    } catch (IOException e) {
      // The client does not take the answer that has begun.
      metrics.gone();
      exchange.failed(e);
    } catch (RuntimeException | Error e) {
      LOG.error("POST {}: task {}", task.path(), exchange.taskId(), e);
      refuse(exchange, ApiException.internal(e));
      if (e instanceof Error) {
        fatal.accept(e.getMessage());
      }
    }
  }

  private void drop(Exchange exchange) {
    metrics.gone();
    LOG.info("{} {}: the client went away after {}, task {}", exchange.request().getMethod(), exchange.request().getHttpURI().getPath(),
        exchange.took(), exchange.taskId());
    exchange.drop();
  }

  private void refuse(Exchange exchange, ApiException e) {
    if (exchange.isAnswered()) {
      exchange.failed(e);
      return;
    }
    metrics.error(e.kind());
    LOG.info("{} {}: {} {} after {}, task {}: {}", exchange.request().getMethod(), OneLine.of(exchange.request().getHttpURI().getPath()),
        e.code(), e.kind(), exchange.took(), exchange.taskId(), OneLine.of(e.getMessage()));
    exchange.afterBody(settings.maxUpload(), () -> exchange.fail(e));
  }

  /** Looks after clients that are slow, and connections that bring no request. */
  private void watch() {
    try {
      exchanges.forEach(Exchange::checkTime);
      Set<EndPoint> inHand = exchanges.stream().map(Exchange::endPoint).collect(Collectors.toSet());
      long now = System.currentTimeMillis();
      for (EndPoint endPoint : connector.getConnectedEndPoints()) {
        long since = answered.getOrDefault(endPoint, endPoint.getCreatedTimeStamp());
        if (!inHand.contains(endPoint) && now - since > REQUEST_MILLIS) {
          endPoint.close();
        }
      }
      answered.keySet().removeIf(endPoint -> !endPoint.isOpen());
    } catch (RuntimeException e) {
      LOG.warn("connections were not looked after this time", e);
    }
  }

  /** Takes no more requests, finishes those in hand, for 17 s at most, and ends. */
  @Override
  public void close() {
    stopping = true;
    long until = System.nanoTime() + LAST_NANOS;
    try {
      while (places.taken() > 0 && System.nanoTime() < until) {
        Thread.sleep(20);
      }
      watch.shutdownNow();
      server.stop();
      clear();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("the server did not end as it should", e);
    }
  }

  /** Of requests that were cut off there may be files left. */
  private void clear() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(uploads)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(uploads);
  }

  /** What Jetty refuses before a request gets here. */
  private final class JsonErrors extends ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
      return true;
    }

    @Override
    protected void generateResponse(Request request, Response response, int code, String message, Throwable cause, Callback callback) {
      HEADERS.forEach((header, value) -> response.getHeaders().put(header, value));
      ApiException e = ApiException.ofJetty(code, OneLine.of(message), cause);
      metrics.error(e.kind());
      new Exchange(request, response, callback).fail(e);
    }
  }
}
