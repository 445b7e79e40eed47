package org.lakebrush.lama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlan.LargeHole;
import org.lakebrush.mask.Mask;

class CropPlannerTest {
  private static LamaModel model(int fixedSide, int modulo) {
    return new LamaModel("m", Path.of("m.onnx"), "", "i", "m", "o", 1, modulo, fixedSide, 0);
  }

  private static CropPlanner planner(int maxSide, int fixedSide) {
    return planner(maxSide, fixedSide, false);
  }

  private static CropPlanner planner(int maxSide, int fixedSide, boolean squares) {
    return new CropPlanner(new InpaintSettings("m", 1, maxSide, 4), model(fixedSide, 8), squares);
  }

  private static void box(Mask mask, int x, int y, int width, int height) {
    for (int row = Math.max(0, y); row < Math.min(mask.height(), y + height); row++) {
      int from = row * mask.width();
      Arrays.fill(mask.pixels(), from + Math.max(0, x), from + Math.max(0, Math.min(mask.width(), x + width)), Mask.HOLE);
    }
  }

  private static List<Region> writes(CropPlan plan) {
    return Stream.concat(plan.crops().stream().flatMap(c -> c.writes().stream()), plan.large().stream().flatMap(h -> h.writes().stream()))
        .toList();
  }

  @Test
  void everyHolePixelIsFilledByExactlyOneCrop() {
    Random random = new Random(1);
    for (int round = 0; round < 120; round++) {
      Mask mask = new Mask(1 + random.nextInt(700), 1 + random.nextInt(700));
      Region image = new Region(0, 0, mask.width(), mask.height());
      int boxes = random.nextInt(30);
      for (int i = 0; i < boxes; i++) {
        int most = random.nextInt(4) == 0 ? 300 : 12;
        box(mask, random.nextInt(mask.width()), random.nextInt(mask.height()), 1 + random.nextInt(most), 1 + random.nextInt(most));
      }
      int dots = random.nextInt(3) == 0 ? random.nextInt(2000) : 0;
      for (int i = 0; i < dots; i++) {
        mask.pixels()[random.nextInt(mask.pixels().length)] = Mask.HOLE;
      }
      int fixedSide = random.nextInt(3) == 0 ? 512 : 0;
      int maxSide = new int[] {64, 136, 256, 1024}[random.nextInt(4)];
      boolean squares = random.nextBoolean();
      CropPlan plan = planner(maxSide, fixedSide, squares).plan(mask);

      int[] times = new int[mask.pixels().length];
      for (Region w : writes(plan)) {
        assertEquals(w, w.intersect(image));
        for (int y = w.y(); y < w.bottom(); y++) {
          for (int x = w.x(); x < w.right(); x++) {
            times[y * mask.width() + x]++;
          }
        }
      }
      for (int i = 0; i < times.length; i++) {
        assertTrue(times[i] <= 1, "written twice");
        assertTrue(mask.pixels()[i] == 0 || times[i] == 1, "not written");
      }
      for (Crop c : plan.crops()) {
        c.writes().forEach(w -> assertEquals(w, w.intersect(c.window())));
        assertTrue(c.window().width() <= c.width() && c.window().height() <= c.height());
        assertTrue(c.width() <= Math.max(maxSide, fixedSide) && c.height() <= Math.max(maxSide, fixedSide));
        assertTrue(fixedSide == 0 ? c.width() % 8 == 0 && c.height() % 8 == 0 : c.width() == 512 && c.height() == 512);
        assertTrue(c.window().intersects(image));
        assertTrue(!squares || fixedSide > 0 || c.width() == c.height() && List.of(maxSide, 256, 384, 512, 768, 1024).contains(c.width()));
      }
      for (LargeHole h : plan.large()) {
        h.writes().forEach(w -> assertEquals(w, w.intersect(h.box())));
      }
    }
  }

