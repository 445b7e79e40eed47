package org.lakebrush.model;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an ONNX file says of itself beside its graph, which is passed over: a file is a protobuf message {@code ModelProto}.
 *
 * @param irVersion of the file format
 * @param opset of the standard operators; 0 where it is not told
 * @param producer what made it, with its version; may be empty
 * @param metadata its own keys, sorted
 */
public record OnnxHeader(long irVersion, long opset, String producer, Map<String, String> metadata) {
  // Field numbers of onnx.proto.
  private static final int IR_VERSION = 1;
  private static final int PRODUCER_NAME = 2;
  private static final int PRODUCER_VERSION = 3;
  private static final int OPSET_IMPORT = 8;
  private static final int METADATA_PROPS = 14;
  private static final int MAX_TEXT = 1 << 20;

  /**
   * Reads a file that ONNX Runtime has loaded.
   *
   * @throws IOException where it cannot be read, or is no protobuf message
   */
  public static OnnxHeader read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      long irVersion = 0;
      long opset = 0;
      String name = "";
      String version = "";
      Map<String, String> metadata = new TreeMap<>();
      for (Field field = Field.next(in); field != null; field = Field.next(in)) {
        switch (field.number()) {
          case IR_VERSION -> irVersion = field.value();
          case PRODUCER_NAME -> name = text(field.bytes(in));
          case PRODUCER_VERSION -> version = text(field.bytes(in));
          case OPSET_IMPORT -> opset = Math.max(opset, opset(field.bytes(in)));
          case METADATA_PROPS -> entry(field.bytes(in), metadata);
          default -> field.skip(in);
        }
      }
      return new OnnxHeader(irVersion, opset, (name + " " + version).strip(), metadata);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** An {@code OperatorSetIdProto}'s version; 0 for operators other than the standard ones. */
  private static long opset(byte[] message) throws IOException {
    InputStream in = new ByteArrayInputStream(message);
    String domain = "";
    long version = 0;
    for (Field field = Field.next(in); field != null; field = Field.next(in)) {
      if (field.number() == 1) {
        domain = text(field.bytes(in));
      } else if (field.number() == 2) {
        version = field.value();
      } else {
        field.skip(in);
      }
    }
    return domain.isEmpty() || domain.equals("ai.onnx") ? version : 0;
  }

  /** A {@code StringStringEntryProto}. */
  private static void entry(byte[] message, Map<String, String> entries) throws IOException {
    InputStream in = new ByteArrayInputStream(message);
    String key = "";
    String value = "";
    for (Field field = Field.next(in); field != null; field = Field.next(in)) {
      if (field.number() == 1) {
        key = text(field.bytes(in));
      } else if (field.number() == 2) {
        value = text(field.bytes(in));
      } else {
        field.skip(in);
      }
    }
    entries.put(key, value);
  }

  /**
   * The beginning of a protobuf field.
   *
   * @param value of a varint; else the bytes that follow
   */
  private record Field(int number, boolean varint, long value) {

    /** Null at the message's end. */
    static Field next(InputStream in) throws IOException {
      int first = in.read();
      if (first < 0) {
        return null;
      }
      long tag = varint(in, first);
      int number = (int) (tag >>> 3);
      return switch ((int) (tag & 7)) {
        case 0 -> new Field(number, true, varint(in, in.read()));
        case 1 -> new Field(number, false, 8);
        case 2 -> new Field(number, false, varint(in, in.read()));
        case 5 -> new Field(number, false, 4);
        default -> throw new IOException("no ONNX file: a field of unknown kind");
      };
    }

    private static long varint(InputStream in, int first) throws IOException {
      long value = 0;
      int b = first;
      for (int shift = 0; shift < 64; shift += 7) {
        if (b < 0) {
          throw new EOFException("no ONNX file: it ends within a field");
        }
        value |= (long) (b & 0x7f) << shift;
        if (b < 0x80) {
          return value;
        }
        b = in.read();
      }
      throw new IOException("no ONNX file: a number of more than 64 bits");
    }

    byte[] bytes(InputStream in) throws IOException {
      if (varint || value < 0 || value > MAX_TEXT) {
        throw new IOException("no ONNX file: field " + number + " is no text of at most " + MAX_TEXT + " bytes");
      }
      byte[] bytes = in.readNBytes((int) value);
      if (bytes.length < value) {
        throw new EOFException("no ONNX file: it ends within a field");
      }
      return bytes;
    }

    void skip(InputStream in) throws IOException {
      if (!varint) {
        in.skipNBytes(value);
      }
    }
  }
}
