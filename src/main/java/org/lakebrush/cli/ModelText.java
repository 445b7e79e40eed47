package org.lakebrush.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.lakebrush.lama.LamaModel;
import org.lakebrush.model.KnownModel;
import org.lakebrush.model.ModelStore;

/** A model's signature in words. */
final class ModelText {
  private ModelText() {}

  /** Where a model lies, as its user knows it. */
  static String place(String model, Path file) {
    return ModelStore.isUri(model) ? model : file.toString();
  }

  /** What sizes and batches it takes. */
  static String takes(LamaModel lama) {
    String size = lama.fixedSide() > 0 ? lama.fixedSide() + " x " + lama.fixedSide() + " only" : "any multiples of " + lama.modulo();
    return size + (lama.fixedBatch() > 0 ? ", batch " + lama.fixedBatch() + " only" : ", any batch");
  }

  /** The shape of an input or output. */
  static String shape(LamaModel lama, int channels) {
    String side = lama.fixedSide() > 0 ? Integer.toString(lama.fixedSide()) : null;
    return "[" + (lama.fixedBatch() > 0 ? lama.fixedBatch() : "batch") + "," + channels + "," + (side == null ? "height,width" : side + ","
        + side) + "]";
  }

  /** In what a file differs from what the registry says of it; nothing where it does not. */
  static List<String> differences(KnownModel known, LamaModel lama) {
    List<String> differences = new ArrayList<>();
    differ(differences, "image", known.image().name() + " " + shape(known.image()), lama.imageInput() + " " + shape(lama, 3));
    differ(differences, "mask", known.mask().name() + " " + shape(known.mask()), lama.maskInput() + " " + shape(lama, 1));
    differ(differences, "output", known.output().name(), lama.output());
    differ(differences, "output's range", known.output().values().replaceFirst("^.*\\.\\.", "0.."), "0.." + Math.round(lama.outputRange()));
    if (known.multiplesOf() > 0) {
      differ(differences, "multiples of", Integer.toString(known.multiplesOf()), Integer.toString(lama.modulo()));
    }
    return differences;
  }

  private static String shape(KnownModel.Tensor tensor) {
    return "[" + String.join(",", tensor.shape()) + "]";
  }

  private static void differ(List<String> differences, String what, String registry, String file) {
    if (!registry.equals(file)) {
      differences.add(what + " is " + registry + " there, and " + file + " in the file");
    }
  }
}
