package org.lakebrush.report;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A {@link Sheet} as one HTML file, with a slider for each image. */
public final class SheetPage {
  private static final double QUALITY = 0.86;

  private SheetPage() {}

  /** The file. */
  public static byte[] html(Sheet sheet) {
    StringBuilder body = new StringBuilder();
    body.append("<header><h1>").append(Html.text(sheet.title())).append("</h1>\n<p>").append(Html.text(sheet.subtitle())).append("</p>\n");
    body.append("<label><input type=\"checkbox\" data-outlines checked> Outline the holes</label></header>\n<main>\n");
    sheet.images().forEach(image -> image(body, image));
    body.append("</main>");
    return new Page(sheet.title(), List.of(Page.resource("sheet.css"), Slider.styles()), List.of(Slider.script()), body.toString()).html()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void image(StringBuilder body, Sheet.Image image) {
    body.append("<article>\n<h2><bdi>").append(Html.text(image.name())).append("</bdi></h2>\n<p><strong class=\"status ")
        .append(image.status().name().toLowerCase(Locale.ROOT)).append("\">").append(image.status()).append("</strong> ")
        .append(Html.text(String.join(" · ", image.facts()))).append("</p>\n");
    if (image.message() != null) {
      body.append("<p class=\"message\">").append(Html.text(image.message())).append("</p>\n");
    }
    if (image.whole() != null) {
      body.append(Slider.html(image.name(), image.whole(), QUALITY)).append('\n');
    }
    if (image.closeUp() != null) {
      body.append("<h3>Close-up</h3>\n").append(Slider.html("close-up of " + image.name(), image.closeUp(), QUALITY)).append('\n');
    }
    body.append("</article>\n");
  }
}
