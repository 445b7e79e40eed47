package org.lakebrush.report;

import org.lakebrush.image.Thumbnail;

/**
 * Pictures before and after, one over the other, with a line between that a mouse, a finger or the keys of a range input move. All sliders
 * of a page share {@link #styles} and {@link #script}; without the script the line stands in the middle.
 */
final class Slider {
  private Slider() {}

  /** The style sheet of sliders; it takes the custom properties {@code --accent} and {@code --quiet} where they are set. */
  static String styles() {
    return Page.resource("slider.css");
  }

  /** The script of sliders. A check box with the attribute {@code data-outlines} shows and hides all outlines. */
  static String script() {
    return Page.resource("slider.js");
  }

  /**
   * One slider; a picture alone where there is nothing to compare.
   *
   * @param name of the image
   * @param views with a picture before
   * @param quality of its JPEGs, 0..1
   */
  static Markup html(String name, Views views, double quality) {
    boolean compares = views.after() != null;
    Markup stage = Markup.of("<div class=\"slider-stage\">{}{}{}{}</div>",
        picture("slider-before", "Before: " + name, views.before(), quality),
        compares ? picture("slider-after", "After: " + name, views.after(), quality) : Markup.NONE,
        views.outline() == null ? Markup.NONE
            : Markup.of("<img class=\"slider-outline\" alt=\"\" src=\"{}\">", new Markup(views.outline().dataUri())),
        compares ? new Markup("<span class=\"slider-line\" aria-hidden=\"true\"></span>") : Markup.NONE);
    return Markup.of("<div class=\"slider\">{}{}</div>", stage, compares ? Markup.of("<input class=\"slider-range\" type=\"range\""
        + " min=\"0\" max=\"100\" value=\"50\" aria-label=\"Where after begins: {}\"><div class=\"slider-ends\" aria-hidden=\"true\">"
        + "<span>before</span><span>after</span></div>", name) : Markup.NONE);
  }

  private static Markup picture(String style, String text, Thumbnail picture, double quality) {
    return Markup.of("<img class=\"{}\" draggable=\"false\" width=\"{}\" height=\"{}\" alt=\"{}\" src=\"{}\">", style, picture.width(),
        picture.height(), text, new Markup(picture.dataUri(quality)));
  }
}
