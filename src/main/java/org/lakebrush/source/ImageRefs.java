package org.lakebrush.source;

import static scala.jdk.javaapi.CollectionConverters.asScala;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** {@link ImageRef} as a Spark row. */
public final class ImageRefs {
  /** One column for each component of {@link ImageRef}, in its order; {@code modification_time} is in ms since 1970. */
  public static final StructType SCHEMA = new StructType()
      .add("uri", DataTypes.StringType, false)
      .add("path", DataTypes.StringType, false)
      .add("length", DataTypes.LongType, false)
      .add("modification_time", DataTypes.LongType, false)
      .add("sidecars", DataTypes.createArrayType(DataTypes.StringType, true), false)
      .add("boxes", DataTypes.StringType, true)
      .add("fingerprint", DataTypes.StringType, false);

  private ImageRefs() {}

  /** A row of {@link #SCHEMA}. */
  public static Row toRow(ImageRef ref) {
    return RowFactory.create(ref.uri(), ref.path(), ref.length(), ref.modificationTime(),
        asScala(ref.sidecars()).toSeq(), ref.boxes(), ref.fingerprint());
  }

  /** Reads a row that has {@link #SCHEMA}'s columns first and in order. */
  public static ImageRef fromRow(Row row) {
    List<String> sidecars = Collections.unmodifiableList(new ArrayList<>(row.getList(4)));
    return new ImageRef(row.getString(0), row.getString(1), row.getLong(2), row.getLong(3), sidecars, row.getString(5), row.getString(6));
  }
}
