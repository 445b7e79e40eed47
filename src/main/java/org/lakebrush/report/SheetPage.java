package org.lakebrush.report;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A {@link Sheet} as one HTML file, with a slider for each image. */
public final class SheetPage {
  private static final double QUALITY = 0.86;

  private SheetPage() {}

  /** The file. */
  public static byte[] html(Sheet sheet) {
    Markup body = Markup.of("""
        <header><h1>{}</h1>
        <p>{}</p>
        <label><input type="checkbox" data-outlines checked> Outline the holes</label></header>
        <main>
        {}
        </main>""", sheet.title(), sheet.subtitle(), Markup.each(sheet.images(), SheetPage::image));
    return new Page(sheet.title(), List.of(Page.resource("sheet.css"), Slider.styles()), List.of(Slider.script()), body.html()).html()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Markup image(Sheet.Image image) {
    return Markup.of("""
        <article>
        <h2><bdi>{}</bdi></h2>
        <p><strong class="status {}">{}</strong> {}</p>
        {}{}{}
        </article>""", image.name(), Parts.lower(image.status()), image.status(), String.join(" · ", image.facts()),
        image.message() == null ? Markup.NONE : Markup.of("<p class=\"message\">{}</p>\n", image.message()),
        image.whole() == null ? Markup.NONE : Slider.html(image.name(), image.whole(), QUALITY),
        image.closeUp() == null ? Markup.NONE
            : Markup.of("\n<h3>Close-up</h3>\n{}", Slider.html("close-up of " + image.name(), image.closeUp(), QUALITY)));
  }
}
