package org.lakebrush.model;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** A model on a web server. */
final class HttpSource implements ModelSource {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration ANSWER = Duration.ofMinutes(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  private final URI uri;
  private final Duration stall;
  private final HttpClient client;
  /** What the server called the file that it gave the beginning of, or null. */
  private String version;
  private boolean answered;

  /**
   * @param environment where the proxy variables are looked up
   * @param stall the longest time without a byte of what was asked for
   * @throws FetchException where a proxy variable names no proxy
   */
  HttpSource(URI uri, Map<String, String> environment, Duration stall) throws FetchException {
    this.uri = uri;
    this.stall = stall;
    // Java keeps Basic authentication from proxies of HTTPS unless told otherwise, and most that ask want just that.
    if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
      System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
    }
    Proxies proxies = Proxies.of(environment);
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NORMAL)
        .connectTimeout(CONNECT).proxy(proxies);
    // With an authenticator that knows nothing, the client hides the answer 401 or 407 behind an exception of its own.
    proxies.authenticator().ifPresent(builder::authenticator);
    this.client = builder.build();
  }

  @Override
  public Body open(long offset) throws FetchException, IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER).header("User-Agent", "lakebrush");
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
      if (version != null) {
        request.header("If-Range", version);
      }
    }
    HttpResponse<InputStream> response = send(request.build());
    answered = true;
    // A proxy's refusal to lead to an HTTPS server has none.
    InputStream in = response.body() == null ? InputStream.nullInputStream() : new StallGuard(response.body(), stall);
    try {
      Body body = body(response, in, offset);
      version = version(response);
      return body;
    } catch (IOException | FetchException e) {
      in.close();
      throw e;
    }
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws FetchException, IOException, InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (SSLException e) {
      throw FetchException.unreachable("no trusted connection to " + uri.getHost() + ": " + e.getMessage() + "; where a proxy or mirror has "
          + "a certificate of your own company, give Java its root: LAKEBRUSH_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE", e);
    } catch (IOException e) {
      // Who never answered will hardly do so a second later, and a proxy that was given a wrong password may lock the user out.
      if (!answered) {
        throw FetchException.unreachable("cannot reach " + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()) + ": "
            + why(e), e);
      }
      throw e;
    }
  }

  private static String why(IOException e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException) {
        return "no such host is known here";
      }
    }
    return e.getMessage() == null ? "no connection" : e.getMessage();
  }

  private Body body(HttpResponse<InputStream> response, InputStream in, long offset) throws FetchException, IOException {
    int status = response.statusCode();
    if (status == 200) {
      return new Body(in, 0, response.headers().firstValueAsLong("Content-Length").orElse(-1));
    }
    if (status == 206) {
      Matcher range = CONTENT_RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
      if (range.matches() && Long.parseLong(range.group(1)) == offset) {
        return new Body(in, offset, range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2)));
      }
      throw new FetchException(uri + " answers with another part of the file than was asked for");
    }
    if (status == 408 || status == 425 || status == 429 || status >= 500) {
      throw new BusyException("HTTP " + status + " from " + response.uri().getHost(), retryAfter(response));
    }
    String message = "HTTP " + status + " for " + uri + switch (status) {
      case 301, 302, 303, 307, 308 -> ": it leads from HTTPS to HTTP, which is not followed";
      case 401, 403 -> ": the server wants credentials, or does not let this machine in";
      case 404, 410 -> ": it is not there; check the address";
      case 407 -> ": the proxy wants a user and a password, as in HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT";
      case 416 -> ": the file there is shorter than what has been fetched of it";
      default -> "";
    };
    throw status == 401 || status == 403 || status == 407 ? FetchException.unreachable(message, null) : new FetchException(message);
  }

  private static Duration retryAfter(HttpResponse<?> response) {
    String seconds = response.headers().firstValue("Retry-After").orElse("");
    Duration wait = seconds.matches("[0-9]{1,6}") ? Duration.ofSeconds(Long.parseLong(seconds)) : Duration.ZERO;
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /** Of a weak tag HTTP forbids to ask for the rest of the same. */
  private static String version(HttpResponse<?> response) {
    Optional<String> tag = response.headers().firstValue("ETag").filter(t -> !t.startsWith("W/"));
    return tag.or(() -> response.headers().firstValue("Last-Modified")).orElse(null);
  }
}
