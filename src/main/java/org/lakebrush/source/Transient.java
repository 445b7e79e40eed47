package org.lakebrush.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Set;
import org.apache.hadoop.fs.s3a.AWSApiCallTimeoutException;
import org.apache.hadoop.fs.s3a.AWSServiceIOException;
import org.apache.hadoop.fs.s3a.HttpChannelEOFException;
import org.apache.hadoop.hdfs.BlockMissingException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.RetriableException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.net.ConnectTimeoutException;

/** Which failures of a store may be over in a moment: it is busy, restarts, or the network lost a connection. */
public final class Transient {
  /** S3's words for what it asks to be tried again, under a status that else means no such thing. */
  private static final Set<String> S3_CODES = Set.of("RequestTimeout", "OperationAborted", "ConditionalRequestConflict");
  /** Exceptions of the name node, as they come over the wire. */
  private static final Set<String> HDFS_CLASSES = Set.of(
      "org.apache.hadoop.hdfs.server.namenode.SafeModeException",
      "org.apache.hadoop.hdfs.server.namenode.NotReplicatedYetException",
      StandbyException.class.getName(), RetriableException.class.getName());
  /** Bodies and answers that broke off; Amazon's bundle has these classes in a package of its own. */
  private static final Set<String> HTTP_CLASSES = Set.of("org.apache.http.ConnectionClosedException",
      "org.apache.http.NoHttpResponseException", "org.apache.http.MalformedChunkCodingException");

  /** Fewer bytes came than the store says there are. */
  static final class CutException extends IOException {
    private static final long serialVersionUID = 1;

    CutException(String message) {
      super(message);
    }
  }

  private Transient() {}

  /** Whether it is worth trying again; never where a thread was interrupted. */
  public static boolean is(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e instanceof ClosedByInterruptException || e instanceof InterruptedException || isInterruption(e)) {
        return false;
      }
    }
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (isListed(e)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInterruption(Throwable e) {
    return e instanceof InterruptedIOException && !isTimeout(e);
  }

  /** Timeouts are interruptions by their type. */
  private static boolean isTimeout(Throwable e) {
    return e instanceof SocketTimeoutException || e instanceof ConnectTimeoutException || e instanceof AWSApiCallTimeoutException
        || isNamed(e, Set.of("org.apache.http.conn.ConnectTimeoutException"));
  }

  private static boolean isListed(Throwable e) {
    if (e instanceof AWSServiceIOException service) {
      return isBusy(service.statusCode()) || service.awsErrorDetails() != null && S3_CODES.contains(service.awsErrorDetails().errorCode());
    }
    if (e instanceof RemoteException remote) {
      return HDFS_CLASSES.contains(remote.getClassName());
    }
    return isTimeout(e) || e instanceof SocketException || e instanceof UnknownHostException || e instanceof HttpChannelEOFException
        || e instanceof CutException || e instanceof BlockMissingException || e instanceof StandbyException
        || e instanceof RetriableException || e.getClass() == EOFException.class || isNamed(e, HDFS_CLASSES) || isNamed(e, HTTP_CLASSES);
  }

  /** 443 and 444 are what S3A knows for no answer; 501 is a request that the store does not know. */
  private static boolean isBusy(int status) {
    return status == 408 || status == 429 || status == 443 || status == 444 || status >= 500 && status != 501;
  }

  private static boolean isNamed(Throwable e, Set<String> names) {
    for (Class<?> c = e.getClass(); c != null; c = c.getSuperclass()) {
      String name = c.getName();
      if (names.stream().anyMatch(n -> name.equals(n) || name.endsWith("." + n))) {
        return true;
      }
    }
    return false;
  }
}
