package org.lakebrush.spectral;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lakebrush.image.Canvas;
import org.lakebrush.image.Mats;
import org.lakebrush.image.Region;
import org.opencv.core.Core;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Takes out the bins of a spectrum that stand out: one linear filter for the whole picture, a Gaussian bump in frequency over each bin, as
 * high as Wiener's gain for what stands above the envelope (1 - exp(-rise)). Done by overlap-save in tiles that keep a margin as wide as
 * the filter reaches, so no tile has an edge. The local mean is taken off first, and what lies outside the picture is 0 and made up for
 * (normalised convolution), so that a screen is taken out up to the picture's border.
 */
final class Notch implements AutoCloseable {
  /** Longest side of a tile's payload, in pixels. */
  private static final int PAYLOAD = 512;
  /** What the local mean and the bump reach together, in pixels. */
  private static final int MARGIN = 64;
  /** Side of the box that the local mean is taken over, twice; its reach is one less. */
  private static final Size MEAN = new Size(17, 17);
  /** Standard deviation of a bump in cycles a pixel: the least, and what a heavy screen (halftone) adds for its side bands at most. */
  private static final double NARROW = 0.008;
  private static final double ADDED = 0.02;
  /** Share of the spectrum that stands out, from which on all of it is added. */
  private static final double HEAVY = 0.025;

  private final Canvas canvas;
  private final Axis rows;
  private final Axis columns;
  private final List<Filter> filters = new ArrayList<>();
  private final Mats mats = new Mats();
  private final Mat tile;
  private final Mat spectrum = mats.mat();
  private final Mat mean = mats.mat();

  /**
   * How one direction is cut.
   *
   * @param length of the picture
   * @param tiles how many
   * @param payload of each but the last, which may be shorter
   * @param size of the transform
   */
  private record Axis(int length, int tiles, int payload, int size) {
    static Axis of(int length) {
      int tiles = (length + PAYLOAD - 1) / PAYLOAD;
      int payload = (length + tiles - 1) / tiles;
      // Of a single tile both margins are 0, and the transform, which is circular, may use one for both.
      return new Axis(length, tiles, payload, Core.getOptimalDFTSize(payload + (tiles == 1 ? MARGIN : 2 * MARGIN)));
    }

    int start(int tile) {
      return tile * payload;
    }

    int end(int tile) {
      return Math.min(length, start(tile) + payload);
    }

    int from(int tile) {
      return Math.max(0, start(tile) - MARGIN);
    }

    int to(int tile) {
      return Math.min(length, end(tile) + MARGIN);
    }
  }

  /**
   * One channel's filter.
   *
   * @param gain of what is taken out, 0..1, twice for each bin of a complex transform; null where nothing is
   * @param vertical share of the filter's kernel that lies in the picture, for each row of it
   * @param horizontal likewise for each column
   */
  private record Filter(Mat gain, float[] vertical, float[] horizontal) {}

  private Notch(Canvas canvas) {
    this.canvas = canvas;
    rows = Axis.of(canvas.height());
    columns = Axis.of(canvas.width());
    tile = mats.keep(new Mat(rows.size, columns.size, CvType.CV_32F));
  }

  private void design(Screen screen) {
    for (Screen.Channel c : screen.channels()) {
      int same = filters.size();
      for (int i = 0; i < filters.size(); i++) {
        if (screen.channels().get(i).same(c)) {
          same = i;
        }
      }
      filters.add(same < filters.size() ? filters.get(same) : filter(screen.size(), c));
    }
  }

  /**
   * Filters a canvas in place.
   *
   * @return sum of the squared changes, over all samples
   */
  static double apply(Canvas canvas, Screen screen) {
    try (Notch notch = new Notch(canvas)) {
      notch.design(screen);
      return notch.run();
    }
  }

  @Override
  public void close() {
    mats.close();
  }

  private Filter filter(int size, Screen.Channel channel) {
    if (channel.bins().length == 0) {
      return new Filter(null, null, null);
    }
    double share = (double) channel.bins().length / size / size;
    double sigma = NARROW + ADDED * Math.min(1, share / HEAVY);
    float[] gain = new float[rows.size * columns.size];
    for (int i = 0; i < channel.bins().length; i++) {
      int ky = channel.bins()[i] / size;
      int kx = channel.bins()[i] % size;
      bump((double) ky / size, (double) kx / size, sigma, 1 - Math.exp(-channel.rise()[i]), gain);
    }
    float[] twice = new float[2 * gain.length];
    for (int i = 0; i < gain.length; i++) {
      twice[2 * i] = gain[i];
      twice[2 * i + 1] = gain[i];
    }
    // The width of the Gaussian that has the area of the bins around the strongest, and of the bump over each of them.
    double width = Math.sqrt(sigma * sigma + channel.spread() / (2 * Math.PI));
    double reach = 1 / (2 * Math.PI * width);
    Mat mat = mats.keep(new Mat(rows.size, columns.size, CvType.CV_32FC2));
    mat.put(0, 0, twice);
    return new Filter(mat, inside(canvas.height(), reach), inside(canvas.width(), reach));
  }

