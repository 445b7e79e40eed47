package org.lakebrush.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
 * A real S3 endpoint in this JVM, with keys that it checks, behind a relay that notes each HTTP request as it passes and gives faults.
 */
public final class S3Endpoint implements AutoCloseable {
  private static final String ACCESS_KEY = "lakebrush-test";
  /** The server's own objects, which no client sees. */
  private static final String OWN_PREFIX = ".s3proxy-";
  private static final String SECRET_KEY = "only-for-tests";

  private final BlobStore store = new TransientNio2BlobStore();
  private final S3Proxy server;
  private final FaultRelay relay;

  private final String accessKey;
  private final String secretKey;

  private S3Endpoint(String accessKey, String secretKey) throws Exception {
    this.accessKey = accessKey;
    this.secretKey = secretKey;
    server = S3Proxy.builder().blobStore(store).endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, accessKey, secretKey).build();
    server.start();
    relay = new FaultRelay(server.getPort());
  }

  public static S3Endpoint start() throws Exception {
    return start(ACCESS_KEY, SECRET_KEY);
  }

  /** With keys of the caller's. */
  public static S3Endpoint start(String accessKey, String secretKey) throws Exception {
    return new S3Endpoint(accessKey, secretKey);
  }

  /** The usual Hadoop keys of a client, credentials included; it gives up soon. */
  public Map<String, String> options() {
    Map<String, String> options = new TreeMap<>(clientOptions());
    options.put("fs.s3a.attempts.maximum", "2");
    options.put("fs.s3a.retry.limit", "2");
    return options;
  }

  /** The same, but the client gives up when users' do. */
  public Map<String, String> clientOptions() {
    return Map.of(
        "fs.s3a.endpoint", "http://127.0.0.1:" + relay.port(),
        "fs.s3a.endpoint.region", "us-east-1",
        "fs.s3a.path.style.access", "true",
        "fs.s3a.connection.ssl.enabled", "false",
        "fs.s3a.access.key", accessKey,
        "fs.s3a.secret.key", secretKey);
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
    relay.denied().put(bucket + "/" + key, new AtomicInteger(allowed));
  }

  /** Takes back {@link #deny(String, String)}. */
  public void allow(String bucket, String key) {
    relay.denied().remove(bucket + "/" + key);
  }

  /**
   * From now on, some requests meet a fault, drawn from a random sequence.
   *
   * @param share503 of requests, 0 to 1, that are answered with 503
   * @param shareCut of answers with a body, 0 to 1, that break off half way
   * @param shareDelayed of requests, 0 to 1, that are answered late
   * @param delay by how much
   */
  public void faults(long seed, double share503, double shareCut, double shareDelayed, Duration delay) {
    relay.faults(seed, share503, shareCut, shareDelayed, delay);
  }

  /** Takes back {@link #faults}. */
  public void noFaults() {
    relay.noFaults();
  }

  /**
   * From now on, requests for what begins like this are answered with 503, as many as are said.
   *
   * @param prefix a bucket, or a bucket and how a key begins
   */
  public void refuse(String prefix, int requests, String... methods) {
    relay.refuse(prefix, requests, Set.of(methods));
  }

  /** Takes back {@link #refuse}. */
  public void accept(String prefix) {
    relay.accept(prefix);
  }

  /** Requests that were answered with 503 so far. */
  public int refusals() {
    return relay.refusals();
  }

  /** Answers that broke off half way so far. */
  public int cuts() {
    return relay.cuts();
  }

  /** Requests that were answered late so far. */
  public int delays() {
    return relay.delays();
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
    return List.copyOf(relay.requests());
  }

  /** How often each method was asked for an object. */
  public Map<String, Long> count(String bucket, String key) {
    Map<String, Long> counts = new TreeMap<>();
    for (String request : relay.requests()) {
      String[] words = request.split(" ", 2);
      if (words[1].equals(bucket + "/" + key)) {
        counts.merge(words[0], 1L, Long::sum);
      }
    }
    return counts;
  }

  /** Forgets the requests so far. */
  public void forget() {
    relay.requests().clear();
  }

  @Override
  public void close() throws Exception {
    relay.close();
    server.stop();
  }
}
