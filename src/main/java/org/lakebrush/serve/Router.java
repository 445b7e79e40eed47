package org.lakebrush.serve;

import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.lakebrush.serve.ApiException.Kind;
import org.lakebrush.serve.PageFiles.PageFile;
import org.lakebrush.source.OneLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers each request, or hands it on to who does. Safe for any number of threads. */
final class Router {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);
  private static final String HEALTH = "/api/health";
  private static final HttpFields HEADERS = HttpFields.build()
      .add("Cache-Control", "no-store")
      .add("X-Content-Type-Options", "nosniff")
      .add("Referrer-Policy", "no-referrer")
      .add("Cross-Origin-Resource-Policy", "same-origin")
      .add("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:;"
          + " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
      .asImmutable();
  /** A connection that brings or takes something may be silent for so long: {@link Exchange#checkTime} decides before. */
  private static final long IN_HAND_MILLIS = 120_000;

  private final Guard guard;
  private final Posts posts;
  private final RepairService service;
  private final Places places;
  private final ServeMetrics metrics;
  private final Exchanges exchanges;
  private final Consumer<EndPoint> answered;
  private final PageFiles page = new PageFiles();
  private final Map<String, Task> tasks = Stream.of(Task.values()).collect(Collectors.toMap(Task::path, Function.identity()));
  private final Map<String, Consumer<Exchange>> gets = Map.of(HEALTH, this::health, "/metrics", this::metrics);

  /**
   * @param answered told of each connection that has been answered
   */
  Router(Guard guard, Posts posts, RepairService service, Places places, ServeMetrics metrics, Exchanges exchanges,
      Consumer<EndPoint> answered) {
    this.guard = guard;
    this.posts = posts;
    this.service = service;
    this.places = places;
    this.metrics = metrics;
    this.exchanges = exchanges;
    this.answered = answered;
  }

  /** Answers a request, now or later. */
  void handle(Request request, Response response, Callback callback) {
    Exchange exchange = exchange(request, response, callback);
    String path = request.getHttpURI().getCanonicalPath();
    EndPoint endPoint = exchange.endPoint();
    long idle = endPoint.getIdleTimeout();
    endPoint.setIdleTimeout(IN_HAND_MILLIS);
    exchanges.all().add(exchange);
    Request.addCompletionListener(request, failure -> {
      endPoint.setIdleTimeout(idle);
      answered.accept(endPoint);
      exchanges.all().remove(exchange);
      ended(exchange, path, failure);
    });
    try {
      route(exchange, path);
    } catch (ApiException e) {
      posts.refuse(exchange, e);
    } catch (RuntimeException e) {
      posts.refuse(exchange, ApiException.internal(e));
    }
  }

  private Exchange exchange(Request request, Response response, Callback callback) {
    response.getHeaders().add(HEADERS);
    return new Exchange(request, response, callback, exchanges::isEnding);
  }

  /** Says what came of a request, but for those that say nothing of an image. */
  private void ended(Exchange exchange, String path, Throwable failure) {
    metrics.answered(known(path), exchange.code(), exchange.seconds());
    boolean untaken = failure != null && exchange.code() != Exchange.GONE;
    if (untaken || exchange.code() == Exchange.GONE) {
      metrics.gone();
    }
    if (!exchange.outcome().isEmpty() || untaken) {
      LOG.info("{} {}: {} {} after {} s, task {}{}", exchange.request().getMethod(), OneLine.of(path), exchange.code(),
          OneLine.of(exchange.outcome()), Math.round(1e3 * exchange.seconds()) / 1e3, exchange.taskId(),
          untaken ? "; the client did not take the answer" : "");
    }
  }

  /** The path where there is something, so that no client fills the metrics with paths of its own. */
  private String known(String path) {
    return tasks.containsKey(path) || gets.containsKey(path) || page.at(path).isPresent() ? path : "other";
  }

  private void route(Exchange exchange, String path) throws ApiException {
    Optional<PageFile> file = page.at(path);
    guard.check(exchange.request(), file.isPresent() || path.equals(HEALTH));
    Task task = tasks.get(path);
    if (task == null && file.isEmpty() && !gets.containsKey(path)) {
      throw new ApiException(Kind.NOT_FOUND, "nothing is here; the page is at /, the API in /api/openapi.json");
    }
    String method = exchange.request().getMethod();
    boolean fits = task == null ? method.equals("GET") || method.equals("HEAD") : method.equals("POST");
    if (!fits) {
      String allowed = task == null ? "GET, HEAD" : "POST";
      throw new ApiException(Kind.METHOD_NOT_ALLOWED, path + " takes " + allowed, Map.of(HttpHeader.ALLOW, allowed));
    }
    if (task != null) {
      posts.take(task, exchange);
    } else if (file.isPresent()) {
      file(exchange, file.get());
    } else {
      gets.get(path).accept(exchange);
    }
  }

  private static void file(Exchange exchange, PageFile file) {
    // Asked for anew each time, and not sent again while it is the same.
    exchange.header(new HttpField(HttpHeader.CACHE_CONTROL, "no-cache"));
    exchange.header(new HttpField(HttpHeader.ETAG, file.tag()));
    String had = exchange.request().getHeaders().get(HttpHeader.IF_NONE_MATCH);
    boolean same = had != null && Stream.of(had.split(",")).map(String::strip)
        .anyMatch(tag -> tag.equals("*") || tag.replaceFirst("^W/", "").equals(file.tag()));
    if (same) {
      exchange.notModified();
    } else {
      exchange.answer(HttpStatus.OK_200, file.mediaType(), file.bytes());
    }
  }

  private void health(Exchange exchange) {
    boolean ending = exchanges.isEnding();
    exchange.answer(ending ? HttpStatus.SERVICE_UNAVAILABLE_503 : HttpStatus.OK_200, Exchange.JSON, Json.object(json -> {
      json.writeStringField("status", ending ? "stopping" : "ok");
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

  /** Answers what Jetty refuses before it gets here. */
  ErrorHandler errors() {
    return new ErrorHandler() {
      @Override
      public boolean errorPageForMethod(String method) {
        return true;
      }

      @Override
      protected void generateResponse(Request request, Response response, int code, String message, Throwable cause, Callback callback) {
        ApiException e = ApiException.ofJetty(code, OneLine.of(message), cause);
        metrics.error(e.kind());
        Exchange exchange = exchange(request, response, callback);
        LOG.info("refused: {} {}, task {}{}", e.code(), e.getMessage(), exchange.taskId(), e.isDefect() ? e.behind() : "");
        exchange.fail(e);
      }
    };
  }
}
