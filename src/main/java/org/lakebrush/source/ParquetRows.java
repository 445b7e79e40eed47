package org.lakebrush.source;

import java.io.IOException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Writes Spark rows as one Parquet file without a Spark job, row group by row group, Snappy-compressed. Columns may be strings, ints,
 * longs, doubles, timestamps (stored as UTC microseconds), structs of such, and arrays of all these without nulls.
 */
public final class ParquetRows {
  private static final long ROW_GROUP_BYTES = 16L << 20;

  private ParquetRows() {}

  /** Opens a writer; closing it ends the file. */
  public static ParquetWriter<Row> writer(OutputFile file, StructType schema, Configuration conf) throws IOException {
    return new Builder(file, schema).withConf(conf).withCompressionCodec(CompressionCodecName.SNAPPY)
        .withRowGroupSize(ROW_GROUP_BYTES).build();
  }

  /** A timestamp column's value, {@code Timestamp} or {@code Instant} as {@code spark.sql.datetime.java8API.enabled} has it. */
  public static Instant instant(Object value) {
    return value instanceof Timestamp timestamp ? timestamp.toInstant() : (Instant) value;
  }

  private static Type type(StructField field) {
    return type(field.dataType(), field.nullable() ? Type.Repetition.OPTIONAL : Type.Repetition.REQUIRED, field.name());
  }

  private static Type type(DataType type, Type.Repetition repetition, String name) {
    if (type instanceof ArrayType array) {
      return Types.list(repetition).element(type(array.elementType(), Type.Repetition.REQUIRED, "element")).named(name);
    }
    if (type instanceof StructType struct) {
      Types.GroupBuilder<GroupType> group = Types.buildGroup(repetition);
      for (StructField field : struct.fields()) {
        group.addField(type(field));
      }
      return group.named(name);
    }
    return primitive(type, repetition).named(name);
  }

  private static Types.PrimitiveBuilder<org.apache.parquet.schema.PrimitiveType> primitive(DataType type,
      Type.Repetition repetition) {
    if (type.equals(DataTypes.StringType)) {
      return Types.primitive(PrimitiveTypeName.BINARY, repetition).as(LogicalTypeAnnotation.stringType());
    }
    if (type.equals(DataTypes.IntegerType)) {
      return Types.primitive(PrimitiveTypeName.INT32, repetition);
    }
    if (type.equals(DataTypes.LongType)) {
      return Types.primitive(PrimitiveTypeName.INT64, repetition);
    }
    if (type.equals(DataTypes.DoubleType)) {
      return Types.primitive(PrimitiveTypeName.DOUBLE, repetition);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return Types.primitive(PrimitiveTypeName.INT64, repetition).as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS));
    }
    throw new IllegalArgumentException("no Parquet type for " + type);
  }

  private static final class Builder extends ParquetWriter.Builder<Row, Builder> {
    private final StructType schema;

    Builder(OutputFile file, StructType schema) {
      super(file);
      this.schema = schema;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Row> getWriteSupport(Configuration conf) {
      return new RowSupport(schema);
    }
  }

  private static final class RowSupport extends WriteSupport<Row> {
    private final StructType schema;
    private RecordConsumer consumer;

    RowSupport(StructType schema) {
      this.schema = schema;
    }

    @Override
    public WriteContext init(Configuration conf) {
      Types.MessageTypeBuilder message = Types.buildMessage();
      for (StructField field : schema.fields()) {
        message.addField(type(field));
      }
      MessageType parquet = message.named("lakebrush");
      return new WriteContext(parquet, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void write(Row row) {
      consumer.startMessage();
      writeFields(schema, row);
      consumer.endMessage();
    }

    private void writeFields(StructType type, Row row) {
      for (int i = 0; i < type.size(); i++) {
        if (!row.isNullAt(i)) {
          StructField field = type.apply(i);
          consumer.startField(field.name(), i);
          if (field.dataType() instanceof ArrayType array) {
            writeList(array.elementType(), row.getList(i));
          } else {
            writeValue(field.dataType(), row.get(i));
          }
          consumer.endField(field.name(), i);
        }
      }
    }

    private void writeList(DataType type, List<?> list) {
      consumer.startGroup();
      if (!list.isEmpty()) {
        consumer.startField("list", 0);
        for (Object element : list) {
          consumer.startGroup();
          consumer.startField("element", 0);
          writeValue(type, element);
          consumer.endField("element", 0);
          consumer.endGroup();
        }
        consumer.endField("list", 0);
      }
      consumer.endGroup();
    }

    private void writeValue(DataType type, Object value) {
      if (type instanceof StructType struct) {
        consumer.startGroup();
        writeFields(struct, (Row) value);
        consumer.endGroup();
      } else if (type.equals(DataTypes.StringType)) {
        consumer.addBinary(Binary.fromString((String) value));
      } else if (type.equals(DataTypes.IntegerType)) {
        consumer.addInteger((Integer) value);
      } else if (type.equals(DataTypes.LongType)) {
        consumer.addLong((Long) value);
      } else if (type.equals(DataTypes.DoubleType)) {
        consumer.addDouble((Double) value);
      } else {
        consumer.addLong(ChronoUnit.MICROS.between(Instant.EPOCH, instant(value)));
      }
    }
  }
}
