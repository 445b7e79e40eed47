package org.lakebrush.lama;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.lakebrush.model.ModelHash;
import org.lakebrush.onnx.Onnx;

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

  private static final String EXPECTED =
      "a LaMa has two float32 inputs, an image [N,3,H,W] and a mask [N,1,H,W], and one float32 output [N,3,H,W]";
  private static final int DEFAULT_MODULO = 8;
  private static final int PROBE_SIDE = 64;
  /** Most pixels of a fixed batch: its three planes are one direct buffer. */
  private static final long MAX_FIXED_PIXELS = Integer.MAX_VALUE / (3 * Float.BYTES);
  /** By SHA-256, without names that are told from the file's: the same bytes are the same model, wherever they lie. */
  private static final Map<String, LamaModel> INSPECTED = new ConcurrentHashMap<>();

  /**
   * Reads a model file's signature and runs the model once on a small grey square, on the CPU: which input is which is told by the
   * channels, the range of the output by the metadata {@code lama.output_range} or else by what comes out. In one JVM this is done once
   * for the same bytes.
   *
   * @throws ModelException where the file is no LaMa: what was expected and what was found
   */
  public static LamaModel inspect(Path file) throws ModelException {
    return inspect(file, sha256(file));
  }

  /**
   * As {@link #inspect(Path)}, for a file whose content has just been read.
   *
   * @param sha256 of the file, from {@link #sha256}
   */
  public static LamaModel inspect(Path file, String sha256) throws ModelException {
    LamaModel inspected = INSPECTED.get(sha256);
    if (inspected == null) {
      inspected = load(file, sha256);
      INSPECTED.put(sha256, inspected);
    }
    return inspected.at(file);
  }

  /** The same model in another file. */
  private LamaModel at(Path other) {
    String stem = other.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    return new LamaModel(name == null ? stem : name, other, sha256, imageInput, maskInput, output, outputRange, modulo, fixedSide,
        fixedBatch);
  }

  private static LamaModel load(Path file, String sha256) throws ModelException {
    OrtEnvironment environment = Onnx.environment();
    try (OrtSession.SessionOptions options = Onnx.options(1);
        OrtSession session = environment.createSession(file.toString(), options)) {
      return load(file, sha256, environment, session);
    } catch (OrtException e) {
      throw new ModelException("Model " + file + " cannot be used: expected an ONNX file in which " + EXPECTED + "; ONNX Runtime said: "
          + oneLine(e) + ". Check the path and that the file came whole", e);
    }
  }

  private static LamaModel load(Path file, String sha256, OrtEnvironment environment, OrtSession session)
      throws OrtException, ModelException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    String found = "found inputs " + describe(inputs) + " and outputs " + describe(outputs);
    String image = null;
    String mask = null;
    for (NodeInfo input : inputs.values()) {
      if (isImage(input, 3) && image == null) {
        image = input.getName();
      } else if (isImage(input, 1) && mask == null) {
        mask = input.getName();
      }
    }
    if (inputs.size() != 2 || image == null || mask == null || outputs.size() != 1) {
      throw noLama(file, found);
    }
    NodeInfo output = outputs.values().iterator().next();
    if (!isImage(output, 3) && !isImage(output, -1)) {
      throw noLama(file, found);
    }

    long[] imageShape = shape(inputs.get(image));
    long[] maskShape = shape(inputs.get(mask));
    if (imageShape[2] != imageShape[3] || maskShape[2] != imageShape[2] || maskShape[3] != imageShape[3] || maskShape[0] != imageShape[0]) {
      throw new ModelException("Model " + file + " cannot be used: expected height and width both free or one fixed square, the same for "
          + "image and mask; " + found);
    }
    int side = (int) Math.min(Integer.MAX_VALUE, Math.max(0, imageShape[2]));
    int batch = (int) Math.min(Integer.MAX_VALUE, Math.max(0, imageShape[0]));
    if ((double) side * side * Math.max(1, batch) > MAX_FIXED_PIXELS) {
      throw new ModelException("Model " + file + " cannot be used: expected free sizes, or a fixed batch of at most " + MAX_FIXED_PIXELS
          + " pixels in all; " + found);
    }

    Map<String, String> metadata = session.getMetadata().getCustomMetadata();
    int modulo = modulo(file, metadata);
    String imageRange = metadata.getOrDefault("lama.image_range", "0..1");
    if (!imageRange.equals("0..1")) {
      throw new ModelException("Model " + file + " cannot be used: expected metadata lama.image_range 0..1, found " + imageRange);
    }
    String range = metadata.get("lama.output_range");
    if (range != null && !range.equals("0..1") && !range.equals("0..255")) {
      throw new ModelException("Model " + file + " cannot be used: expected metadata lama.output_range 0..1 or 0..255, found " + range);
    }
    int probeSide = side > 0 ? side : Math.multiplyExact(modulo, (PROBE_SIDE + modulo - 1) / modulo);
    float brightest = probe(file, environment, session, image, mask, Math.max(1, batch), probeSide);
    float outputRange = range == null ? (brightest > 2 ? 255 : 1) : range.equals("0..255") ? 255 : 1;

    return new LamaModel(metadata.get("lama.name"), file, sha256, image, mask, output.getName(), outputRange, modulo, side, batch);
  }

  /** The largest value that the model makes of a grey square with a small hole. */
  private static float probe(Path file, OrtEnvironment environment, OrtSession session, String image, String mask, int batch, int side)
      throws OrtException, ModelException {
    int plane = side * side;
    float[] grey = new float[batch * 3 * plane];
    Arrays.fill(grey, 0.7f);
    float[] hole = new float[batch * plane];
    int from = side / 2 - side / 16;
    int to = side / 2 + side / 16;
    for (int n = 0; n < batch; n++) {
      for (int y = from; y < to; y++) {
        Arrays.fill(hole, n * plane + y * side + from, n * plane + y * side + to, 1);
        for (int c = 0; c < 3; c++) {
          int row = (n * 3 + c) * plane + y * side;
          Arrays.fill(grey, row + from, row + to, 0);
        }
      }
    }
    try (OnnxTensor imageTensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(grey), new long[] {batch, 3, side, side});
        OnnxTensor maskTensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(hole), new long[] {batch, 1, side, side});
        OrtSession.Result result = session.run(Map.of(image, imageTensor, mask, maskTensor))) {
      OnnxTensor out = (OnnxTensor) result.get(0);
      long[] expected = {batch, 3, side, side};
      if (!Arrays.equals(out.getInfo().getShape(), expected)) {
        throw new ModelException("Model " + file + " cannot be used: expected an output of shape " + Arrays.toString(expected)
            + ", found " + Arrays.toString(out.getInfo().getShape()));
      }
      float max = 0;
      FloatBuffer values = out.getFloatBuffer();
      while (values.hasRemaining()) {
        float v = values.get();
        if (!Float.isFinite(v)) {
          throw new ModelException("Model " + file + " cannot be used: it makes NaN or infinity of a plain grey image; use its float32 form");
        }
        max = Math.max(max, v);
      }
      return max;
    }
  }

  private static int modulo(Path file, Map<String, String> metadata) throws ModelException {
    String text = metadata.getOrDefault("lama.modulo", Integer.toString(DEFAULT_MODULO));
    if (!text.matches("[1-9][0-9]{0,2}")) {
      throw new ModelException("Model " + file + " cannot be used: expected metadata lama.modulo from 1 to 999, found '" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static ModelException noLama(Path file, String found) {
    return new ModelException("Model " + file + " is no LaMa: " + EXPECTED + "; " + found);
  }

  private static boolean isImage(NodeInfo node, long channels) {
    return node.getInfo() instanceof TensorInfo t && t.type == OnnxJavaType.FLOAT && t.getShape().length == 4
        && t.getShape()[1] == channels;
  }

  private static long[] shape(NodeInfo node) {
    return ((TensorInfo) node.getInfo()).getShape();
  }

  private static String describe(Map<String, NodeInfo> nodes) {
    return nodes.values().stream()
        .map(n -> n.getName() + " " + (n.getInfo() instanceof TensorInfo t
            ? t.type.toString().toLowerCase(Locale.ROOT) + Arrays.toString(t.getShape()).replace("-1", "?").replace(" ", "")
            : "(no tensor)"))
        .collect(Collectors.joining(", ", "(", ")"));
  }

  /**
   * The SHA-256 of a model's file.
   *
   * @return lower-case hex
   * @throws ModelException where it cannot be read
   */
  public static String sha256(Path file) throws ModelException {
    try {
      return ModelHash.sha256(file);
    } catch (IOException e) {
      throw new ModelException("Model " + file + " cannot be read: expected an ONNX file there; " + e, e);
    }
  }

  private static String oneLine(OrtException e) {
    return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
  }
}
