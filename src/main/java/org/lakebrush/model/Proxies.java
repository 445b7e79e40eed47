package org.lakebrush.model;

import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The way to a web server: Java's own settings ({@code -Dhttps.proxyHost} and the like) where there are any, else the environment
 * variables that other tools read too ({@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code NO_PROXY}; those in lower case come first).
 */
final class Proxies extends ProxySelector {
  private static final int DEFAULT_PORT = 80;

  /** A proxy that a variable names; user and password may be null. */
  private record Named(InetSocketAddress address, String user, String password) {}

  private final Map<String, Named> byScheme;
  private final List<String> direct;

  private Proxies(Map<String, Named> byScheme, List<String> direct) {
    this.byScheme = byScheme;
    this.direct = direct;
  }

  /**
   * Reads the environment.
   *
   * @throws FetchException where a variable names no proxy
   */
  static Proxies of(Map<String, String> environment) throws FetchException {
    Map<String, Named> byScheme = new HashMap<>();
    for (String scheme : List.of("http", "https")) {
      String variable = scheme + "_proxy";
      String value = value(environment, variable);
      if (!value.isEmpty()) {
        byScheme.put(scheme, parse(variable.toUpperCase(Locale.ROOT), value));
      }
    }
    List<String> direct = new ArrayList<>();
    for (String host : value(environment, "no_proxy").split("[,\\s]+")) {
      if (!host.isEmpty()) {
        direct.add(host.toLowerCase(Locale.ROOT));
      }
    }
    return new Proxies(byScheme, direct);
  }

  private static String value(Map<String, String> environment, String variable) {
    String lower = environment.getOrDefault(variable, "").strip();
    return lower.isEmpty() ? environment.getOrDefault(variable.toUpperCase(Locale.ROOT), "").strip() : lower;
  }

  private static Named parse(String variable, String value) throws FetchException {
    URI uri = null;
    try {
      uri = URI.create(value.contains("://") ? value : "http://" + value);
    } catch (IllegalArgumentException e) {
      // Told below, without the password that it may hold.
    }
    if (uri == null || uri.getHost() == null || !uri.getScheme().matches("(?i)https?")) {
      throw new FetchException("the environment variable " + variable + " names no HTTP proxy; write it as http://HOST:PORT or "
          + "http://USER:PASSWORD@HOST:PORT, with %40 for an @ in the password");
    }
    String[] user = uri.getRawUserInfo() == null ? new String[0] : uri.getRawUserInfo().split(":", 2);
    return new Named(InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort()),
        user.length == 0 ? null : decode(user[0]), user.length < 2 ? "" : decode(user[1]));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public List<Proxy> select(URI uri) {
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (System.getProperty(scheme + ".proxyHost") != null || Boolean.getBoolean("java.net.useSystemProxies")) {
      return ProxySelector.getDefault().select(uri);
    }
    Named named = byScheme.get(scheme);
    if (named == null || isDirect(uri)) {
      return List.of(Proxy.NO_PROXY);
    }
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(named.address().getHostString(), named.address().getPort())));
  }

  /** As curl reads NO_PROXY: a host with all below it, with a port or without; a star is every host. */
  private boolean isDirect(URI uri) {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    for (String entry : direct) {
      String name = entry.replaceFirst("^\\*?\\.", "");
      if (entry.equals("*") || isWithin(host, name) || isWithin(host + ":" + uri.getPort(), name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWithin(String host, String domain) {
    return host.equals(domain) || host.endsWith("." + domain);
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The client says so itself.
  }

  /** Gives a proxy, and nobody else, the user and password that its variable holds; nothing where none does. */
  Optional<Authenticator> authenticator() {
    if (byScheme.values().stream().allMatch(n -> n.user() == null)) {
      return Optional.empty();
    }
    return Optional.of(new Authenticator() {
      @Override
      protected PasswordAuthentication getPasswordAuthentication() {
        if (getRequestorType() != RequestorType.PROXY) {
          return null;
        }
        return byScheme.values().stream()
            .filter(n -> n.user() != null && n.address().getHostString().equalsIgnoreCase(getRequestingHost())
                && n.address().getPort() == getRequestingPort())
            .map(n -> new PasswordAuthentication(n.user(), n.password().toCharArray())).findFirst().orElse(null);
      }
    });
  }
}
