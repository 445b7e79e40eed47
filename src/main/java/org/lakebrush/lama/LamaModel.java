package org.lakebrush.lama;

import java.nio.file.Path;

/**
 * A LaMa model file and its signature, told from the file itself.
 *
 * @param name from the file's metadata, else its file name without extension
 * @param file where it lies on this machine
 * @param sha256 of the file, lower-case hex
 * @param imageInput name of the input [N,3,H,W], float32 RGB 0..1
 * @param maskInput name of the input [N,1,H,W], float32, 1 = hole
 * @param output name of the output [N,3,H,W]
 * @param outputRange 1 or 255: the largest value of the output
 * @param modulo what height and width must be multiples of
 * @param fixedSide the side of the only square that the model takes, or 0 where it takes any size
 * @param fixedBatch the only batch that the model takes, or 0 where it takes any
 */
public record LamaModel(String name, Path file, String sha256, String imageInput, String maskInput, String output, float outputRange,
    int modulo, int fixedSide, int fixedBatch) {

  /**
   * Reads a model file's signature.
   *
   * @throws ModelException where the file is no LaMa: what was expected and what was found
   */
  public static LamaModel inspect(Path file) throws ModelException {
    throw new UnsupportedOperationException();
  }
}
