package org.lakebrush.report;

/**
 * Pictures before and after, one over the other, with a line between that a mouse, a finger or the keys of a range input move. All sliders
 * of a page share {@link #styles} and {@link #script}; without the script the line stands in the middle.
 */
public final class Slider {
  private Slider() {}

  /** The style sheet of sliders; it takes the custom properties {@code --accent}, {@code --ground} and {@code --text} where they are set. */
  public static String styles() {
    return Page.resource("slider.css");
  }

  /** The script of sliders. A check box with the attribute {@code data-outlines} shows and hides all outlines. */
  public static String script() {
    return Page.resource("slider.js");
  }

  /**
   * One slider; a picture alone where there is nothing to compare.
   *
   * @param name of the image, not escaped
   * @param views with a picture before
   * @param quality of its JPEGs, 0..1
   */
  public static String html(String name, Views views, double quality) {
    String label = Html.text(name);
    StringBuilder html = new StringBuilder("<div class=\"slider\"><div class=\"slider-stage\">");
    picture(html, "slider-before", "Before: " + label, views.before(), quality);
    if (views.after() != null) {
      picture(html, "slider-after", "After: " + label, views.after(), quality);
    }
    if (views.outline() != null) {
      html.append("<img class=\"slider-outline\" alt=\"\" src=\"").append(views.outline().dataUri()).append("\">");
    }
    if (views.after() == null) {
      return html.append("</div></div>").toString();
    }
    return html.append("<span class=\"slider-line\" aria-hidden=\"true\"></span></div><input class=\"slider-range\" type=\"range\" min=\"0\""
        + " max=\"100\" value=\"50\" aria-label=\"Where after begins: ").append(label).append("\"><div class=\"slider-ends\""
        + " aria-hidden=\"true\"><span>before</span><span>after</span></div></div>").toString();
  }

  private static void picture(StringBuilder html, String style, String text, Thumbnail picture, double quality) {
    html.append("<img class=\"").append(style).append("\" draggable=\"false\" width=\"").append(picture.width()).append("\" height=\"")
        .append(picture.height()).append("\" alt=\"").append(text).append("\" src=\"").append(picture.dataUri(quality)).append("\">");
  }
}
