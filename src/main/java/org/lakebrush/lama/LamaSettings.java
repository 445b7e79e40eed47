package org.lakebrush.lama;

/**
 * How a {@link LamaPool} runs its model. Nothing here bears on what comes out.
 *
 * @param threads cores that the CPU may take, 1 or more
 * @param batch most crops in one run, 1 or more
 */
public record LamaSettings(int threads, int batch) {}
