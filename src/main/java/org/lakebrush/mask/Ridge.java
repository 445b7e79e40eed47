package org.lakebrush.mask;

/**
 * What a ridge looks like, in a few numbers.
 *
 * @param points its pixels, (x, y) pairs, from one end to the other
 * @param length in pixels
 * @param width at half height, in pixels
 * @param contrast as {@link RidgeLine#contrast}, likewise the others
 * @param strength its response over its neighbourhood's mean, on average
 * @param crowd other ridges, at least half as strong and not across it, that a cross-section of 25 pixels meets on average
 * @param direction of the straight line between its ends, 0 to pi, pi excluded
 * @param middleX half way between its ends
 */
record Ridge(int[] points, boolean bright, int length, double width, double contrast, double asymmetry, double halo, double toneSpread,
    double groundSpread, double strength, double crowd, double direction, double middleX, double middleY) {
  /** How far to its sides other ridges count. */
  private static final int NEIGHBOURHOOD = 12;

  static Ridge of(int[] points, RidgeFilter ridges, Luma luma) {
    int sum = 0;
    for (int i = 0; i < points.length; i += 2) {
      sum += ridges.strength()[points[i + 1] * luma.width() + points[i]] & 255;
    }
    double strength = 2.0 * sum / points.length / RidgeFilter.UNIT;
    boolean bright = (ridges.angle()[points[1] * luma.width() + points[0]] & RidgeFilter.ANGLES) == 0;
    RidgeLine line = new RidgeLine(points, bright, luma);
    int last = line.length() - 1;
    double direction = Math.atan2(line.y(last) - line.y(0), line.x(last) - line.x(0));
    direction = direction < 0 ? direction + Math.PI : direction;
    return new Ridge(points, bright, line.length(), line.width(), line.contrast(), line.asymmetry(), line.halo(), line.toneSpread(),
        line.groundSpread(), strength, crowd(line, strength, ridges, luma), direction >= Math.PI ? 0 : direction,
        (line.x(0) + line.x(last)) / 2, (line.y(0) + line.y(last)) / 2);
  }

  private static double crowd(RidgeLine line, double strength, RidgeFilter ridges, Luma luma) {
    int n = 0;
    int sections = 0;
    for (int i = 0; i < line.length(); i += 2) {
      sections++;
      for (int o = -NEIGHBOURHOOD; o <= NEIGHBOURHOOD; o++) {
        int px = (int) Math.round(line.x(i) + o * line.normalX(i));
        int py = (int) Math.round(line.y(i) + o * line.normalY(i));
        if (Math.abs(o) >= 3 && px >= 0 && py >= 0 && px < luma.width() && py < luma.height()) {
          int at = py * luma.width() + px;
          if ((ridges.strength()[at] & 255) > strength * RidgeFilter.UNIT / 2 && along(ridges.angle()[at], line, i)) {
            n++;
          }
        }
      }
    }
    return (double) n / sections;
  }

  private static boolean along(byte angle, RidgeLine line, int i) {
    double phi = (angle & RidgeFilter.ANGLES - 1) * Math.PI / RidgeFilter.ANGLES;
    return Math.abs(Math.cos(phi) * line.normalY(i) - Math.sin(phi) * line.normalX(i)) > 0.8;
  }

  /** The features that {@link ScratchFinder} weighs, but for width and peers: numbers of either sign, about 0. */
  double[] features() {
    return new double[] {
        Math.log(Math.min(150, length) / 40.0),
        Math.log(strength / 2),
        Math.log(asymmetry + 0.03),
        Math.log(halo + 0.02),
        Math.log(crowd + 0.1),
        Math.log((toneSpread + 3) / (groundSpread + 3))};
  }
}
