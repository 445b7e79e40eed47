package org.lakebrush.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.lakebrush.hostile.Pieces.Piece;

/**
 * Image files that are not what they say, made from intact ones by chance; a number is the seed of one. Half of the ways know the format
 * and leave lengths and checksums right, so that what lies behind those is reached.
 */
public final class Mutations {
  /** What lies are made of. */
  private static final int[] NUMBERS = {0, 1, 2, 3, 7, 8, 16, 255, 256, 32767, 32768, 65535, 65536, 60000, 1 << 24, 0x7FFFFFFF, 0x7FFFFFF0,
      0x80000000, 0xFFFFFFFF, 0xFFFFFFF0};
  private static final int[] TIFF_TAGS = {254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 284, 292, 293, 317, 320, 322,
      323, 324, 325, 330, 332, 338, 339, 347, 513, 514, 529, 530, 531, 532, 700, 34377, 34665, 34675, 37724};
  private static final int[] BMP_FIELDS = {2, 10, 14, 18, 22, 26, 28, 30, 34, 38, 42, 46, 54, 58, 62, 66, 126, 130};
  private static final int LONGEST = 1 << 20;

  /**
   * A file.
   *
   * @param name whose extension is its seed's
   * @param way how it was made
   */
  public record Mutant(String name, String way, byte[] file) {}

  /** Ways to spoil a file. */
  private enum Way {
    FLIP, CUT, SPLICE, BLOCK, LIE, STRUCTURE, STRUCTURE_TWICE, INFLATED
  }

  private final List<Map.Entry<String, byte[]>> seeds;

  public Mutations(Map<String, byte[]> seeds) {
    this.seeds = List.copyOf(seeds.entrySet());
  }

  /** The file of a number; always the same. */
  public Mutant make(long number) {
    Random random = new Random(number * 0x9E3779B97F4A7C15L);
    Map.Entry<String, byte[]> seed = seeds.get((int) Math.floorMod(number, seeds.size()));
    Way way = Way.values()[random.nextInt(Way.values().length)];
    byte[] file = seed.getValue().clone();
    file = switch (way) {
      case FLIP -> flip(file, random);
      case CUT -> Arrays.copyOf(file, place(file.length + 1, random));
      case SPLICE -> splice(file, other(seed.getKey(), random), random);
      case BLOCK -> block(file, random);
      case LIE -> lie(file, random);
      case STRUCTURE -> structure(seed.getKey(), file, 1, random);
      case STRUCTURE_TWICE -> flip(structure(seed.getKey(), file, 1 + random.nextInt(4), random), random);
      case INFLATED -> inflated(seed.getKey(), file, random);
    };
    return new Mutant(String.format("m%07d-%s", number, seed.getKey()), way.name().toLowerCase(), file);
  }

  private byte[] other(String name, Random random) {
    String extension = name.substring(name.lastIndexOf('.'));
    List<Map.Entry<String, byte[]>> same = seeds.stream().filter(s -> s.getKey().endsWith(extension)).toList();
    List<Map.Entry<String, byte[]>> from = random.nextInt(4) == 0 ? seeds : same;
    return from.get(random.nextInt(from.size())).getValue();
  }

  /** Half of the places lie where the headers are. */
  private static int place(int length, Random random) {
    return length == 0 ? 0 : random.nextInt(random.nextBoolean() ? Math.min(160, length) : length);
  }

  private static byte[] flip(byte[] file, Random random) {
    for (int i = 1 + random.nextInt(6); i > 0 && file.length > 0; i--) {
      int at = place(file.length, random);
      file[at] = (byte) (random.nextBoolean() ? file[at] ^ 1 << random.nextInt(8) : random.nextInt(256));
    }
    return file;
  }

  private static byte[] splice(byte[] head, byte[] tail, Random random) {
    return concat(Arrays.copyOf(head, place(head.length, random)), Arrays.copyOfRange(tail, place(tail.length, random), tail.length));
  }

  /** A run of bytes is taken out, doubled, zeroed, or put somewhere else. */
  private static byte[] block(byte[] file, Random random) {
    int from = place(file.length, random);
    int to = Math.min(file.length, from + 1 + random.nextInt(64));
    byte[] run = Arrays.copyOfRange(file, from, to);
    byte[] head = Arrays.copyOf(file, from);
    byte[] tail = Arrays.copyOfRange(file, to, file.length);
    return switch (random.nextInt(4)) {
      case 0 -> concat(head, tail);
      case 1 -> concat(head, run, run, tail);
      case 2 -> concat(head, new byte[run.length], tail);
      default -> concat(head, tail, run);
    };
  }

