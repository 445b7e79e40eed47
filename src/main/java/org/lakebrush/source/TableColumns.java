package org.lakebrush.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;

/**
 * Which columns of a table hold the images and their keys. Columns inside structs are named with dots.
 *
 * @param image of Parquet's type BINARY, without a logical type, and not repeated
 * @param key of any type, not repeated
 */
public record TableColumns(ColumnDescriptor image, ColumnDescriptor key) {
  /** The column that the output has more than the input. */
  public static final String STATUS = "lakebrush_status";

  /** Names that a key column has where none is given, in order of preference; upper case counts as lower case. */
  private static final List<String> KEY_NAMES = List.of("key", "id", "image_id", "uri", "url", "path", "file", "file_name", "filename",
      "name");

  /**
   * Finds the columns in a file's schema.
   *
   * @param image its name, or null for the only one that it can be
   * @param key its name, or null for one whose name says that it is, on its own or in the struct of the image
   * @throws InputException naming the option to give, and what there is to choose from
   */
  public static TableColumns of(MessageType schema, String image, String key) throws InputException {
    if (schema.containsField(STATUS)) {
      throw new InputException("the table has a column " + STATUS + " already: it is the output of a run; give --input-table the table"
          + " that was repaired");
    }
    ColumnDescriptor imageColumn = image(schema, image);
    ColumnDescriptor keyColumn = key(schema, key, imageColumn);
    if (keyColumn.equals(imageColumn)) {
      throw new InputException("--key-column " + name(keyColumn) + " is the image column; give the column that names the images");
    }
    return new TableColumns(imageColumn, keyColumn);
  }

  private static ColumnDescriptor image(MessageType schema, String name) throws InputException {
    List<ColumnDescriptor> binary = schema.getColumns().stream().filter(TableColumns::isBinary).toList();
    if (name == null && binary.size() == 1) {
      return binary.get(0);
    }
    String among = binary.isEmpty() ? "no column is binary" : "the binary columns are " + names(binary);
    if (name == null) {
      throw new InputException("the table's image column is not given: give --image-column; " + among);
    }
    ColumnDescriptor column = find(schema, name, "--image-column");
    if (!isBinary(column)) {
      throw new InputException("--image-column " + name + " is " + column.getPrimitiveType() + ", and images are binary values, one a row; "
          + among);
    }
    return column;
  }

  private static ColumnDescriptor key(MessageType schema, String name, ColumnDescriptor image) throws InputException {
    List<ColumnDescriptor> single = schema.getColumns().stream().filter(c -> c.getMaxRepetitionLevel() == 0).toList();
    if (name != null) {
      ColumnDescriptor column = find(schema, name, "--key-column");
      if (column.getMaxRepetitionLevel() > 0) {
        throw new InputException("--key-column " + name + " holds several values a row; the others are " + names(single));
      }
      return column;
    }
    String struct = name(image).substring(0, name(image).lastIndexOf('.') + 1);
    for (String in : List.of("", struct)) {
      for (String usual : KEY_NAMES) {
        for (ColumnDescriptor column : single) {
          if (name(column).equalsIgnoreCase(in + usual) && !isBinary(column)) {
            return column;
          }
        }
      }
    }
    throw new InputException("the table's key column, which names the images in the log, is not given and none is called "
        + String.join(", ", KEY_NAMES) + ": give --key-column; the columns are " + names(single));
  }

  private static ColumnDescriptor find(MessageType schema, String name, String option) throws InputException {
    return schema.getColumns().stream().filter(c -> name(c).equals(name)).findFirst().orElseThrow(() -> new InputException(option + " "
        + name + ": the table has no such column; its columns are " + names(schema.getColumns())));
  }

  private static boolean isBinary(ColumnDescriptor column) {
    return column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
        && column.getPrimitiveType().getLogicalTypeAnnotation() == null && column.getMaxRepetitionLevel() == 0;
  }

  /** A column's name, with dots where it lies in structs. */
  public static String name(ColumnDescriptor column) {
    return String.join(".", column.getPath());
  }

  private static String names(List<ColumnDescriptor> columns) {
    return columns.stream().map(TableColumns::name).collect(Collectors.joining(", "));
  }

  /** A schema with these columns alone, with the structs that they lie in. */
  public static MessageType schema(MessageType whole, ColumnDescriptor... columns) {
    List<Type> fields = new ArrayList<>();
    for (Type field : whole.getFields()) {
      List<String[]> paths = Arrays.stream(columns).map(ColumnDescriptor::getPath).filter(p -> p[0].equals(field.getName())).toList();
      if (!paths.isEmpty()) {
        fields.add(only(field, paths, 1));
      }
    }
    return new MessageType(whole.getName(), fields);
  }

  private static Type only(Type type, List<String[]> paths, int depth) {
    if (type.isPrimitive()) {
      return type;
    }
    GroupType group = type.asGroupType();
    List<Type> fields = new ArrayList<>();
    for (Type field : group.getFields()) {
      List<String[]> inside = paths.stream().filter(p -> p[depth].equals(field.getName())).toList();
      if (!inside.isEmpty()) {
        fields.add(only(field, inside, depth + 1));
      }
    }
    return group.withNewFields(fields);
  }
}
