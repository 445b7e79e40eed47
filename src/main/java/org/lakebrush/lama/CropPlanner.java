package org.lakebrush.lama;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lakebrush.image.Region;
import org.lakebrush.lama.CropPlan.Crop;
import org.lakebrush.lama.CropPlan.LargeHole;
import org.lakebrush.lama.HoleRegions.HoleRegion;
import org.lakebrush.mask.Mask;

/**
 * Plans the crops that fill a hole: its connected regions, each with context, merged where one crop costs no more than two, snapped to
 * a few sizes so that crops of many images batch. Immutable; safe for any number of threads.
 */
public final class CropPlanner {
  /** Context on each side in pixels, however small the hole. */
  private static final int MIN_CONTEXT = 32;
  /** How far a crop may reach over the image's border, into its mirror image. Measured on holes at borders: some helps, more does not. */
  private static final int MIRROR = 8;
  /** What a run of the model costs before its first pixel, in pixels. */
  private static final long RUN_COST = 4096;
  private static final int[] SIDES = {64, 128, 192, 256, 384, 512, 768, 1024};
  /** Of the squares that a GPU gets: it plans for each size, and runs what is in a batch of one size alone. */
  private static final int[] SQUARES = {256, 384, 512, 768, 1024};
  private static final int STEP_ABOVE = 512;
  /** Smaller inputs leave the model's bottleneck nothing to mirror. */
  private static final int MIN_SIDE = 64;

  private final double context;
  private final int maxSide;
  private final int modulo;
  private final int fixedSide;
  private final boolean squares;

  /**
   * A planner.
   *
   * @param settings context and longest side
   * @param model what sizes it takes
   * @param squares whether the model gets squares of a few sizes alone, as a GPU should, instead of rectangles with as little beside the
   *     hole as will do
   */
  public CropPlanner(InpaintSettings settings, LamaModel model, boolean squares) {
    this(settings.context(), settings.maxSide(), model.modulo(), model.fixedSide(), squares);
  }

  private CropPlanner(double context, int maxSide, int modulo, int fixedSide, boolean squares) {
    this.context = context;
    this.modulo = modulo;
    this.fixedSide = fixedSide;
    this.squares = squares;
    this.maxSide = fixedSide > 0 ? fixedSide : Math.max(roundUp(MIN_SIDE, modulo), maxSide / modulo * modulo);
  }

  /** The same with another longest side. */
  CropPlanner withMaxSide(int side) {
    return new CropPlanner(context, side, modulo, fixedSide, squares);
  }

  /** Whether the model takes one size alone. */
  boolean isFixed() {
    return fixedSide > 0;
  }

  /** Longest side of what the model gets. */
  int maxSide() {
    return maxSide;
  }

  /**
   * What the model gets.
   *
   * @param width in pixels, likewise {@code height}
   */
  record Size(int width, int height) {}

  /** What the model gets for a window: padded up to a size that it takes. */
  Size padded(int width, int height) {
    if (squares) {
      int side = snap(Math.max(width, height));
      return new Size(side, side);
    }
    return new Size(padded(width), padded(height));
  }

  private int padded(int n) {
    return fixedSide > 0 ? fixedSide : Math.max(roundUp(n, modulo), roundUp(MIN_SIDE, modulo));
  }

  /** Plans the crops of a hole; none where it is empty. The plan depends on nothing but the mask, the settings and the model. */
  public CropPlan plan(Mask hole) {
    List<Group> groups = new ArrayList<>();
    List<LargeHole> large = new ArrayList<>();
    Region image = new Region(0, 0, hole.width(), hole.height()).grow(MIRROR);
    for (HoleRegion region : HoleRegions.of(hole)) {
      Region box = region.box();
      int around = Math.max(MIN_CONTEXT, (int) Math.ceil(context * region.extent()));
      int aroundX = context(box.width(), around, image.width());
      int aroundY = context(box.height(), around, image.height());
      if (aroundX < 0 || aroundY < 0) {
        large.add(new LargeHole(box, around, region.parts()));
      } else {
        Region need = new Region(box.x() - aroundX, box.y() - aroundY, box.width() + 2 * aroundX, box.height() + 2 * aroundY);
        groups.add(new Group(need.intersect(image), image, region.parts()));
      }
    }
    List<Crop> crops = new ArrayList<>();
    for (Group g : merged(groups, image)) {
      Region window = g.window(image);
      Size size = padded(window.width(), window.height());
      crops.add(new Crop(window, size.width(), size.height(), List.copyOf(g.writes)));
    }
    crops.sort(Comparator.comparingInt(Crop::width).thenComparingInt(Crop::height).thenComparingInt(c -> c.window().y())
        .thenComparingInt(c -> c.window().x()));
    return new CropPlan(crops, large);
  }

