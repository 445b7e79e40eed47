package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * How many others of its kind a ridge has near it: parallel, of the same polarity and about its contrast, not much shorter, and beside it.
 * The lines of a fence, a wall or a ruled page have many, a scratch has few. Immutable.
 */
final class RidgePeers {
  /** Of half a turn. */
  private static final int SECTORS = 30;
  /** Parallel are two ridges whose directions differ by no more. */
  private static final double PARALLEL = Math.PI / SECTORS;
  /** Of the ridge's own, likewise the contrast's largest factor either way. */
  private static final double LEAST_LENGTH = 0.4;
  private static final double MOST_CONTRAST = 2;
  /** In lengths of the ridge. */
  private static final double FARTHEST = 4;
  /** Pixels: what lies nearer to a ridge's own line goes on with it. */
  private static final double BESIDE = 6;

  /** By direction: those that may be peers. */
  private final List<List<Ridge>> sectors = new ArrayList<>();

  RidgePeers(List<Ridge> ridges) {
    for (int i = 0; i < SECTORS; i++) {
      sectors.add(new ArrayList<>());
    }
    for (Ridge ridge : ridges) {
      sectors.get(sector(ridge)).add(ridge);
    }
  }

  private static int sector(Ridge ridge) {
    return (int) (ridge.direction() / PARALLEL) % SECTORS;
  }

  /** Up to {@code most} of them. */
  int count(Ridge ridge, int most) {
    int n = 0;
    for (int turn = SECTORS - 1; turn <= SECTORS + 1; turn++) {
      for (Ridge other : sectors.get((sector(ridge) + turn) % SECTORS)) {
        if (other != ridge && alike(ridge, other) && beside(ridge, other) && ++n == most) {
          return n;
        }
      }
    }
    return n;
  }

  private static boolean alike(Ridge ridge, Ridge other) {
    double turn = Math.abs(ridge.direction() - other.direction());
    return ridge.bright() == other.bright() && Math.min(turn, Math.PI - turn) <= PARALLEL
        && other.length() >= LEAST_LENGTH * ridge.length() && other.contrast() <= MOST_CONTRAST * ridge.contrast()
        && other.contrast() >= ridge.contrast() / MOST_CONTRAST;
  }

  private static boolean beside(Ridge ridge, Ridge other) {
    double dx = other.middleX() - ridge.middleX();
    double dy = other.middleY() - ridge.middleY();
    double across = Math.abs(dy * Math.cos(ridge.direction()) - dx * Math.sin(ridge.direction()));
    return across >= BESIDE && Math.hypot(dx, dy) <= FARTHEST * ridge.length();
  }
}
