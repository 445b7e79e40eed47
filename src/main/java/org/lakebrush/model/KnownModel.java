package org.lakebrush.model;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A model of the registry.
 *
 * @param name the file is {@code NAME.onnx}
 * @param purpose what it is good for, in a few words
 * @param licence of the weights
 * @param content empty where each file of that name is another one
 * @param image the input that takes the picture
 * @param mask the input that takes the hole
 * @param output what comes out
 * @param multiplesOf what height and width must be multiples of; 0 where they are fixed
 */
public record KnownModel(String name, String purpose, String licence, Origin origin, Optional<Content> content, Tensor image, Tensor mask,
    Tensor output, int multiplesOf) {

  /** Where a model comes from. */
  public sealed interface Origin {}

  /** It lies in the installation's {@code models} folder. */
  public record Shipped() implements Origin {}

  /** It is made by {@code models/export}. */
  public record Exported() implements Origin {}

  /** It is fetched. */
  public record Download(URI url) implements Origin {}

  /**
   * What the file must be.
   *
   * @param sha256 64 lower-case hex digits
   */
  public record Content(long bytes, String sha256) {}

  /**
   * An input or output, float32.
   *
   * @param shape four dimensions: batch, channels, height, width; a number, or a word where it is free
   * @param values what stands in it, in words, for example {@code RGB 0..1}
   */
  public record Tensor(String name, List<String> shape, String values) {
    public Tensor {
      shape = List.copyOf(shape);
    }
  }

  /** {@code NAME.onnx}. */
  public String fileName() {
    return name + ".onnx";
  }

  /** The side of the only square that it takes, or 0 where it takes any size. */
  public int fixedSide() {
    return multiplesOf > 0 ? 0 : Integer.parseInt(image.shape().get(2));
  }

  /** The sizes that it takes, in words. */
  public String sizes() {
    return fixedSide() > 0 ? fixedSide() + " x " + fixedSide() : "any multiples of " + multiplesOf;
  }
}