  /** Numbers in either byte order and of either size, where there may be some. */
  private static byte[] lie(byte[] file, Random random) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = place(file.length - 4, random);
      if (random.nextBoolean()) {
        buffer.putInt(at, number(file.length, random));
      } else {
        buffer.putShort(at, (short) number(file.length, random));
      }
    }
    return file;
  }

  private static int number(int length, Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(2 * length + 1);
      case 1 -> random.nextInt();
      default -> NUMBERS[random.nextInt(NUMBERS.length)];
    };
  }

  private byte[] structure(String name, byte[] file, int edits, Random random) {
    for (int i = 0; i < edits; i++) {
      file = switch (name.substring(name.lastIndexOf('.') + 1)) {
        case "png" -> pieces(Pieces.PNG, file, other(name, random), random);
        case "jpg" -> pieces(Pieces.JPEG, file, other(name, random), random);
        case "webp" -> pieces(Pieces.WEBP, file, other(name, random), random);
        case "tif" -> tiff(file, random);
        default -> bmp(file, random);
      };
    }
    return file;
  }

  private static byte[] pieces(Pieces form, byte[] file, byte[] other, Random random) {
    List<Piece> pieces;
    List<Piece> others;
    try {
      pieces = new ArrayList<>(form.split(file));
      others = form.split(other);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | NegativeArraySizeException e) {
      // Of another format, or already beyond understanding.
      return flip(file, random);
    }
    if (pieces.isEmpty() || others.isEmpty()) {
      return file;
    }
    int at = random.nextInt(pieces.size());
    Piece piece = pieces.get(at);
    byte[] data = piece.data().clone();
    switch (random.nextInt(8)) {
      case 0 -> pieces.remove(at);
      case 1 -> {
        for (int i = random.nextInt(10) == 0 ? Math.min(2000, LONGEST / (data.length + 12)) : 1; i > 0; i--) {
          pieces.add(at, piece);
        }
      }
      case 2 -> {
        int with = random.nextInt(pieces.size());
        pieces.set(at, pieces.get(with));
        pieces.set(with, piece);
      }
      case 3 -> pieces.add(at, others.get(random.nextInt(others.size())));
      case 4 -> pieces.set(at, new Piece(piece.type(), Arrays.copyOf(data, random.nextInt(2 * data.length + 2))));
      case 5 -> pieces.set(at, new Piece(piece.type(), data.length > 4 ? lie(data, random) : flip(data, random)));
      case 6 -> {
        // The first pieces are the headers.
        Piece first = pieces.get(0);
        pieces.set(0, new Piece(first.type(), flip(first.data().clone(), random)));
      }
      default -> pieces.set(at, new Piece(piece.type(), flip(data, random)));
    }
    return form.join(pieces);
  }

  private static byte[] tiff(byte[] file, Random random) {
    try {
      Tiff tiff = new Tiff(file);
      if (tiff.entries() == 0) {
        return file;
      }
      int at = tiff.entry(random.nextInt(tiff.entries()));
      ByteBuffer b = tiff.file();
      switch (random.nextInt(7)) {
        case 0 -> b.putInt(at + 8, number(file.length, random));
        case 1 -> b.putInt(at + 4, number(file.length, random));
        case 2 -> b.putShort(at + 2, (short) random.nextInt(14));
        case 3 -> b.putShort(at, (short) TIFF_TAGS[random.nextInt(TIFF_TAGS.length)]);
        case 4 -> b.putInt(tiff.entry(tiff.entries()), random.nextBoolean() ? tiff.directory() : number(file.length, random));
        case 5 -> tiff.set(TIFF_TAGS[random.nextInt(TIFF_TAGS.length)], 3 + random.nextInt(2), 1, random.nextInt(20));
        default -> {
          int values = b.getInt(at + 8);
          b.putInt(values + 4 * random.nextInt(4), number(file.length, random));
        }
      }
    } catch (IndexOutOfBoundsException e) {
      return flip(file, random);
    }
    return file;
  }

  private static byte[] bmp(byte[] file, Random random) {
    ByteBuffer b = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      int at = BMP_FIELDS[random.nextInt(BMP_FIELDS.length)];
      if (at + 4 > file.length) {
        continue;
      }
      int value = random.nextInt(3) == 0 ? random.nextInt(130) : number(file.length, random);
      if (at == 26 || at == 28) {
        b.putShort(at, (short) (random.nextBoolean() ? 1 << random.nextInt(7) : value));
      } else {
        b.putInt(at, value);
      }
    }
    return file;
  }

  /** Damage within a PNG's pixel data, deflated again; in other formats plain damage far from the headers. */
  private static byte[] inflated(String name, byte[] file, Random random) {
    if (!name.endsWith(".png")) {
      for (int i = 1 + random.nextInt(20); i > 0; i--) {
        file[file.length / 2 + random.nextInt(file.length - file.length / 2)] = (byte) random.nextInt(256);
      }
      return file;
    }
    List<Piece> pieces = new ArrayList<>(Pieces.PNG.split(file));
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    pieces.stream().filter(p -> p.type().equals("IDAT")).forEach(p -> data.writeBytes(p.data()));
    byte[] raw = inflate(data.toByteArray());
    raw = random.nextInt(4) == 0 ? Arrays.copyOf(raw, random.nextInt(2 * raw.length)) : flip(raw, random);
    Piece idat = new Piece("IDAT", Seeds.deflate(raw));
    pieces.removeIf(p -> p.type().equals("IDAT"));
    pieces.add(pieces.size() - 1, idat);
    return Pieces.PNG.join(pieces);
  }

  private static byte[] inflate(byte[] data) {
    Inflater inflater = new Inflater();
    inflater.setInput(data);
    byte[] raw = new byte[LONGEST];
    try {
      return Arrays.copyOf(raw, inflater.inflate(raw));
    } catch (DataFormatException e) {
      throw new IllegalStateException(e);
    } finally {
      inflater.end();
    }
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