  @Test
  void anEmptyMaskCostsNothing() {
    assertEquals(new CropPlan(List.of(), List.of()), planner(1024, 0).plan(new Mask(100, 100)));
  }

  @Test
  void aLogoOnALargeImageIsOneCrop() {
    Mask mask = new Mask(6000, 4000);
    box(mask, 5600, 3750, 300, 120);
    CropPlan plan = planner(1024, 0).plan(mask);
    assertEquals(1, plan.crops().size());
    assertTrue(plan.large().isEmpty());
    Crop crop = plan.crops().get(0);
    assertTrue(crop.width() <= 1024 && crop.height() <= 1024);
    // A context of the hole's longer side, where the image goes on.
    assertTrue(crop.window().x() <= 5600 - 300 + 200 && crop.window().y() <= 3750 - 300);
  }

  @Test
  void neighboursShareACropAndStrangersDoNot() {
    Mask mask = new Mask(4000, 3000);
    for (int i = 0; i < 12; i++) {
      box(mask, 100 + 25 * i, 200, 15, 20);
    }
    box(mask, 3000, 2500, 15, 20);
    CropPlan plan = planner(1024, 0).plan(mask);
    assertEquals(2, plan.crops().size());
    assertEquals(List.of(1, 12), plan.crops().stream().map(c -> c.writes().size()).map(n -> n < 4 ? 1 : 12).sorted().toList());
  }

  @Test
  void aRegionIsOneHoweverItBends() {
    Mask mask = new Mask(300, 300);
    box(mask, 20, 20, 5, 200);
    box(mask, 220, 20, 5, 200);
    box(mask, 20, 215, 205, 5);
    List<HoleRegions.HoleRegion> regions = HoleRegions.of(mask);
    assertEquals(1, regions.size());
    assertEquals(new Region(20, 20, 205, 200), regions.get(0).box());
    assertEquals(2 * 5 * 200 + 195 * 5, regions.get(0).pixels());
  }

  @Test
  void aScratchTakesItsSurroundingsNotASquare() {
    Mask mask = new Mask(6000, 4000);
    box(mask, 2000, 2000, 800, 4);
    Crop crop = planner(1024, 0).plan(mask).crops().get(0);
    assertTrue(crop.height() <= 256, crop.toString());
  }

  @Test
  void aSmallImageIsPaddedUpToWhatTheModelTakes() {
    Mask mask = new Mask(100, 30);
    box(mask, 40, 10, 20, 10);
    Crop crop = planner(1024, 0).plan(mask).crops().get(0);
    assertEquals(0, crop.width() % 8);
    assertEquals(64, crop.height());
    Crop fixed = planner(1024, 512).plan(mask).crops().get(0);
    assertEquals(512, fixed.width());
    assertEquals(512, fixed.height());
    Crop sixteen = new CropPlanner(new InpaintSettings("m", 1, 1000, 4), model(0, 16), false).plan(mask).crops().get(0);
    assertEquals(0, sixteen.width() % 16);
  }

  @Test
  void whatFitsNoCropIsLarge() {
    Mask mask = new Mask(3000, 3000);
    box(mask, 500, 500, 1500, 900);
    CropPlan plan = planner(1024, 0).plan(mask);
    assertTrue(plan.crops().isEmpty());
    assertEquals(List.of(new Region(500, 500, 1500, 900)), plan.large().stream().map(LargeHole::box).toList());
  }

  @Test
  void specksAllOverAreFewCrops() {
    Mask mask = new Mask(4096, 4096);
    Random random = new Random(5);
    for (int i = 0; i < 20000; i++) {
      box(mask, random.nextInt(4096), random.nextInt(4096), 2, 2);
    }
    CropPlan plan = planner(1024, 0).plan(mask);
    long pixels = new ArrayList<>(plan.crops()).stream().mapToLong(c -> (long) c.width() * c.height()).sum();
    assertTrue(pixels < 3L * 4096 * 4096, plan.crops().size() + " crops of " + pixels + " pixels");
  }
}
