package org.lakebrush.serve;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartConfig;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable;
import org.lakebrush.serve.ApiException.Kind;
import org.lakebrush.source.OneLine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests that bring an image: reads them, has them done, and answers them. Safe for any number of threads. */
final class Posts {
  private static final Logger LOG = LoggerFactory.getLogger(Posts.class);
  /** So many times the places of the queue are for requests that are still read, or whose answer is still taken. */
  private static final int BODIES = 4;
  private static final int MOST_PARTS = 64;
  private static final int MOST_PART_HEADER_BYTES = 16_384;

  private final ServeSettings settings;
  private final RepairService service;
  /** For requests that are read whole: who sends slowly has none. */
  private final Places places;
  /** For all, from the first byte of the body to the last of the answer. */
  private final Places bodies;
  private final ServeMetrics metrics;
  private final Exchanges exchanges;
  private final Executor threads;
  private final Path folder;
  private final Consumer<String> fatal;
  private final MultiPartConfig multiPart;

  /**
   * @param threads on which images are waited for
   * @param folder for uploads and answers
   * @param fatal told why this process should end
   */
  Posts(ServeSettings settings, RepairService service, Places places, ServeMetrics metrics, Exchanges exchanges, Executor threads,
      Path folder, Consumer<String> fatal) {
    this.settings = settings;
    this.service = service;
    this.places = places;
    this.bodies = new Places(BODIES * settings.queue());
    this.metrics = metrics;
    this.exchanges = exchanges;
    this.threads = threads;
    this.folder = folder;
    this.fatal = fatal;
    this.multiPart = new MultiPartConfig.Builder().location(folder).maxParts(MOST_PARTS).maxSize(settings.maxUpload())
        .maxPartSize(settings.maxUpload()).maxMemoryPartSize(0).useFilesForPartsWithoutFileName(true)
        .maxHeadersSize(MOST_PART_HEADER_BYTES).build();
  }

  /** Takes a request in hand; returns at once. */
  void take(Task task, Exchange exchange) throws ApiException {
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
    if (exchanges.isEnding()) {
      throw Exchanges.stopping();
    }
    if (places.isFull()) {
      throw busy();
    }
    Places.Place body = bodies.take().orElseThrow(this::busy);
    Request.addCompletionListener(request, failure -> body.close());
    exchange.reading();
    // A connection is silent while its image is worked on, however long that takes.
    request.addIdleTimeoutListener(late -> false);
    MultiPartFormData.onParts(request, request, type, multiPart, Promise.Invocable.from(Invocable.InvocationType.NON_BLOCKING,
        (parts, failure) -> threads.execute(() -> {
          try {
            if (failure == null) {
              work(task, exchange, parts);
            } else {
              notRead(exchange, failure);
            }
          } catch (RuntimeException | Error e) {
            LOG.error("task {} has no answer{}", exchange.taskId(), ApiException.internal(e).behind());
            exchange.failed(e);
          }
        })));
  }

  private ApiException busy() {
    return new ApiException(Kind.BUSY, "as many requests are in hand as this server takes (--queue): ask again later",
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
    // Nothing more comes of the body then: else isGone() would take a byte of it. Jetty says so of wrong chunks, too.
    if (failure instanceof EofException && exchange.isGone()) {
      exchange.drop();
    } else {
      refuse(exchange, why(exchange, failure));
    }
  }

  private ApiException why(Exchange exchange, Throwable failure) {
    if (failure instanceof ApiException e) {
      return e;
    } else if (failure instanceof TimeoutException || failure.getCause() instanceof TimeoutException) {
      return new ApiException(Kind.TOO_SLOW_CLIENT, "the body came too slowly, or not at all for a while: send it again");
    } else if (Request.getContentBytesRead(exchange.request()) > settings.maxUpload()) {
      return tooLarge();
    } else if (failure instanceof IOException e && !(e instanceof EOFException)) {
      return ApiException.disk(e);
    }
    return new ApiException(Kind.BAD_REQUEST, "the body is no multipart/form-data: "
        + (failure.getMessage() == null ? "it ends too early" : OneLine.of(failure.getMessage())));
  }

  private void work(Task task, Exchange exchange, MultiPartFormData.Parts parts) {
    exchange.working();
    Path image = folder.resolve("answer-" + exchange.taskId());
    Path json = folder.resolve("answer-" + exchange.taskId() + ".json");
    Request.addCompletionListener(exchange.request(), failure -> {
      delete(image);
      delete(json);
    });
    boolean asImage = exchange.wantsImage();
    try {
      Answer answer;
      try (parts; Places.Place place = places.take().orElseThrow(this::busy)) {
        answer = service.answer(task, Upload.of(parts, task), image, () -> exchange.isGone() || exchanges.isGivenUp());
        if (answer != null && !asImage) {
          Json.write(json, exchange.taskId(), task, answer, service.model());
          delete(image);
        }
      }
      if (answer != null) {
        count(task, answer);
        describe(task, exchange, answer, asImage);
        exchange.answer(asImage ? answer.format().mediaType() : Exchange.JSON, asImage ? image : json);
      } else if (exchange.isGone()) {
        exchange.drop();
      } else {
        refuse(exchange, Exchanges.stopping());
      }
    } catch (ApiException e) {
      refuse(exchange, e);
    } catch (IOException e) {
      refuse(exchange, ApiException.disk(e));
    } catch (InterruptedException e) {
      refuse(exchange, Exchanges.stopping());
    } catch (RuntimeException | StackOverflowError | LinkageError e) {
      refuse(exchange, ApiException.internal(e));
    } catch (VirtualMachineError e) {
      refuse(exchange, ApiException.internal(e));
      fatal.accept(e.toString());
    }
  }

  private void count(Task task, Answer answer) {
    if (task == Task.INPAINT) {
      metrics.image(answer);
    }
    metrics.stages(answer.trace());
  }

  /** What the log and the headers say of an answer; JSON says the rest itself. */
  private static void describe(Task task, Exchange exchange, Answer answer, boolean asImage) {
    exchange.outcome(answer.outcome() + " " + answer.trace().width() + "x" + answer.trace().height());
    exchange.header(new HttpField("Lakebrush-Task-Id", exchange.taskId()));
    if (asImage && task == Task.INPAINT) {
      exchange.header(new HttpField("Lakebrush-Outcome", answer.outcome().name()));
    }
    if (asImage && task != Task.VIEW) {
      exchange.header(new HttpField("Lakebrush-Hole-Fraction", String.format(Locale.ROOT, "%.6f", answer.trace().holeFraction())));
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} stays until the server ends: {}", file, e.getMessage());
    }
  }

  /** Answers with an error, once the body is read. */
  void refuse(Exchange exchange, ApiException e) {
    if (exchange.isAnswered()) {
      exchange.failed(e);
      return;
    }
    metrics.error(e.kind());
    if (e.isDefect()) {
      LOG.error("task {}: {}{}", exchange.taskId(), OneLine.of(e.getMessage()), e.behind());
    }
    exchange.afterBody(settings.maxUpload(), () -> exchange.fail(e));
  }
}
