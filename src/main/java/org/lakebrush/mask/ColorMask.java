package org.lakebrush.mask;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The pixels of a colour: what someone painted with a brush. Compared are the 8-bit RGB values that the model sees.
 *
 * @param red 0 to 255, likewise the others
 * @param tolerance largest difference in any channel, 0 to 255
 */
public record ColorMask(int red, int green, int blue, int tolerance) implements MaskSpec {
  private static final Pattern RGB = Pattern.compile("#?[0-9a-fA-F]{6}");
  private static final String ALLOWED = "a colour as \"#rrggbb\", in quotes (an unquoted # starts a comment)";

  static ColorMask read(MaskKeys keys) {
    String text = keys.text("rgb", ALLOWED);
    int tolerance = keys.integer("tolerance", 24, 0, 255);
    int rgb = 0;
    if (RGB.matcher(text).matches()) {
      rgb = Integer.parseInt(text.substring(text.length() - 6), 16);
    } else if (!text.isEmpty()) {
      keys.reject("rgb", "'" + text + "' is no colour; allowed: " + ALLOWED);
    }
    return new ColorMask(rgb >> 16, rgb >> 8 & 255, rgb & 255, tolerance);
  }

  @Override
  public String kind() {
    return "color";
  }

  @Override
  public void mark(MaskInput image, HoleMarker hole) {
    byte[] row = new byte[3 * image.width()];
    for (int y = 0; y < image.height(); y++) {
      image.readRow(y, row);
      hole.markWhere(y, x -> near(row[3 * x], red) && near(row[3 * x + 1], green) && near(row[3 * x + 2], blue));
    }
  }

  private boolean near(byte value, int wanted) {
    return Math.abs((value & 255) - wanted) <= tolerance;
  }

  @Override
  public String canonical() {
    return String.format(Locale.ROOT, "color rgb=#%02x%02x%02x tolerance=%d", red, green, blue, tolerance);
  }
}
