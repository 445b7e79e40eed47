package org.lakebrush.serve;

import java.io.BufferedOutputStream;
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
 * <p>While the image is worked on nobody reads from the connection, so that a client that goes away would not be seen: it is looked for
 * with a read of one byte, which there is only where a client sends its next request before it has the answer to this one. Such a byte
 * cannot be put back, and the connection ends with the answer.
 */
final class Exchange {
  /** What a client has for a body or an answer beside its bytes' time. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final double LEAST_BYTES_PER_SECOND = 8192;
  private static final int PIECE = 1 << 16;
  /** The code of requests whose client went away, as nginx has it; no client sees it. */
  private static final int GONE = 499;

  /** What it waits for. */
  private enum Phase {
    BODY, WORK, ANSWER
  }

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final String taskId = UUID.randomUUID().toString();
  /** When a phase began in which the client is waited for. */
  private volatile long since;
  /** Of the answer. */
  private volatile long bytes;
  private volatile Phase phase = Phase.WORK;
  private volatile int code;
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
  void reading() {
    since = System.nanoTime();
    phase = Phase.BODY;
  }

  /** From here on the server works. */
  void working() {
    phase = Phase.WORK;
  }

  private void answering(int status, long length) {
    since = System.nanoTime();
    bytes = length;
    phase = Phase.ANSWER;
    code = status;
    response.setStatus(status);
  }

  /** Ends it where its client takes too long to send, or to take the answer. */
  void checkTime() {
    Phase now = phase;
    double due = (System.nanoTime() - since - GRACE_NANOS) / 1e9 * LEAST_BYTES_PER_SECOND;
    if (now == Phase.BODY && Request.getContentBytesRead(request) < due) {
      request.fail(new TimeoutException("the client sends too slowly"));
    } else if (now == Phase.ANSWER && bytes < due) {
      endPoint().close(new TimeoutException("the client takes its answer too slowly"));
    }
  }

  /**
   * Reads what the client still sends, and throws it away, before it is answered: else it would be cut off, and not see the answer.
   *
   * @param most bytes; where there are more the connection ends with the answer, likewise where the client waits to be told to send
   */
  void afterBody(long most, Runnable answer) {
    if (request.getLength() > most || request.getHeaders().contains(HttpHeader.EXPECT)) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      answer.run();
    } else {
      reading();
      discard(most, answer);
    }
  }

  private void discard(long most, Runnable answer) {
    long left = most;
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        long rest = left;
        request.demand(() -> discard(rest, answer));
        return;
      }
      left -= chunk.remaining();
      boolean over = chunk.isLast() || Content.Chunk.isFailure(chunk) || left < 0;
      chunk.release();
      if (over) {
        answer.run();
        return;
      }
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

  /** Nobody waits for an answer: it has one all the same, for otherwise Jetty takes it for a defect. */
  void drop() {
    endPoint().close();
    answer(GONE, "application/json", new byte[0]);
  }

  /** A whole answer. */
  void answer(int status, String mediaType, byte[] body) {
    answering(status, body.length);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /** What came of an image: the image itself where the client would rather have it, else JSON. */
  void answer(Task task, Answer answer, String model) throws IOException {
    byte[] file = answer.file().bytes();
    response.getHeaders().put("Lakebrush-Task-Id", taskId);
    if (!wantsImage()) {
      // Base64 has 4 bytes for 3.
      answering(HttpStatus.OK_200, file.length / 3 * 4L);
      response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
      try (OutputStream out = new BufferedOutputStream(Content.Sink.asOutputStream(response), PIECE)) {
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

  /** The answer's code; 0 where there was none. */
  int code() {
    return code;
  }

  /** Seconds since its first byte came. */
  double seconds() {
    return (System.nanoTime() - request.getBeginNanoTime()) / 1e9;
  }

  /** Likewise, for a line of the log. */
  String took() {
    return String.format(Locale.ROOT, "%.3f s", seconds());
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
