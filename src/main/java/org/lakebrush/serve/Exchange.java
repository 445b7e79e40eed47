package org.lakebrush.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectableChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * A request and its answer. One thread at a time works on it; {@link #checkTime} and {@link #endBody} may be called by another.
 *
 * <p>While the image is worked on nobody reads from the connection, so that a client that goes away would not be seen: it is looked for
 * with a read of one byte, which there is only where a client sends its next request before it has the answer to this one. Such a byte
 * cannot be put back, and the connection ends with the answer. A client that ends its side of the connection counts as gone.
 */
final class Exchange {
  /** What clients are told in. */
  static final String JSON = "application/json";
  /** The code of requests whose client went away, as nginx has it; no client sees it. */
  static final int GONE = 499;

  /** What a client has for a body or an answer beside its bytes' time. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final double LEAST_BYTES_PER_SECOND = 8192;
  private static final int PIECE = 1 << 16;

  /** Who is waited for: the client, the server, the client. */
  private enum Phase {
    BODY, WORK, ANSWER
  }

  private final Request request;
  private final Response response;
  private final Callback callback;
  private final BooleanSupplier last;
  private final String taskId = UUID.randomUUID().toString();
  /** When a phase began in which the client is waited for. */
  private volatile long since;
  private volatile Phase phase = Phase.WORK;
  private volatile int code;
  private volatile String outcome = "";
  private boolean gone;

  /**
   * @param last whether this connection is to have no other request after this
   */
  Exchange(Request request, Response response, Callback callback, BooleanSupplier last) {
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.last = last;
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

  private void answering(int status) {
    since = System.nanoTime();
    phase = Phase.ANSWER;
    code = status;
    response.setStatus(status);
    if (last.getAsBoolean()) {
      endConnection();
    }
  }

  private void endConnection() {
    response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
  }

  /** Ends it where its client takes too long to send, or to take the answer. */
  void checkTime() {
    Phase now = phase;
    double due = (System.nanoTime() - since - GRACE_NANOS) / 1e9 * LEAST_BYTES_PER_SECOND;
    if (now == Phase.BODY && Request.getContentBytesRead(request) < due) {
      request.fail(new TimeoutException("the client sends too slowly"));
    } else if (now == Phase.ANSWER && Response.getContentBytesWritten(response) < due) {
      endPoint().close(new TimeoutException("the client takes its answer too slowly"));
    }
  }

  /** Ends it if the client is still sending. */
  void endBody(Throwable why) {
    if (phase == Phase.BODY) {
      request.fail(why);
    }
  }

  /**
   * Reads what the client still sends, and throws it away, before it is answered: else it would be cut off, and not see the answer.
   *
   * @param most bytes; where there are more the connection ends with the answer, likewise where the client waits to be told to send
   */
  void afterBody(long most, Runnable answer) {
    boolean waits = request.getHeaders().contains(HttpHeader.EXPECT) && Request.getContentBytesRead(request) <= 0;
    if (request.getLength() > most || waits) {
      endConnection();
      answer.run();
    } else {
      reading();
      discard(most, answer);
    }
  }

  private void discard(long most, Runnable answer) {
    try {
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
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /** Whether its client went away. To be asked while the server works, by the thread that does, once the body is whole. */
  boolean isGone() {
    if (!gone && endPoint() instanceof SelectableChannelEndPoint selectable) {
      SelectableChannel channel = selectable.getChannel();
      try {
        int read = channel instanceof SocketChannel socket ? socket.read(ByteBuffer.allocate(1)) : 0;
        if (read > 0) {
          endConnection();
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
    outcome = "the client went away";
    endPoint().close();
    answer(GONE, JSON, new byte[0]);
  }

  /** Whether the client would rather have an image itself than JSON. */
  boolean wantsImage() {
    for (String range : accepted()) {
      String type = range.toLowerCase(Locale.ROOT);
      if (type.startsWith("image/")) {
        return true;
      } else if (type.startsWith("application/json") || type.startsWith("application/*") || type.startsWith("*/*")) {
        return false;
      }
    }
    return false;
  }

  private List<String> accepted() {
    try {
      return request.getHeaders().getQualityCSV(HttpHeader.ACCEPT);
    } catch (RuntimeException e) {
      // What Jetty throws of a list that it cannot read.
      return List.of();
    }
  }

  /** A header of the answer. */
  void header(HttpField field) {
    response.getHeaders().put(field);
  }

  /** A whole answer. */
  void answer(int status, String mediaType, byte[] body) {
    answering(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  /** A file as the whole answer, sent piece by piece as the client takes it; it must be there until then. Returns at once. */
  void answer(String mediaType, Path file) throws IOException {
    long length = Files.size(file);
    answering(HttpStatus.OK_200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
    ByteBufferPool pool = request.getComponents().getByteBufferPool();
    Content.copy(Content.Source.from(new ByteBufferPool.Sized(pool, false, PIECE), file), response, callback);
  }

  /** The client has it already. */
  void notModified() {
    answering(HttpStatus.NOT_MODIFIED_304);
    callback.succeeded();
  }

  /** Why there is nothing. */
  void fail(ApiException e) {
    outcome = e.kind() + ": " + e.getMessage();
    e.headers().forEach((header, value) -> response.getHeaders().put(header, value));
    answer(e.code(), JSON, Json.error(taskId, e));
  }

  /** For the log: what came of it. */
  void outcome(String text) {
    outcome = text;
  }

  String outcome() {
    return outcome;
  }

  /** The answer's code; 0 where there was none. */
  int code() {
    return code;
  }

  /** Seconds since its first byte came. */
  double seconds() {
    return (System.nanoTime() - request.getBeginNanoTime()) / 1e9;
  }

  /** Whether the answer has begun: nothing else can be answered then. */
  boolean isAnswered() {
    return response.isCommitted();
  }

  void failed(Throwable e) {
    callback.failed(e);
  }
}
