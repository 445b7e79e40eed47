package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.mask.CenterMask;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.sink.Sha256;
import org.lakebrush.testing.LocalSpark;

class LakeTest {
  private static final SparkSession SPARK = LocalSpark.get();

  @TempDir
  Path dir;

  private String write(String name) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, name);
    return "file:" + file;
  }

  private org.apache.hadoop.fs.Path staging() {
    return new org.apache.hadoop.fs.Path("file:" + dir + "/staging [1]");
  }

  private Lake read(String input, MaskSpec... masks) throws Exception {
    return Lake.read(SPARK, input, false, List.of(masks), "job", staging(), List.of());
  }

  private static Map<String, ImageRef> refs(Lake lake) {
    Map<String, ImageRef> refs = new TreeMap<>();
    for (Row row : lake.refs().collectAsList()) {
      ImageRef ref = ImageRefs.fromRow(row);
      assertEquals(null, refs.put(ref.path(), ref));
    }
    assertEquals(lake.images(), refs.size());
    assertEquals(lake.bytes(), refs.values().stream().mapToLong(ImageRef::length).sum());
    return refs;
  }

  private static List<String> sidecars(String... uris) {
    return Arrays.asList(uris);
  }

  @Test
  void everyImageIsAReference() throws Exception {
    String a = write("in/a [1] #ü.jpg");
    write("in/_b/.c.png");
    write("in/notes.txt");
    Files.setLastModifiedTime(dir.resolve("in/a [1] #ü.jpg"), FileTime.fromMillis(1_700_000_000_123L));
    Lake lake = read(dir + "/in");
    Map<String, ImageRef> refs = refs(lake);
    assertEquals(List.of("_b/.c.png", "a [1] #ü.jpg"), new ArrayList<>(refs.keySet()));
    assertEquals(1, lake.otherFiles());
    ImageRef ref = refs.get("a [1] #ü.jpg");
    assertEquals(new ImageRef(a, "a [1] #ü.jpg", 16, 1_700_000_000_123L, List.of(), Sha256.hex("job")), ref);
    assertEquals(ref, ImageRefs.fromRow(ImageRefs.toRow(ref)));
    assertFalse(Files.exists(dir.resolve("staging [1]")), "a small lake needs no files");
  }

  @Test
  void aMaskFolderMirrorsTheInput() throws Exception {
    write("in/a.jpg");
    write("in/sub/a.jpg");
    write("in/b.png");
    String mask = write("masks/a.png");
    write("masks/a.webp");
    String sub = write("masks/sub/a.JPG");
    write("masks/a.txt");
    Map<String, ImageRef> refs = refs(read(dir + "/in", new CenterMask(), new SidecarMask.Dir(dir + "/masks")));
    assertEquals(sidecars(mask), refs.get("a.jpg").sidecars());
    assertEquals(sidecars(sub), refs.get("sub/a.jpg").sidecars());
    assertEquals(sidecars((String) null), refs.get("b.png").sidecars());
  }

  @Test
  void maskFilesAreNoImages() throws Exception {
    write("in/a.jpg");
    String plain = write("in/a_mask.png");
    write("in/a_mask002.png");
    write("in/b.jpg");
    String numbered = write("in/b_mask001.png");
    write("in/c_mask.png");
    write("in/_mask.png");
    String inside = write("in/masks/a.png");
    String forAll = write("in/all.png");
    Lake lake = read(dir + "/in", new SidecarMask.Suffix("_mask"), new SidecarMask.Dir("file:" + dir + "/in/masks/"),
        new SidecarMask.File(dir + "/in/all.png"));
    Map<String, ImageRef> refs = refs(lake);
    assertEquals(List.of("_mask.png", "a.jpg", "b.jpg"), new ArrayList<>(refs.keySet()));
    assertEquals(6, lake.maskFiles());
    assertEquals(sidecars(plain, inside, forAll), refs.get("a.jpg").sidecars());
    assertEquals(sidecars(numbered, null, forAll), refs.get("b.jpg").sidecars());
  }

  @Test
  void aMaskBesideTheImageIsFoundForOneFileAndForAGlob() throws Exception {
    write("in/a.jpg");
    String mask = write("in/a_mask.png");
    MaskSpec beside = new SidecarMask.Suffix("_mask");
    for (String input : List.of("/in/a.jpg", "/in/*.jpg", "/in/{a.jpg,b/*}")) {
      Lake lake = read(dir + input, beside);
      assertEquals(List.of("a.jpg"), new ArrayList<>(refs(lake).keySet()), input);
      assertEquals(sidecars(mask), refs(lake).get("a.jpg").sidecars(), input);
    }
  }

  @Test
  void aFingerprintIsOfJobAndMasks() throws Exception {
    write("in/a.jpg");
    write("in/b.jpg");
    String mask = write("masks/a.png");
    Path file = dir.resolve("masks/a.png");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_000L));
    MaskSpec spec = new SidecarMask.Dir(dir + "/masks");
    Map<String, ImageRef> before = refs(read(dir + "/in", spec));
    assertEquals(Sha256.hex("job\n" + mask + "\t11\t1700000000000"), before.get("a.jpg").fingerprint());
    assertEquals(Sha256.hex("job\n"), before.get("b.jpg").fingerprint());
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_000_001L));
    Map<String, ImageRef> after = refs(read(dir + "/in", spec));
    assertNotEquals(before.get("a.jpg").fingerprint(), after.get("a.jpg").fingerprint());
    assertEquals(before.get("b.jpg"), after.get("b.jpg"));
  }

  @Test
  void manyFilesGoThroughAFileWithTheSameResult() throws Exception {
    for (int i = 0; i < 25; i++) {
      write("in/ü" + i + ".jpg");
      write("masks/ü" + i + ".png");
    }
    List<MaskSpec> masks = List.of(new SidecarMask.Dir(dir + "/masks"));
    Map<String, ImageRef> inMemory = refs(Lake.read(SPARK, dir + "/in", false, masks, "job", staging(), List.of()));
    try (LakeReader reader = new LakeReader(SPARK, staging(), 10)) {
      assertEquals(inMemory, refs(reader.read(dir + "/in", LakeReader.Kind.IMAGES, false, masks, "job", List.of())));
    }
    assertTrue(Files.exists(dir.resolve("staging [1]/images.parquet")));
  }

  @Test
  void whatTheJobOwnsIsNoInput() throws Exception {
    write("in/a.jpg");
    write("in/out/a.jpg");
    write("in/out2/a.jpg");
    Lake lake = Lake.read(SPARK, dir + "/in", false, List.of(), "job", staging(), List.of(new org.apache.hadoop.fs.Path(dir + "/in/out")));
    assertEquals(List.of("a.jpg", "out2/a.jpg"), new ArrayList<>(refs(lake).keySet()));
  }

  @Test
  void wrongNamesEndTheJobBeforeItBegins() throws Exception {
    write("in/a.jpg");
    write("text/a.txt");
    assertThrows(InputException.class, () -> read(dir + "/none"));
    InputException none = assertThrows(InputException.class, () -> read(dir + "/text"));
    assertTrue(none.getMessage().contains("1 other file"), none.getMessage());
    assertThrows(InputException.class, () -> read(dir + "/in", new SidecarMask.Dir(dir + "/none")));
    assertThrows(InputException.class, () -> read(dir + "/in", new SidecarMask.Dir(dir + "/in/a.jpg")));
    assertThrows(InputException.class, () -> read(dir + "/in", new SidecarMask.Dir(dir + "/in")));
    assertThrows(InputException.class, () -> read(dir + "/in", new SidecarMask.File(dir + "/none.png")));
    assertThrows(InputException.class, () -> read(dir + "/in", new SidecarMask.File(dir + "/in")));
  }
}