  /** How much context a hole of {@code n} pixels gets on each side; -1 where too little of it fits a crop. */
  private int context(int n, int wanted, int image) {
    if (image <= maxSide) {
      return wanted;
    }
    int fits = (maxSide - n) / 2;
    return fits < Math.max(MIN_CONTEXT, Math.min(wanted, n / 8)) ? -1 : Math.min(wanted, fits);
  }

  /** Merges groups until no merge is worth it. */
  private List<Group> merged(List<Group> groups, Region image) {
    List<Group> all = groups;
    int before;
    do {
      before = all.size();
      all = mergeOnce(all, image);
    } while (all.size() < before);
    return all;
  }

  /** Each group joins the neighbour with which it saves most; neighbours are looked up on a grid of {@code maxSide}. */
  private List<Group> mergeOnce(List<Group> groups, Region image) {
    Map<Long, List<Group>> grid = new HashMap<>();
    List<Group> kept = new ArrayList<>();
    for (Group g : groups) {
      int gx = (g.need.x() + g.need.width() / 2) / maxSide;
      int gy = (g.need.y() + g.need.height() / 2) / maxSide;
      Group best = null;
      long bestSaving = -1;
      for (int y = gy - 1; y <= gy + 1; y++) {
        for (int x = gx - 1; x <= gx + 1; x++) {
          for (Group o : grid.getOrDefault(key(x, y), List.of())) {
            long saving = o.cost + g.cost - cost(o.need.union(g.need), image);
            if (saving > bestSaving) {
              best = o;
              bestSaving = saving;
            }
          }
        }
      }
      if (best == null) {
        grid.computeIfAbsent(key(gx, gy), k -> new ArrayList<>()).add(g);
        kept.add(g);
      } else {
        best.add(g, image);
      }
    }
    return kept;
  }

  private static long key(int x, int y) {
    return ((long) x << 32) | (y & 0xffffffffL);
  }

  /** What a crop around {@code need} costs, in pixels; very much where none is large enough. */
  private long cost(Region need, Region image) {
    Size window = window(need, image);
    if (window.width() < 0 || window.height() < 0) {
      return Long.MAX_VALUE / 4;
    }
    Size size = padded(window.width(), window.height());
    return (long) size.width() * size.height() + RUN_COST;
  }

  /** The window that holds {@code need}; a side is -1 where none does. */
  private Size window(Region need, Region image) {
    int longest = Math.max(need.width(), need.height());
    return squares ? new Size(side(need.width(), longest, image.width()), side(need.height(), longest, image.height()))
        : new Size(side(need.width(), need.width(), image.width()), side(need.height(), need.height(), image.height()));
  }

  /** The window's side in an image of {@code image} pixels: what holds {@code n} or, if there is so much, {@code wanted}. */
  private int side(int n, int wanted, int image) {
    if (image <= maxSide) {
      return Math.min(snap(wanted), image);
    }
    return n > maxSide ? -1 : snap(wanted);
  }

  private int snap(int n) {
    if (fixedSide > 0) {
      return fixedSide;
    }
    for (int side : squares ? SQUARES : SIDES) {
      if (n <= side) {
        return Math.min(maxSide, roundUp(side, modulo));
      }
    }
    return Math.min(maxSide, roundUp(n, roundUp(STEP_ABOVE, modulo)));
  }

  private static int roundUp(int n, int to) {
    return (n + to - 1) / to * to;
  }

  /** Regions that share a crop. */
  private final class Group {
    private Region need;
    private long cost;
    private final List<Region> writes;

    Group(Region need, Region image, List<Region> writes) {
      this.need = need;
      this.cost = cost(need, image);
      this.writes = new ArrayList<>(writes);
    }

    void add(Group o, Region image) {
      need = need.union(o.need);
      cost = cost(need, image);
      writes.addAll(o.writes);
    }

    Region window(Region image) {
      Size size = CropPlanner.this.window(need, image);
      return new Region(place(need.x(), need.width(), size.width(), image.x(), image.right()),
          place(need.y(), need.height(), size.height(), image.y(), image.bottom()), size.width(), size.height());
    }

    /** Centred on what is needed, shifted to stay inside the image and its mirrored margin. */
    private static int place(int from, int length, int side, int first, int end) {
      return Math.max(first, Math.min(end - side, from + length / 2 - side / 2));
    }
  }
}
