package org.lakebrush.text;

import java.util.Arrays;

/**
 * A line of text in a picture: a rotated rectangle whose sides are tight around it but for about a sixth of its height.
 *
 * @param x of its centre, in pixels, pixel centres at whole numbers
 * @param y likewise
 * @param length along the line, in pixels
 * @param height across it
 * @param angle from the x axis to the line, clockwise as y points down, in radians
 * @param confidence that it is text, 0..1
 */
record TextLine(double x, double y, double length, double height, double angle, double confidence) {

  TextLine withConfidence(double sure) {
    return new TextLine(x, y, length, height, angle, sure);
  }

  /** The same line in a picture that is larger by a factor and in which this one's first pixel lies at (left, top). */
  TextLine in(double factorX, double factorY, int left, int top) {
    double dx = Math.cos(angle);
    double dy = Math.sin(angle);
    double along = Math.hypot(dx * factorX, dy * factorY);
    double across = Math.hypot(dy * factorX, dx * factorY);
    return new TextLine((x + 0.5) * factorX - 0.5 + left, (y + 0.5) * factorY - 0.5 + top, length * along, height * across,
        Math.atan2(dy * factorY, dx * factorX), confidence);
  }

  /** The same line read the other way up or, at a quarter, along its other side. */
  TextLine turned(double by) {
    boolean quarter = Math.abs(Math.sin(by)) > 0.5;
    return new TextLine(x, y, quarter ? height : length, quarter ? length : height, angle + by, confidence);
  }

  /** Whether a point lies in it. */
  boolean contains(double px, double py) {
    double dx = px - x;
    double dy = py - y;
    return Math.abs(dx * Math.cos(angle) + dy * Math.sin(angle)) <= length / 2
        && Math.abs(-dx * Math.sin(angle) + dy * Math.cos(angle)) <= height / 2;
  }

  /** Whether it goes on where another one ends, as the next word of a line does. */
  boolean continues(TextLine other) {
    double dx = x - other.x;
    double dy = y - other.y;
    double along = Math.abs(dx * Math.cos(other.angle) + dy * Math.sin(other.angle));
    double across = Math.abs(-dx * Math.sin(other.angle) + dy * Math.cos(other.angle));
    double higher = Math.max(height, other.height);
    double gap = along - (length + other.length) / 2;
    return higher < 1.6 * Math.min(height, other.height) && across < higher / 2 && gap < 1.5 * higher;
  }

  /** Whether most of it lies in another one: of 5 by 3 points all over it, at least 10. */
  boolean isMostlyIn(TextLine other) {
    long in = Arrays.stream(new double[] {-0.4, -0.2, 0, 0.2, 0.4}).mapToLong(u -> Arrays.stream(new double[] {-0.3, 0, 0.3})
        .filter(v -> other.contains(x + u * length * Math.cos(angle) - v * height * Math.sin(angle),
            y + u * length * Math.sin(angle) + v * height * Math.cos(angle))).count()).sum();
    return in >= 10;
  }
}
