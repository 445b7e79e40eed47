package org.lakebrush.sink;

import java.io.Serializable;

/**
 * A file that was written.
 *
 * @param uri full, as Hadoop's {@code Path.toString} gives it
 * @param length in bytes
 * @param sha256 of its bytes, lower-case hex
 */
public record Written(String uri, long length, String sha256) implements Serializable {}
