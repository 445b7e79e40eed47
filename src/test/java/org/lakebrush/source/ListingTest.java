package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListingTest {
  private static final List<String> ODD_NAMES =
      List.of("a b.jpg", "50%20.jpg", "#1.png", "it's \"q\".png", "grüße-画像.webp", "[x].png", "a:b.jpg", "_a.jpg", ".b.png", "back\\slash.bmp",
          "no extension", "+&=.tif", "{c}.jpg", "star*.jpg", " lead.jpg");

  @TempDir
  Path dir;

  private void write(String name) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
  }

  private static Map<String, Listing.Entry> list(String input, boolean neighbours) throws Exception {
    Map<String, Listing.Entry> entries = new TreeMap<>();
    try (Listing listing = Listing.open(new Configuration(), input, neighbours)) {
      for (Listing.Entry e = listing.next(); e != null; e = listing.next()) {
        Listing.Entry before = entries.put(e.path(), e);
        assertTrue(before == null || neighbours, e.path() + " came twice");
      }
    }
    return entries;
  }

  private static List<String> paths(String input) throws Exception {
    return new ArrayList<>(list(input, false).keySet());
  }

  private static List<String> sorted(List<String> names) {
    return names.stream().sorted().toList();
  }

  @Test
  void aFolderGivesEveryFileBelowItWhateverItsName() throws Exception {
    for (String name : ODD_NAMES) {
      write(name);
      write("_sub/." + "deep [1]/" + name);
    }
    write("_lakebrush/run/temp.jpg");
    write("_sub/_lakebrush/x.jpg");
    Map<String, Listing.Entry> entries = list(dir.toString(), false);
    List<String> expected = new ArrayList<>(ODD_NAMES);
    ODD_NAMES.forEach(n -> expected.add("_sub/.deep [1]/" + n));
    assertEquals(sorted(expected), new ArrayList<>(entries.keySet()));
    Path file = dir.resolve("50%20.jpg");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_123L));
    Listing.Entry entry = list(dir.toUri().toString().replace("file:///", "file:/"), false).get("50%20.jpg");
    assertEquals("file:" + file, entry.uri());
    assertEquals(9, entry.length());
    assertEquals(1_700_000_000_123L, entry.modificationTime());
  }

  @Test
  void imagesAreToldByExtension() throws Exception {
    for (String name : List.of("a.JPG", "b.jpeg", "c.tif", "d.txt", "e", "f.png.txt", "sub.jpg/g")) {
      write(name);
    }
    List<String> images = list(dir.toString(), false).values().stream().filter(Listing.Entry::isImage).map(Listing.Entry::path).toList();
    assertEquals(List.of("a.JPG", "b.jpeg", "c.tif"), images);
    assertEquals("sub.jpg/g", list(dir.toString(), false).get("sub.jpg/g").stem());
    assertEquals("f.png", list(dir.toString(), false).get("f.png.txt").stem());
  }

  @Test
  void whatExistsAsItIsWrittenIsNoGlob() throws Exception {
    write("[ab]/1.jpg");
    write("a/2.jpg");
    assertEquals(List.of("1.jpg"), paths(dir + "/[ab]"));
    assertEquals(List.of("1.jpg"), paths(dir + "/[ab]/*"));
    write("x[1].jpg");
    write("x1.jpg");
    assertEquals(List.of("x[1].jpg"), paths(dir + "/x[1].jpg"));
    Files.delete(dir.resolve("x[1].jpg"));
    assertEquals(List.of("x1.jpg"), paths(dir + "/x[1].jpg"));
  }

  @Test
  void aGlobsPathsAreRelativeToItsFixedPart() throws Exception {
    for (String name : List.of("2025/a/1.jpg", "2026/a/2.jpg", "2026/b/3.jpg", "2026/b/c/4.jpg", "2026/5.jpg")) {
      write(name);
    }
    assertEquals(List.of("2025/a/1.jpg", "2026/a/2.jpg"), paths(dir + "/*/a"));
    assertEquals(List.of("a/2.jpg", "b/3.jpg"), paths(dir + "/2026/*/*.jpg"));
    assertEquals(List.of("2026/b/3.jpg", "2026/b/c/4.jpg"), paths(dir + "/20?6/{b,x}"));
    assertEquals(List.of("2025/a/1.jpg", "2026/b/3.jpg", "2026/b/c/4.jpg"), paths(dir + "/{2025/a,2026/b}"));
    assertEquals(List.of("a/2.jpg", "b/3.jpg", "b/c/4.jpg"), paths(dir + "/{2026/b,2026/b/c,2026/a}"), "overlapping patterns");
    assertEquals(List.of(), paths(dir + "/2026/*.gif"));
    assertThrows(InputException.class, () -> paths(dir + "/19*/*.jpg"));
  }

  @Test
  void oneFileIsItsName() throws Exception {
    write("sub/a.jpg");
    write("sub/a_mask.png");
    assertEquals(List.of("a.jpg"), paths(dir + "/sub/a.jpg"));
    Map<String, Listing.Entry> both = list(dir + "/sub/a.jpg", true);
    assertTrue(both.get("a.jpg").named());
    assertFalse(both.get("a_mask.png").named());
  }

  @Test
  void linksAreFollowedAndLoopsAreNot() throws Exception {
    write("real/a.jpg");
    Files.createSymbolicLink(dir.resolve("real/loop"), dir);
    Files.createSymbolicLink(dir.resolve("linked"), dir.resolve("real"));
    Files.createSymbolicLink(dir.resolve("nowhere.jpg"), dir.resolve("gone"));
    assertEquals(List.of("linked/a.jpg", "real/a.jpg"), paths(dir.toString()));
    Map<String, Listing.Entry> entries = list(dir.resolve("real").toString(), false);
    assertEquals(Set.of("a.jpg"), entries.keySet());
    write("other/b.jpg");
    Files.createSymbolicLink(dir.resolve("real/out"), dir.resolve("other"));
    Listing.Entry link = list(dir.resolve("real").toString(), false).get("out");
    assertTrue(link.link() && link.isImage(), "is told of and not gone into");
  }

  @Test
  void whatIsNotThereIsSaidWithItsName() {
    InputException e = assertThrows(InputException.class, () -> paths(dir + "/none"));
    assertTrue(e.getMessage().contains(dir + "/none does not exist"), e.getMessage());
    assertThrows(InputException.class, () -> paths("nosuch:"));
  }
}
