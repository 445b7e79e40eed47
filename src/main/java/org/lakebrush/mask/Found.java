package org.lakebrush.mask;

import java.io.Serializable;

/**
 * What one search found in an image.
 *
 * @param kind the word of the mask kind or stage that searched
 * @param count how many things it found, 1 or more
 * @param confidence 0..1, of the one that it is least sure of
 */
public record Found(String kind, int count, double confidence) implements Serializable {}