  /** Raises the gain to a bump around a frequency, in cycles a pixel. */
  private void bump(double fy, double fx, double sigma, double height, float[] gain) {
    int ry = (int) Math.ceil(4 * sigma * rows.size);
    int rx = (int) Math.ceil(4 * sigma * columns.size);
    int cy = (int) Math.round(fy * rows.size);
    int cx = (int) Math.round(fx * columns.size);
    double[] across = new double[2 * rx + 1];
    for (int dx = -rx; dx <= rx; dx++) {
      double d = (double) (cx + dx) / columns.size - fx;
      across[dx + rx] = Math.exp(-d * d / (2 * sigma * sigma));
    }
    for (int dy = -ry; dy <= ry; dy++) {
      double d = (double) (cy + dy) / rows.size - fy;
      double down = height * Math.exp(-d * d / (2 * sigma * sigma));
      int row = Math.floorMod(cy + dy, rows.size) * columns.size;
      for (int dx = -rx; dx <= rx; dx++) {
        int i = row + Math.floorMod(cx + dx, columns.size);
        gain[i] = Math.max(gain[i], (float) (down * across[dx + rx]));
      }
    }
  }

  /** Share of a Gaussian of standard deviation {@code sigma} pixels around each of {@code length} pixels that lies on them. */
  private static float[] inside(int length, double sigma) {
    double[] below = new double[2 * MARGIN + 2];
    for (int d = -MARGIN; d <= MARGIN; d++) {
      below[d + MARGIN + 1] = below[d + MARGIN] + Math.exp(-d * d / (2 * sigma * sigma));
    }
    float[] share = new float[length];
    for (int i = 0; i < length; i++) {
      double left = below[Math.max(0, MARGIN - i)];
      double right = below[Math.min(2 * MARGIN, length - 1 - i + MARGIN) + 1];
      share[i] = (float) ((right - left) / below[2 * MARGIN + 1]);
    }
    return share;
  }

  private double run() {
    int width = canvas.width();
    // The rows of a row of tiles with their margins, as they were before any of them was written.
    int most = Math.min(canvas.height(), rows.payload + 2 * MARGIN);
    int plane = most * width;
    float[] strip = new float[3 * plane];
    int held = 0;
    int heldTo = 0;
    double energy = 0;
    for (int ty = 0; ty < rows.tiles; ty++) {
      int from = rows.from(ty);
      for (int c = 0; c < 3; c++) {
        System.arraycopy(strip, c * plane + (from - held) * width, strip, c * plane, (heldTo - from) * width);
      }
      held = from;
      int to = rows.to(ty);
      canvas.read(new Region(0, heldTo, width, to - heldTo), FloatBuffer.wrap(strip), (heldTo - from) * width, width, plane);
      heldTo = to;
      for (int tx = 0; tx < columns.tiles; tx++) {
        energy += tile(strip, plane, from, ty, tx);
      }
    }
    return energy;
  }

  /** Filters one tile and writes its payload; returns the sum of the squared changes. */
  private double tile(float[] strip, int plane, int stripFrom, int ty, int tx) {
    int width = canvas.width();
    int x0 = columns.from(tx);
    int w = columns.to(tx) - x0;
    int h = rows.to(ty) - stripFrom;
    float[] samples = new float[3 * w * h];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < h; y++) {
        System.arraycopy(strip, c * plane + y * width + x0, samples, (c * h + y) * w, w);
      }
    }
    boolean gray = filters.get(0) == filters.get(1) && filters.get(0) == filters.get(2) && Gray.is(samples, w * h);
    Region payload = new Region(columns.start(tx), rows.start(ty), columns.end(tx) - columns.start(tx), rows.end(ty) - rows.start(ty));
    Region whole = new Region(x0, stripFrom, w, h);
    float[] out = new float[3 * (int) payload.area()];
    double energy = 0;
    for (int c = 0; c < 3; c++) {
      energy += gray && c > 0 ? repeat(out, c, energy / c) : channel(filters.get(c), samples, c, whole, payload, out);
    }
    canvas.write(payload, FloatBuffer.wrap(out), 0, payload.width(), (int) payload.area());
    return energy;
  }

  private static double repeat(float[] out, int channel, double energy) {
    int plane = out.length / 3;
    System.arraycopy(out, 0, out, channel * plane, plane);
    return energy;
  }

  /** One channel of a tile; returns the sum of the squared changes. */
  private double channel(Filter filter, float[] samples, int c, Region tileRegion, Region payload, float[] out) {
    int w = tileRegion.width();
    int h = tileRegion.height();
    float[] taken = filter.gain == null ? null : band(filter, Arrays.copyOfRange(samples, c * w * h, (c + 1) * w * h), w, h);
    double energy = 0;
    int o = c * (int) payload.area();
    for (int y = payload.y(); y < payload.bottom(); y++) {
      int i = (y - tileRegion.y()) * w + payload.x() - tileRegion.x();
      for (int x = payload.x(); x < payload.right(); x++, i++, o++) {
        float off = taken == null ? 0 : taken[i] / (filter.vertical[y] * filter.horizontal[x]);
        out[o] = samples[c * w * h + i] - off;
        energy += off * off;
      }
    }
    return energy;
  }

  /** What the filter lets through of a tile. */
  private float[] band(Filter filter, float[] samples, int w, int h) {
    Mat in = new Mat(h, w, CvType.CV_32F);
    Mat part = tile.submat(0, h, 0, w);
    try {
      in.put(0, 0, samples);
      Imgproc.blur(in, mean, MEAN);
      Imgproc.blur(mean, mean, MEAN);
      tile.setTo(Scalar.all(0));
      Core.subtract(in, mean, part);
      Core.dft(tile, spectrum, Core.DFT_COMPLEX_OUTPUT, h);
      Core.multiply(spectrum, filter.gain, spectrum);
      Core.dft(spectrum, tile, Core.DFT_INVERSE | Core.DFT_REAL_OUTPUT | Core.DFT_SCALE, h);
      part.copyTo(in);
      in.get(0, 0, samples);
      return samples;
    } finally {
      in.release();
      part.release();
    }
  }
}
