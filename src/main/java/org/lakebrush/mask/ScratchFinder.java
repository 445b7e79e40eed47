package org.lakebrush.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * Judges which of a picture's ridges are scratches.
 *
 * <p>What a ridge's features say is a log likelihood ratio: a scratch is long, strong against its neighbourhood, has the same ground on
 * both sides and no halo, no other ridges along it and few of its kind beside it, keeps its tone where the ground changes, and is not
 * wide. The weights were fitted by logistic regression to the ridges of scratches drawn on photographs, and of the photographs without
 * them. How likely scratches are beforehand is the picture's own share of them, estimated by expectation maximisation: faint ones count
 * where many clear ones are, and in a picture full of twigs one that looks like a scratch is none. Then the picture as a whole must have
 * enough of them.
 */
final class ScratchFinder {
  /** Ridges of fewer pixels are not looked at. */
  private static final int LEAST_LENGTH = 14;
  private static final double BIAS = -1.8;
  /** For {@link Ridge#features}, in their order. */
  private static final double[] WEIGHTS = {0.9, 2.1, -1.2, -0.55, -0.6, -2.4};
  private static final double WIDTH_WEIGHT = -3.8;
  private static final double PEERS_WEIGHT = -1.4;
  /** What no scratch has: flanks that differ by more than this times its contrast, and so many of its kind beside it. */
  private static final double MOST_ASYMMETRY = 1.2;
  private static final int MOST_PEERS = 6;
  /** The share of scratches that is assumed counts as if it were seen in so many ridges of 60 pixels. */
  private static final double SHARE_SEEN = 60;
  /** A share above this one, and above what is assumed, makes nothing likelier. */
  private static final double MOST_SHARE = 0.1;
  private static final int ROUNDS = 30;
  /** A length in pixels that counts once in the evidence, and the most of it for one ridge. */
  private static final double EVIDENCE_LENGTH = 100;
  private static final double MOST_EVIDENCE_LENGTH = 200;
  private static final double NEVER = -100;
  /** A log ratio below which nothing else matters. */
  private static final double HOPELESS = -4;

  /**
   * A ridge that is held to be a scratch.
   *
   * @param logOdds that it is one
   */
  record Scratch(Ridge ridge, double logOdds) {
    /** 0..1. */
    double confidence() {
      return probability(logOdds);
    }
  }

  private ScratchFinder() {}

  /**
   * The scratches of a picture, the same each time.
   *
   * @param maxWidth in pixels
   */
  static List<Scratch> find(Luma luma, ScratchMask.Polarity polarity, ScratchMask.Sensitivity sensitivity, double maxWidth) {
    List<Ridge> ridges = new ArrayList<>();
    RidgeFilter filter = new RidgeFilter(luma);
    for (int[] points : new RidgeTracer(filter, luma.width(), luma.height()).trace(LEAST_LENGTH)) {
      Ridge ridge = Ridge.of(points, filter, luma);
      if (polarity.takes(ridge.bright())) {
        ridges.add(ridge);
      }
    }
    RidgePeers peers = new RidgePeers(ridges);
    double[] ratios = ridges.stream().mapToDouble(r -> ratio(r, peers, maxWidth)).toArray();
    double prior = logit(Math.min(Math.max(MOST_SHARE, sensitivity.share()), share(ridges, ratios, sensitivity.share())));
    List<Scratch> scratches = new ArrayList<>();
    double evidence = 0;
    for (int i = 0; i < ratios.length; i++) {
      double logOdds = ratios[i] + prior;
      evidence += Math.max(0, logOdds) * Math.min(MOST_EVIDENCE_LENGTH, ridges.get(i).length()) / EVIDENCE_LENGTH;
      if (logOdds >= sensitivity.leastLogOdds()) {
        scratches.add(new Scratch(ridges.get(i), logOdds));
      }
    }
    return evidence >= sensitivity.leastEvidence() ? scratches : List.of();
  }

  /** Log of how much likelier a ridge's features are for a scratch than for anything else. */
  private static double ratio(Ridge ridge, RidgePeers peers, double maxWidth) {
    if (ridge.asymmetry() > MOST_ASYMMETRY) {
      return NEVER;
    }
    double ratio = BIAS + WIDTH_WEIGHT * Math.max(0, ridge.width() - maxWidth + 0.2);
    double[] features = ridge.features();
    for (int i = 0; i < features.length; i++) {
      ratio += WEIGHTS[i] * features[i];
    }
    if (ratio < HOPELESS) {
      return ratio;
    }
    int n = peers.count(ridge, MOST_PEERS);
    return n == MOST_PEERS ? NEVER : ratio + PEERS_WEIGHT * Math.log(1 + n);
  }

  /** The share of scratches in the picture's ridges, by length: the fixed point of its own estimate. */
  private static double share(List<Ridge> ridges, double[] ratios, double assumed) {
    double share = MOST_SHARE;
    for (int round = 0; round < ROUNDS; round++) {
      double scratches = SHARE_SEEN * assumed;
      double all = SHARE_SEEN;
      for (int i = 0; i < ratios.length; i++) {
        double weight = Math.min(150, ridges.get(i).length()) / 60.0;
        scratches += weight * probability(ratios[i] + logit(share));
        all += weight;
      }
      share = scratches / all;
    }
    return share;
  }

  private static double logit(double p) {
    return Math.log(p / (1 - p));
  }

  private static double probability(double logOdds) {
    return 1 / (1 + Math.exp(-logOdds));
  }
}
