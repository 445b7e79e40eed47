package org.lakebrush.spectral;

/**
 * One channel's least squares fit of {@link LineScreen}: sample - mean = a(y) + b(y) * mean, a and b being harmonic series in y without a
 * constant.
 */
final class LineFit {
  /** Added to the diagonal, as a share of it: a picture of one tone cannot tell a from b. */
  private static final double RIDGE = 1e-6;

  private final int lines;
  /** Basis functions by line: cosine and sine of each harmonic up to half a cycle a line. */
  private final double[][] basis;
  /** For each line: number of samples, sums of mean, mean squared, difference, and difference times mean. */
  private final double[][] sums;
  private double[] both;
  private double[] alone;
  private double explained;
  private double explainedByGain;
  private double explainedByOffset;
  private double tone;

  /**
   * No samples yet.
   *
   * @param lines how many
   * @param frequency of the fundamental, in cycles a line
   */
  LineFit(int lines, double frequency) {
    this.lines = lines;
    int harmonics = (int) Math.floor(0.5 / frequency + 1e-9);
    boolean nyquist = Math.abs(harmonics * frequency - 0.5) < 1e-9;
    basis = new double[2 * harmonics - (nyquist ? 1 : 0)][lines];
    for (int i = 0; i < basis.length; i++) {
      double turn = 2 * Math.PI * (i / 2 + 1) * frequency;
      for (int y = 0; y < lines; y++) {
        basis[i][y] = i % 2 == 0 ? Math.cos(turn * y) : Math.sin(turn * y);
      }
    }
    sums = new double[lines][5];
  }

  /** Adds a line. */
  void add(int y, float[] samples, int offset, float[] mean) {
    double[] s = sums[y];
    s[0] += mean.length;
    for (int i = 0; i < mean.length; i++) {
      double m = mean[i];
      double d = samples[offset + i] - m;
      s[1] += m;
      s[2] += m * m;
      s[3] += d;
      s[4] += d * m;
    }
  }

  /** Works out the coefficients, once all lines are in. */
  void solve() {
    int n = basis.length;
    double[][] normal = new double[2 * n][2 * n];
    double[] right = new double[2 * n];
    double samples = 0;
    for (int y = 0; y < lines; y++) {
      double[] s = sums[y];
      samples += s[0];
      tone += s[1];
      for (int i = 0; i < n; i++) {
        double e = basis[i][y];
        right[i] += e * s[4];
        right[n + i] += e * s[3];
        for (int j = 0; j < n; j++) {
          double ee = e * basis[j][y];
          normal[i][j] += ee * s[2];
          normal[i][n + j] += ee * s[1];
          normal[n + i][j] += ee * s[1];
          normal[n + i][n + j] += ee * s[0];
        }
      }
    }
    tone /= samples;
    alone = solve(normal, right, 0, n);
    both = solve(normal, right, 0, 2 * n);
    explainedByGain = dot(alone, right, 0);
    explainedByOffset = dot(solve(normal, right, n, n), right, n);
    explained = dot(both, right, 0);
  }

  /** Solves n of symmetric positive equations, from {@code first} on, by Cholesky's method. */
  private static double[] solve(double[][] normal, double[] right, int first, int n) {
    double[][] l = new double[n][n];
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = normal[first + i][first + j] * (i == j ? 1 + RIDGE : 1);
        for (int k = 0; k < j; k++) {
          sum -= l[i][k] * l[j][k];
        }
        l[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-30)) : sum / l[j][j];
      }
    }
    for (int i = 0; i < n; i++) {
      x[i] = right[first + i];
      for (int k = 0; k < i; k++) {
        x[i] -= l[i][k] * x[k];
      }
      x[i] /= l[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= l[k][i] * x[k];
      }
      x[i] /= l[i][i];
    }
    return x;
  }

  private static double dot(double[] a, double[] b, int first) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[first + i];
    }
    return sum;
  }

  /** Sum of squares that a and b explain together. */
  double explained() {
    return explained;
  }

  /** Sum of squares that b alone explains. */
  double explainedByGain() {
    return explainedByGain;
  }

  /** Sum of squares that a alone explains. */
  double explainedByOffset() {
    return explainedByOffset;
  }

  /** Amplitude of the fundamental where the picture has its mean tone, 0..1. */
  double amplitude() {
    int n = basis.length;
    double cos = both[n] + both[0] * tone;
    double sin = n > 1 ? both[n + 1] + both[1] * tone : 0;
    return Math.hypot(cos, sin);
  }

  /** a, for each line. */
  double[] offset() {
    return series(both, basis.length);
  }

  /** b, for each line. */
  double[] gain() {
    return series(both, 0);
  }

  /** b, for each line, where a is 0. */
  double[] gainAlone() {
    return series(alone, 0);
  }

  private double[] series(double[] coefficients, int first) {
    double[] sum = new double[lines];
    for (int i = 0; i < basis.length; i++) {
      for (int y = 0; y < lines; y++) {
        sum[y] += coefficients[first + i] * basis[i][y];
      }
    }
    return sum;
  }
}
