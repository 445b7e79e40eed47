package org.lakebrush.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.image.Plugins;
import org.lakebrush.sink.Status;

/**
 * A {@link Sheet} as one picture: a row for each image with before, hole outlined and after, and where that shows too little another row
 * with a close-up.
 */
public final class SheetPicture {
  /** In pixels, whatever is on it. */
  public static final int WIDTH = 1600;

  private static final int GAP = 16;
  private static final int MARGIN = (WIDTH - 3 * PreviewWork.CELL_WIDTH - 2 * GAP) / 2;
  private static final int CAPTION = 62;
  private static final int HEADER = 128;
  private static final int LINE = 22;
  private static final int SPACE = 34;
  /** The height of a row without a picture. */
  private static final int LOW = 120;

  private static final Color GROUND = new Color(0xF6F6F4);
  private static final Color CELL = new Color(0xE6E6E2);
  private static final Color TEXT = new Color(0x1E2326);
  private static final Color QUIET = new Color(0x5A6268);
  private static final Color RULE = new Color(0xCFCFCA);

  private final Sheet sheet;
  private final boolean lettered;
  private Graphics2D g;
  private int y;

  private SheetPicture(Sheet sheet) {
    this.sheet = sheet;
    this.lettered = hasFonts();
  }

  /** Whether this JVM has fonts to write with: a machine may have none. */
  public static boolean hasFonts() {
    BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      return g.getFontMetrics(font(Font.PLAIN, 16)).stringWidth("a") > 0;
    } catch (RuntimeException | LinkageError | InternalError e) {
      return false;
    } finally {
      g.dispose();
    }
  }

  /** The picture's PNG; without words where {@link #hasFonts} says so. */
  public static byte[] png(Sheet sheet) {
    return Plugins.png(new SheetPicture(sheet).draw());
  }

  private BufferedImage draw() {
    int height = HEADER + sheet.images().stream().mapToInt(SheetPicture::height).sum();
    BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_3BYTE_BGR);
    g = image.createGraphics();
    try {
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setColor(GROUND);
      g.fillRect(0, 0, WIDTH, height);
      header();
      sheet.images().forEach(this::image);
    } finally {
      g.dispose();
    }
    return image;
  }

  private static int height(Sheet.Image image) {
    return CAPTION + rowHeight(image.whole()) + (image.closeUp() == null ? 0 : GAP + rowHeight(image.closeUp())) + SPACE;
  }

  private static int rowHeight(Views views) {
    return views == null ? LOW : Math.max(LOW, views.before().height());
  }

  private void header() {
    text(sheet.title(), MARGIN, 46, WIDTH - 2 * MARGIN, Font.BOLD, 28, TEXT);
    text(sheet.subtitle(), MARGIN, 76, WIDTH - 2 * MARGIN, Font.PLAIN, 17, QUIET);
    List<String> columns = List.of("before", "hole outlined", "after");
    for (int i = 0; i < columns.size(); i++) {
      text(columns.get(i), left(i), 112, PreviewWork.CELL_WIDTH, Font.BOLD, 17, TEXT);
    }
    y = HEADER;
  }

  private static int left(int column) {
    return MARGIN + column * (PreviewWork.CELL_WIDTH + GAP);
  }

  private void image(Sheet.Image image) {
    int top = y;
    g.setColor(RULE);
    g.fillRect(MARGIN, top, WIDTH - 2 * MARGIN, 1);
    int after = badge(image.status(), MARGIN, top + 12);
    text(image.name(), after + 12, top + 29, WIDTH - MARGIN - after - 12, Font.BOLD, 18, TEXT);
    text(String.join("  ·  ", image.facts()), MARGIN, top + 52, WIDTH - 2 * MARGIN, Font.PLAIN, 16, QUIET);
    y += CAPTION;
    row(image.whole(), image.message());
    if (image.closeUp() != null) {
      y += GAP;
      row(image.closeUp(), null);
    }
    y += SPACE;
  }

  private int badge(Status status, int x, int top) {
    g.setColor(colour(status));
    if (!lettered) {
      g.fillRoundRect(x, top, 60, 24, 12, 12);
      return x + 60;
    }
    g.setFont(font(Font.BOLD, 14));
    int width = g.getFontMetrics().stringWidth(status.name()) + 20;
    g.fillRoundRect(x, top, width, 24, 12, 12);
    g.setColor(Color.WHITE);
    g.drawString(status.name(), x + 10, top + 17);
    return x + width;
  }

  private static Color colour(Status status) {
    return new Color(switch (status) {
      case REPAIRED -> 0x2E7D4F;
      case REVIEW -> 0xA86200;
      case UNCHANGED -> 0x5A6268;
      case FAILED -> 0xB3261E;
    });
  }

  /** The pictures, or in place of those that are not there the message. */
  private void row(Views views, String message) {
    int height = rowHeight(views);
    int next = 0;
    if (views != null) {
      cell(next++, height, views.before().image());
      if (views.outline() != null || views.after() != null) {
        cell(next++, height, outlined(views));
      }
      if (views.after() != null) {
        cell(next++, height, views.after().image());
      }
    }
    if (next < 3) {
      int width = WIDTH - MARGIN - left(next);
      g.setColor(CELL);
      g.fillRect(left(next), y, width, height);
      message(message == null ? "" : message, left(next) + 18, y + 34, width - 36, (height - 30) / LINE);
    }
    y += height;
  }

  private static BufferedImage outlined(Views views) {
    BufferedImage before = views.before().image();
    BufferedImage image = new BufferedImage(before.getWidth(), before.getHeight(), BufferedImage.TYPE_INT_RGB);
    image.setData(before.getData());
    if (views.outline() != null) {
      views.outline().draw(image);
    }
    return image;
  }

  private void cell(int column, int height, BufferedImage image) {
    g.setColor(CELL);
    g.fillRect(left(column), y, PreviewWork.CELL_WIDTH, height);
    g.drawImage(image, left(column) + (PreviewWork.CELL_WIDTH - image.getWidth()) / 2, y + (height - image.getHeight()) / 2, null);
  }

  private void message(String text, int x, int top, int width, int most) {
    if (!lettered) {
      return;
    }
    g.setFont(font(Font.PLAIN, 16));
    g.setColor(TEXT);
    List<String> lines = lines(Html.plain(text), g.getFontMetrics(), width);
    for (int i = 0; i < Math.min(most, lines.size()); i++) {
      boolean cut = i + 1 == most && lines.size() > most;
      g.drawString(cut ? lines.get(i) + " …" : lines.get(i), x, top + i * LINE);
    }
  }

  private static List<String> lines(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split("\\s+")) {
      if (line.length() > 0 && metrics.stringWidth(line + " " + word) > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ");
      // A URI may be longer than a line.
      for (int i = 0; i < word.length(); i++) {
        if (metrics.stringWidth(line.toString() + word.charAt(i)) > width) {
          lines.add(line.toString());
          line.setLength(0);
        }
        line.append(word.charAt(i));
      }
    }
    lines.add(line.toString());
    return lines;
  }

  /** One line; what is too long loses its middle. */
  private void text(String text, int x, int baseline, int width, int style, int size, Color colour) {
    if (!lettered) {
      return;
    }
    g.setFont(font(style, size));
    g.setColor(colour);
    FontMetrics metrics = g.getFontMetrics();
    String line = Html.plain(text);
    if (metrics.stringWidth(line) > width) {
      int keep = line.length();
      while (keep > 2 && metrics.stringWidth(shortened(line, keep)) > width) {
        keep--;
      }
      line = shortened(line, keep);
    }
    g.drawString(line, x, baseline);
  }

  private static String shortened(String line, int keep) {
    return line.substring(0, keep / 2) + "…" + line.substring(line.length() - (keep - keep / 2));
  }

  private static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }
}
