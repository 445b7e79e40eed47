package org.lakebrush.serve;

import org.lakebrush.job.JobSpec;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.InpaintSettings;

/**
 * How a server serves.
 *
 * @param host the address to bind to, a name or a number
 * @param port to bind to, 0 for any that is free
 * @param token that every request but those for the page and the health must bring; null for none, which only a loopback address may have
 * @param queue most requests that are worked on or wait at once, 1 or more
 * @param maxUpload most bytes of a request's body
 * @param inpaint the model and how it runs; requests may neither ask for another model nor for larger crops
 * @param limits that no request may exceed: pixels, and seconds of work on an image
 * @param device where the model runs
 */
public record ServeSettings(String host, int port, String token, int queue, long maxUpload, InpaintSettings inpaint,
    JobSpec.Limits limits, Device device) {

  public ServeSettings {
    // As in an address of the web; it is the number that is bound to.
    host = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** Without the token, which no log may show. */
  @Override
  public String toString() {
    return host + ":" + port + (token == null ? "" : " with a token");
  }
}
