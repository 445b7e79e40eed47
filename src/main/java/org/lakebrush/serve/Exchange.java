package org.lakebrush.serve;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectableChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A request and its answer. One thread at a time works on it; {@link #checkTime} may be called by another.
 *
 * <p>While the image is worked on nobody reads from the connection, so that a client that goes away would not be seen: it is looked for with
 * a read of one byte, which there is only where a client sends its next request before it has the answer to this one. Such a byte cannot be
 * put back, and the connection ends with the answer.
 */
final class Exchange {
  /** What a client has for a body or an answer beside its bytes' time. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LEAST_BYTES_PER_SECOND = 16_384;

  /** What it waits for. */
  private enum Phase {
    BODY, WORK, ANSWER
  }

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final String taskId = UUID.randomUUID().toString();
  private volatile Phase phase = Phase.WORK;
  private volatile long until;
  private boolean gone;

  Exchange(Request request, Response response, Callback callback) {
    this.request = request;
    this.response = response;
    this.callback = callback;
  }

  Request request() {
    return request;
  }

  String taskId() {
    return taskId;
  }

  EndPoint endPoint() {
    return request.getConnectionMetaData().getConnection().getEndPoint();
  }

  /** From here on the client sends. */
  void reading(long bytes) {
    wait(Phase.BODY, bytes);
  }

  /** From here on the server works. */
  void working() {
    phase = Phase.WORK;
  }

  private void wait(Phase next, long bytes) {
    until = System.nanoTime() + GRACE_NANOS + TimeUnit.SECONDS.toNanos(bytes / LEAST_BYTES_PER_SECOND);
    phase = next;
  }

  /** Ends it where its client takes too long to send, or to take the answer. */
  void checkTime() {
    Phase now = phase;
    if (now == Phase.WORK || System.nanoTime() - until < 0) {
      return;
    }
    TimeoutException late = new TimeoutException("the client is too slow");
    if (now == Phase.BODY) {
      request.fail(late);
    } else {
      endPoint().close(late);
    }
  }

  /** Whether its client went away. To be asked while the server works, by the thread that does. */
  boolean isGone() {
    if (!gone && endPoint() instanceof SelectableChannelEndPoint selectable) {
      SelectableChannel channel = selectable.getChannel();
      try {
        int read = channel instanceof SocketChannel socket ? socket.read(ByteBuffer.allocate(1)) : 0;
        if (read > 0) {
          response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        gone = read < 0;
      } catch (IOException e) {
        gone = true;
      }
    }
    return gone;
  }

  /** Nobody waits for an answer. */
  void drop() {
    callback.failed(new IOException("the client went away"));
  }

  /** A whole answer. */
  void answer(int code, String mediaType, byte[] bytes) {
    wait(Phase.ANSWER, bytes.length);
    response.setStatus(code);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.write(true, ByteBuffer.wrap(bytes), callback);
  }

  /** What came of an image: the image itself where the client would rather have it, else JSON. */
  void answer(Task task, Answer answer, String model) throws IOException {
    byte[] file = answer.file().bytes();
    response.getHeaders().put("Lakebrush-Task-Id", taskId);
    if (!wantsImage()) {
      // Base64 has 4 bytes for 3.
      wait(Phase.ANSWER, file.length / 3 * 4L);
      response.setStatus(HttpStatus.OK_200);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      try (OutputStream out = Content.Sink.asOutputStream(response)) {
        Json.write(out, taskId, task, answer, model);
      }
      callback.succeeded();
      return;
    }
    if (task == Task.INPAINT) {
      response.getHeaders().put("Lakebrush-Outcome", answer.outcome().name());
    }
    if (task != Task.VIEW) {
      response.getHeaders().put("Lakebrush-Hole-Fraction", String.format(Locale.ROOT, "%.6f", answer.trace().holeFraction()));
    }
    answer(HttpStatus.OK_200, answer.file().format().mediaType(), file);
  }

  private boolean wantsImage() {
    for (String range : request.getHeaders().getQualityCSV(HttpHeader.ACCEPT)) {
      String type = range.toLowerCase(Locale.ROOT);
      if (type.startsWith("image/")) {
        return true;
      } else if (type.startsWith("application/json") || type.startsWith("application/*") || type.startsWith("*/*")) {
        return false;
      }
    }
    return false;
  }

  /** Why there is nothing. */
  void fail(ApiException e) {
    e.headers().forEach((header, value) -> response.getHeaders().put(header, value));
    answer(e.code(), "application/json", Json.error(taskId, e));
  }

  /** The answer's code. */
  int code() {
    return response.getStatus();
  }

  /** A header of the answer. */
  void header(HttpHeader header, String value) {
    response.getHeaders().put(header, value);
  }

  /** Whether the answer has begun: nothing else can be answered then. */
  boolean isAnswered() {
    return response.isCommitted();
  }

  void failed(Throwable e) {
    callback.failed(e);
  }
}
