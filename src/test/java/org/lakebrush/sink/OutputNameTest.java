package org.lakebrush.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lakebrush.image.ImageFormat;

class OutputNameTest {

  @ParameterizedTest
  @CsvSource({
    // pattern, output.format, image, repaired, unchanged
    "{stem}.{ext}, , a.jpg, a.jpg, a.jpg",
    "{stem}.{ext}, , x/y/a.b.JPG, x/y/a.b.JPG, x/y/a.b.JPG",
    "{stem}.{ext}, , scan0001, scan0001, scan0001",
    "{stem}.{ext}, , d.d/scan.001, d.d/scan.001, d.d/scan.001",
    "{stem}.{ext}, , .jpg, .jpg, .jpg",
    "repaired_{stem}.{ext}, , x/a.jpeg, x/repaired_a.jpeg, x/repaired_a.jpeg",
    "{stem}_{ext}.{ext}, , x/a.tif, x/a_tif.tif, x/a_tif.tif",
    "fixed/{stem}.{ext}, , x/a.png, x/fixed/a.png, x/fixed/a.png",
    "{dir}/{stem}.{ext}, , x/y/a.png, x/y/a.png, x/y/a.png",
    "{dir}/{stem}.{ext}, , a.png, a.png, a.png",
    "out/{dir}/{stem}.{ext}, , a.png, out/a.png, out/a.png",
    "{dir}_small/{stem}.{ext}, , x/a.png, x_small/a.png, x_small/a.png",
    "all/{stem}.{ext}{dir}.{ext}, , x/a.png, all/a.pngx.png, all/a.pngx.png",
    "{ext}/{stem}.{ext}, , x/a.png, x/png/a.png, x/png/a.png",
    // Another format: its usual extension, unless the image's own stands for it already.
    "{stem}.{ext}, JPEG, x/a.png, x/a.jpg, x/a.png",
    "{stem}.{ext}, JPEG, x/a.JPEG, x/a.JPEG, x/a.JPEG",
    "{stem}.{ext}, TIFF, a.tif, a.tif, a.tif",
    "{stem}.{ext}, PNG, scan.001, scan.001.png, scan.001",
    // A literal extension.
    "{stem}.png, , x/a.jpg, x/a.png, x/a.jpg",
    "{stem}.png, , x/a.PNG, x/a.png, x/a.png",
    "{stem}.PNG, PNG, a.webp, a.PNG, a.webp",
    "{stem}.fixed.jpg, JPEG, a.bmp, a.fixed.jpg, a.fixed.bmp",
    "{stem}.png, , scan, scan.png, scan",
  })
  void names(String pattern, ImageFormat format, String image, String repaired, String unchanged) {
    OutputName name = OutputName.parse(pattern, format);
    assertEquals(repaired, name.apply(image));
    assertEquals(unchanged, name.applyUnchanged(image));
    assertEquals(pattern, name.toString());
  }

  @Test
  void aLiteralExtensionSetsTheFormat() {
    assertEquals(Optional.of(ImageFormat.JPEG), OutputName.parse("{stem}.jpeg", null).format());
    assertEquals(Optional.of(ImageFormat.WEBP), OutputName.parse("{stem}.{ext}", ImageFormat.WEBP).format());
    assertEquals(Optional.empty(), OutputName.parse("{stem}.{ext}", null).format());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "a.{ext} | | {stem}",
    "{name}.{ext} | | {name}",
    "{stem.{ext} | | brace",
    "{stem}}.{ext} | | brace",
    "{stem}{}.{ext} | | {}",
    "{Stem}.{ext} | | {Stem}",
    "/{stem}.{ext} | | relative path",
    "x//{stem}.{ext} | | relative path",
    "{stem}.{ext}/ | | relative path",
    "../{stem}.{ext} | | folder ..",
    "{dir}/../{stem}.{ext} | | folder ..",
    "./{stem}.{ext} | | folder .",
    "x\\{stem}.{ext} | | \\",
    "s3a:{stem}.{ext} | | :",
    "_lakebrush/{stem}.{ext} | | _lakebrush",
    "{stem} | | no extension",
    "{stem}_{dir} | | no extension",
    "{stem}.gif | | .gif",
    "{stem}.fixed | | .fixed",
    "{stem}. | | .",
    "{stem}.jpg | PNG | output.format is png",
    "{stem}.tif | JPEG | writes tiff",
  })
  void badPatternsAreRefused(String pattern, ImageFormat format, String said) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> OutputName.parse(pattern, format));
    assertTrue(e.getMessage().startsWith("'" + pattern + "' ") && e.getMessage().contains(said), e.getMessage());
  }

  @Test
  void noImageLeadsOutOfTheOutput() {
    OutputName name = OutputName.parse("{stem}/x.{ext}", null);
    assertEquals("d/..a/x.jpg", name.apply("d/..a.jpg"));
    assertTrue(assertThrows(IllegalArgumentException.class, () -> name.apply("d/...jpg")).getMessage().contains("d/...jpg"));
    assertThrows(IllegalArgumentException.class, () -> name.apply("..jpg"));
    for (String image : new String[] {"../a.jpg", "x/../../a.jpg", "..", "./a.jpg"}) {
      for (String pattern : new String[] {"{stem}.{ext}", "{dir}/{stem}.{ext}", "fixed/{dir}/{stem}_{ext}.png"}) {
        assertThrows(IllegalArgumentException.class, () -> OutputName.parse(pattern, null).apply("d/" + image + "/b.jpg"), image);
      }
    }
    assertEquals("d/a%2F..%2Fb.jpg", OutputName.parse("{stem}.{ext}", null).apply("d/a%2F..%2Fb.jpg"), "encoded it is a name");
  }
}
