package org.lakebrush.serve;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.lakebrush.job.UsageException;
import org.lakebrush.serve.ApiException.Kind;

/**
 * Who may ask: with a token, whoever has it; without one, who is on this machine, but no page of another site that a browser on this
 * machine shows (a form that posts across sites, or a name that was made to point here, "DNS rebinding"). Safe for any number of threads.
 */
final class Guard {
  private static final String BEARER = "bearer ";
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final byte[] token;
  private final String host;

  private Guard(byte[] token, String host) {
    this.token = token;
    this.host = host;
  }

  /**
   * As a server's settings want it.
   *
   * @throws UsageException where an address that others can reach has no token, or there is no such address
   */
  static Guard of(ServeSettings settings) throws UsageException {
    try {
      if (settings.host().isBlank()) {
        throw new UnknownHostException("no name");
      }
      if (settings.token() == null && !InetAddress.getByName(settings.host()).isLoopbackAddress()) {
        throw new UsageException("--host " + settings.host() + ": other machines can reach it, and there is no token: put one into a file"
            + " of mode 600 and give --token-file FILE, or into the variable LAKEBRUSH_TOKEN; requests then bring it as Authorization:"
            + " Bearer TOKEN");
      }
    } catch (UnknownHostException e) {
      throw new UsageException("--host " + settings.host() + ": no such host; give an address of this machine, such as 127.0.0.1", e);
    }
    return new Guard(settings.token() == null ? null : settings.token().getBytes(StandardCharsets.UTF_8),
        settings.host().toLowerCase(Locale.ROOT));
  }

  /**
   * Lets a request through.
   *
   * @param open whether it may come without the token
   * @throws ApiException UNAUTHORIZED or FORBIDDEN
   */
  void check(Request request, boolean open) throws ApiException {
    if (token == null) {
      checkHost(request);
      checkOrigin(request);
    } else if (!open) {
      checkToken(request.getHeaders().get(HttpHeader.AUTHORIZATION));
    }
  }

  private void checkToken(String authorization) throws ApiException {
    boolean given = authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER);
    // Takes as long wherever the two differ.
    if (!given || !MessageDigest.isEqual(token, authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8))) {
      throw new ApiException(Kind.UNAUTHORIZED, given ? "the token is not this server's" : "this server wants its token: send the header"
          + " Authorization: Bearer TOKEN", Map.of(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"lakebrush\""));
    }
  }

  private void checkHost(Request request) throws ApiException {
    String name = Request.getServerName(request);
    String asked = name == null ? "" : name.toLowerCase(Locale.ROOT);
    if (!LOOPBACK.contains(asked) && !asked.equals(host)) {
      throw new ApiException(Kind.FORBIDDEN, "the request is for the host '" + asked + "', and this server without a token answers for this"
          + " machine alone: ask for localhost, or have it started with a token");
    }
  }

  private static void checkOrigin(Request request) throws ApiException {
    String origin = request.getHeaders().get(HttpHeader.ORIGIN);
    if (origin != null && !isOwn(origin, request)) {
      throw new ApiException(Kind.FORBIDDEN, "a page of " + origin + " asks, and only this server's own page may: call the API from a"
          + " program, or have the server started with a token");
    }
  }

  private static boolean isOwn(String origin, Request request) {
    try {
      URI uri = new URI(origin);
      int port = uri.getPort() < 0 ? 80 : uri.getPort();
      return "http".equals(uri.getScheme()) && Request.getServerName(request).equalsIgnoreCase(uri.getHost())
          && Request.getServerPort(request) == port;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
