package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hadoop.fs.s3a.AWSBadRequestException;
import org.apache.hadoop.fs.s3a.AWSServiceIOException;
import org.apache.hadoop.fs.s3a.AWSServiceThrottledException;
import org.apache.hadoop.fs.s3a.AWSStatus500Exception;
import org.apache.hadoop.fs.s3a.UnknownStoreException;
import org.apache.hadoop.hdfs.protocol.DSQuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.net.ConnectTimeoutException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class RetriesTest {
  private final AtomicInteger tries = new AtomicInteger();

  /** Fails so often, then gives its result. */
  private Retries.Work<String> failing(int times, IOException failure) {
    return () -> {
      if (tries.incrementAndGet() <= times) {
        throw failure;
      }
      return "done";
    };
  }

  private static AwsServiceException answer(int status, String code) {
    return S3Exception.builder().statusCode(status).awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build()).build();
  }

  @Test
  void whatIsOverInAMomentIsTriedAgainAndCounted() throws Exception {
    int before = Retries.ofThread();
    assertEquals("done", Retries.of(60).call(failing(4, new SocketException("Connection reset"))));
    assertEquals(5, tries.get());
    assertEquals(4, Retries.ofThread() - before);
  }

  @Test
  void whatOutlastsTheTimeIsUnavailable() {
    UnavailableException e = assertThrows(UnavailableException.class,
        () -> Retries.of(1).call(failing(Integer.MAX_VALUE, new ConnectException("Connection refused"))));
    assertTrue(tries.get() > 2, tries + " tries");
    String retries = (tries.get() - 1) + " retries (retry.seconds)";
    assertTrue(e.getMessage().contains("in 1 s") && e.getMessage().contains(retries) && e.getMessage().contains("Connection refused"),
        e.getMessage());
  }

  @Test
  void whatStaysIsNotTriedAgain() {
    IOException failure = new FileNotFoundException("gone");
    assertSame(failure, assertThrows(IOException.class, () -> Retries.of(60).call(failing(1, failure))));
    assertEquals(1, tries.get());
  }

  @Test
  void itEndsWithItsCondition() {
    IOException failure = new SocketException("Broken pipe");
    assertSame(failure, assertThrows(IOException.class,
        () -> Retries.of(60).whilst(() -> tries.get() < 3).call(failing(Integer.MAX_VALUE, failure))));
    assertEquals(3, tries.get());
  }

  @Test
  void whoWaitsCanBeInterrupted() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    Thread thread = new Thread(() -> {
      try {
        Retries.of(86_400).call(failing(Integer.MAX_VALUE, new SocketException("Connection reset")));
      } catch (InterruptedIOException e) {
        ended.set(Thread.currentThread().isInterrupted() ? 1 : 2);
      } catch (IOException e) {
        ended.set(3);
      }
    });
    thread.start();
    // The waits are long by then.
    while (tries.get() < 4) {
      Thread.sleep(10);
    }
    thread.interrupt();
    thread.join(60_000);
    assertFalse(thread.isAlive());
    assertTrue(ended.get() == 1 || ended.get() == 3, "interrupted while waiting, and still marked so, or while at work: " + ended);
  }

  static Stream<IOException> transientOnes() {
    return Stream.of(new AWSServiceThrottledException("PUT", answer(503, "SlowDown")),
        new AWSStatus500Exception("GET", answer(500, "InternalError")),
        new AWSServiceThrottledException("GET", answer(429, null)), new AWSBadRequestException("PUT", answer(400, "RequestTimeout")),
        new AWSServiceIOException("PUT", answer(504, null)),
        new ConnectException("Connection refused"), new SocketTimeoutException("Read timed out"),
        new ConnectTimeoutException("20 s"), new SocketException("Connection reset"), new StandbyException("standby"),
        new RemoteException("org.apache.hadoop.hdfs.server.namenode.SafeModeException", "Name node is in safe mode"),
        new org.apache.http.ConnectionClosedException("Premature end of Content-Length delimited message body"),
        new org.apache.http.NoHttpResponseException("no answer"), new IOException("wrapped", new ConnectException("Connection refused")));
  }

  @ParameterizedTest
  @MethodSource("transientOnes")
  void transientFailures(IOException e) {
    assertTrue(Transient.is(e), e.toString());
  }

  static Stream<IOException> lastingOnes() {
    return Stream.of(new AWSBadRequestException("PUT", answer(400, "InvalidArgument")),
        new AWSServiceIOException("PUT", answer(501, "NotImplemented")),
        new AccessDeniedException("s3a://b/a"), new FileNotFoundException("a"), new UnknownStoreException("s3a://b", "no bucket"),
        new AccessControlException("denied"), new DSQuotaExceededException("quota"), new IOException("No space left on device"),
        new RemoteException("java.io.IOException", "could only be written to 0 of the 1 minReplication nodes"),
        new InterruptedIOException("interrupted"), new IOException(new InterruptedException()));
  }

  @ParameterizedTest
  @MethodSource("lastingOnes")
  void failuresThatStay(IOException e) {
    assertFalse(Transient.is(e), e.toString());
  }
}
