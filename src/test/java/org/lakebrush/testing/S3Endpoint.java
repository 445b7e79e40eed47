package org.lakebrush.testing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A real S3 endpoint in this JVM, with keys that it checks, behind a relay that notes each HTTP request as it passes, byte for byte.
 */
public final class S3Endpoint implements AutoCloseable {
  private static final String ACCESS_KEY = "lakebrush-test";
  /** The server's own objects, which no client sees. */
  private static final String OWN_PREFIX = ".s3proxy-";
  private static final String SECRET_KEY = "only-for-tests";

  private final BlobStore store = new TransientNio2BlobStore();
  private final S3Proxy server;
  private final ServerSocket relay;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, AtomicInteger> denied = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private final String accessKey;
  private final String secretKey;

  private S3Endpoint(String accessKey, String secretKey) throws Exception {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    server = S3Proxy.builder().blobStore(store).endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey).build();
    server.start();
    relay = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  public static S3Endpoint start() throws Exception {
    return start(ACCESS_KEY, SECRET_KEY);
  }

  /** With keys of the caller's. */
  public static S3Endpoint start(String accessKey, String secretKey) throws Exception {
    return new S3Endpoint(accessKey, secretKey);
  }

  /** The usual Hadoop keys of a client, credentials included. */
  public Map<String, String> options() {
    return Map.of(
        "fs.s3a.endpoint", "http://127.0.0.1:" + relay.getLocalPort(),
        "fs.s3a.endpoint.region", "us-east-1",
        "fs.s3a.path.style.access", "true",
        "fs.s3a.connection.ssl.enabled", "false",
        "fs.s3a.access.key", accessKey,
        "fs.s3a.secret.key", secretKey,
        "fs.s3a.attempts.maximum", "2",
        "fs.s3a.retry.limit", "2");
  }

  /** Sets {@link #options}. */
  public Configuration configure(Configuration conf) {
    options().forEach(conf::set);
    return conf;
  }

  public void createBucket(String bucket) {
    store.createContainer(bucket);
  }

  /** Puts an object without a request. */
  public void put(String bucket, String key, byte[] bytes) {
    store.putBlob(PutObjectRequest.builder().bucket(bucket).key(key).contentLength((long) bytes.length).build(),
        new ByteArrayInputStream(bytes));
  }

  /** Reads an object without a request. */
  public byte[] get(String bucket, String key) throws IOException {
    try (InputStream in = store.getBlob(GetObjectRequest.builder().bucket(bucket).key(key).build())) {
      return in.readAllBytes();
    }
  }

  /** The keys of a bucket, without a request: at most 1000. */
  public List<String> keys(String bucket) {
    return store.list(ListObjectsV2Request.builder().bucket(bucket).build()).contents().stream().map(S3Object::key)
        .filter(k -> !k.startsWith(OWN_PREFIX)).sorted().toList();
  }

  public void delete(String bucket, String key) {
    store.removeBlob(bucket, key);
  }

  /** From now on, requests for this object, but DELETE, are answered with 403. */
  public void deny(String bucket, String key) {
    deny(bucket, key, 0);
  }

  /**
   * As {@link #deny(String, String)}, but the first requests go through.
   *
   * @param allowed how many
   */
  public void deny(String bucket, String key, int allowed) {
    denied.put(bucket + "/" + key, new AtomicInteger(allowed));
  }

  /** Takes back {@link #deny(String, String)}. */
  public void allow(String bucket, String key) {
    denied.remove(bucket + "/" + key);
  }

  /** Multipart uploads of a bucket that were begun and neither completed nor aborted. */
  public int openUploads(String bucket) {
    return store.listMultipartUploads(bucket).size();
  }

  /**
   * The requests since the last {@link #forget}, in order: method, bucket and key, and the query where there is one, for example
   * {@code GET lake/a b.jpg} or {@code GET lake/ ?list-type=2&...}.
   */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** How often each method was asked for an object. */
  public Map<String, Long> count(String bucket, String key) {
    Map<String, Long> counts = new TreeMap<>();
    for (String request : requests) {
      String[] words = request.split(" ", 2);
      if (words[1].equals(bucket + "/" + key)) {
        counts.merge(words[0], 1L, Long::sum);
      }
    }
    return counts;
  }

  /** Forgets the requests so far. */
  public void forget() {
    requests.clear();
  }

  private static void daemon(Work work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (IOException e) {
        // The other side went: so does this.
      }
    }, "s3-relay");
    thread.setDaemon(true);
    thread.start();
  }

  private interface Work {
    void run() throws IOException;
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = relay.accept();
      Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
      sockets.add(client);
      sockets.add(upstream);
      daemon(() -> closing(client, upstream, () -> upstream.getInputStream().transferTo(client.getOutputStream())));
      daemon(() -> closing(client, upstream, () -> relayRequests(client, upstream.getOutputStream())));
    }
  }

  private void closing(Socket client, Socket upstream, Work work) throws IOException {
    try (client; upstream) {
      work.run();
    } finally {
      sockets.remove(client);
      sockets.remove(upstream);
    }
  }

  private void relayRequests(Socket client, OutputStream out) throws IOException {
    InputStream in = client.getInputStream();
    for (byte[] head = head(in); head != null; head = head(in)) {
      String text = new String(head, StandardCharsets.ISO_8859_1);
      String[] words = text.substring(0, text.indexOf('\r')).split(" ");
      String[] target = words[1].split("\\?", 2);
      String object = URLDecoder.decode(target[0].replace("+", "%2B"), StandardCharsets.UTF_8).substring(1);
      boolean isObject = target.length == 1 || target[1].startsWith("x-id=");
      requests.add(words[0] + " " + object + (isObject ? "" : " ?" + target[1]));
      AtomicInteger allowed = denied.get(object);
      if (allowed != null && !words[0].equals("DELETE") && allowed.getAndDecrement() <= 0) {
        client.getOutputStream().write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".getBytes(
            StandardCharsets.ISO_8859_1));
        return;
      }
      out.write(head);
      if (header(text, "transfer-encoding") != null) {
        throw new IOException("chunked requests are not relayed");
      }
      String length = header(text, "content-length");
      long left = length == null ? 0 : Long.parseLong(length);
      byte[] buffer = new byte[8192];
      out.flush();
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (n < 0) {
          return;
        }
        out.write(buffer, 0, n);
        left -= n;
      }
      out.flush();
    }
  }

  private static String header(String head, String name) {
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
        return line.substring(name.length() + 1).strip();
      }
    }
    return null;
  }

  /** A request's head with the empty line that ends it, or null where there is no other request. */
  private static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int end = 0;
    while (end < 4) {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      head.write(b);
      end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
    }
    return head.toByteArray();
  }

  @Override
  public void close() throws Exception {
    relay.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    server.stop();
  }
}
