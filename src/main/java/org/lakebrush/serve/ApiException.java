package org.lakebrush.serve;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.source.Causes;

/** Why a request is not done as it asks: the answer's code, its {@code error_kind} and its message, which is the client's to read. */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1;

  /** The {@code error_kind}s of requests; those of images are {@link ErrorKind}'s. */
  enum Kind {
    /** The request is not one that the API knows. */
    BAD_REQUEST(HttpStatus.BAD_REQUEST_400),
    /** There is no such place. */
    NOT_FOUND(HttpStatus.NOT_FOUND_404),
    METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED_405),
    /** The body is no multipart/form-data. */
    BAD_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE_415),
    /** What is to be repaired is not said in a way that a job could say it. */
    BAD_JOB(HttpStatus.UNPROCESSABLE_ENTITY_422),
    /** The body has more bytes than the server takes. */
    TOO_LARGE(HttpStatus.PAYLOAD_TOO_LARGE_413),
    /** The body came too slowly. */
    TOO_SLOW_CLIENT(HttpStatus.REQUEST_TIMEOUT_408),
    /** The token is missing, or another one. */
    UNAUTHORIZED(HttpStatus.UNAUTHORIZED_401),
    /** A page of another site asks. */
    FORBIDDEN(HttpStatus.FORBIDDEN_403),
    /** As many requests are in hand as the server takes. */
    BUSY(HttpStatus.TOO_MANY_REQUESTS_429),
    /** The server ends. */
    STOPPING(HttpStatus.SERVICE_UNAVAILABLE_503);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  /** Of a message, in characters: a job of a megabyte can have as much wrong with it. */
  private static final int LONGEST = 4000;
  private static final int FRAMES = 5;

  private final int code;
  private final String kind;
  private final Map<HttpHeader, String> headers;

  private ApiException(int code, String kind, String message, Map<HttpHeader, String> headers, Throwable cause) {
    super(shortened(message), cause);
    this.code = code;
    this.kind = kind;
    this.headers = headers;
  }

  ApiException(Kind kind, String message) {
    this(kind, message, Map.of());
  }

  /**
   * With headers of the answer.
   */
  ApiException(Kind kind, String message, Map<HttpHeader, String> headers) {
    this(kind.code(), kind.name(), message, headers, null);
  }

  private static String shortened(String message) {
    return message.length() <= LONGEST ? message
        : message.substring(0, LONGEST) + " ... and " + (message.length() - LONGEST) + " characters more";
  }

  /** What became of an image. */
  static ApiException of(ImageFailure failure) {
    return of(failure, failure.getMessage());
  }

  /** Likewise, in other words. */
  static ApiException of(ImageFailure failure, String message) {
    if (failure.kind() == ErrorKind.INTERNAL && failure.getCause() instanceof RuntimeException defect) {
      return internal(defect);
    }
    return new ApiException(code(failure.kind()), failure.kind().name(), message, Map.of(), failure);
  }

  /** What the server cannot keep on its disk. */
  static ApiException disk(IOException cause) {
    return new ApiException(HttpStatus.INTERNAL_SERVER_ERROR_500, ErrorKind.INTERNAL.name(), "the server cannot keep files in its folder"
        + " for temporary ones (" + Causes.inOneLine(cause) + "): ask again later, and whoever runs it for more room there",
        Map.of(), cause);
  }

  /** What nobody foresaw: the log has more. */
  static ApiException internal(Throwable cause) {
    return new ApiException(HttpStatus.INTERNAL_SERVER_ERROR_500, ErrorKind.INTERNAL.name(),
        "a defect of Lakebrush, please report it with the request; the server's log has more under this task_id", Map.of(), cause);
  }

  /**
   * What Jetty refuses by itself.
   *
   * @param reason null where it says nothing beside the code
   */
  static ApiException ofJetty(int code, String reason, Throwable cause) {
    String message = reason == null ? HttpStatus.getMessage(code) : reason;
    for (Kind kind : Kind.values()) {
      if (kind.code() == code) {
        return new ApiException(code, kind.name(), message, Map.of(), cause);
      }
    }
    // 501 and 505 are of requests in a form of HTTP that is not spoken here.
    return code == HttpStatus.INTERNAL_SERVER_ERROR_500 ? internal(cause)
        : new ApiException(code, Kind.BAD_REQUEST.name(), message, Map.of(), cause);
  }

  private static int code(ErrorKind kind) {
    return switch (kind) {
      case TOO_LARGE -> HttpStatus.PAYLOAD_TOO_LARGE_413;
      case NOT_AN_IMAGE, UNSUPPORTED, MULTIPLE_FRAMES -> HttpStatus.UNSUPPORTED_MEDIA_TYPE_415;
      case EMPTY_FILE, TRUNCATED, CORRUPT, TOO_SLOW, MASK_MISSING, MASK_UNREADABLE, MASK_ASPECT -> HttpStatus.UNPROCESSABLE_ENTITY_422;
      case MODEL, ENCODE, INTERNAL, VANISHED, CHANGED, UNREADABLE, REFUSED, WRITE, UNAVAILABLE, CRASHED ->
          HttpStatus.INTERNAL_SERVER_ERROR_500;
    };
  }

  /** Whether it is not for the client to mend. */
  boolean isDefect() {
    return code == HttpStatus.INTERNAL_SERVER_ERROR_500;
  }

  /** For the log: what is behind it, and where; empty where nothing is. */
  String behind() {
    Throwable cause = getCause();
    if (cause instanceof ImageFailure && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause == null ? "" : " (" + Causes.inOneLine(cause) + Arrays.stream(cause.getStackTrace()).limit(FRAMES)
        .map(frame -> " at " + frame).collect(Collectors.joining()) + ")";
  }

  int code() {
    return code;
  }

  String kind() {
    return kind;
  }

  /** Headers of the answer beside those that each has. */
  Map<HttpHeader, String> headers() {
    return headers;
  }
}
