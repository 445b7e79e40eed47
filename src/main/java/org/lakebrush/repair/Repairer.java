package org.lakebrush.repair;

import java.util.List;
import java.util.Optional;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.image.Encoded;
import org.lakebrush.lama.LamaSession;
import org.lakebrush.mask.MaskFiles;

/** Repairs one image: decode, mask, crops, LaMa, encode. Knows no Spark and no storage. Safe for any number of threads. */
public final class Repairer {

  /**
   * @param session shared, and closed by its owner
   */
  public Repairer(RepairSettings settings, LamaSession session, MaskFiles masks) {
    throw new UnsupportedOperationException();
  }

  /**
   * Repairs one image.
   *
   * @param file the whole file; not changed
   * @param sidecars as {@link org.lakebrush.mask.MaskBuilder#build}
   * @param trace filled in on the way
   * @return the repaired file, or nothing where the mask is empty
   */
  public Optional<Encoded> repair(byte[] file, List<String> sidecars, RepairTrace trace) throws ImageFailure {
    throw new UnsupportedOperationException();
  }
}
