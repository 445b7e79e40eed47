package org.lakebrush.report;

import org.lakebrush.image.Thumbnail;

/**
 * What is shown of an image, or of a part of it.
 *
 * @param before null where it could not be read
 * @param after of the same size, or null where nothing came out
 * @param outline of the same size, or null where there was no hole
 */
public record Views(Thumbnail before, Thumbnail after, Outline outline) {}
