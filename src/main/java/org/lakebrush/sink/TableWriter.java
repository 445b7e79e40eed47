package org.lakebrush.sink;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnWriteStore;
import org.apache.parquet.column.ColumnWriter;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnWriteStoreV1;
import org.apache.parquet.column.page.PageWriter;
import org.apache.parquet.column.statistics.SizeStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.column.values.factory.DefaultV1ValuesWriterFactory;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.lakebrush.source.TableColumns;
import org.lakebrush.source.TableReader;

/**
 * Writes a table's file again with other images and the column {@link TableColumns#STATUS}: same row groups, schema, metadata and codecs.
 * Columns other than the image are copied as they are stored. A page of images, about 1 MiB or one image, is in memory. Used by one
 * thread.
 */
public final class TableWriter implements Closeable {
  private static final String SPARK_SCHEMA = "org.apache.spark.sql.parquet.row.metadata";
  private static final String ARROW_SCHEMA = "ARROW:schema";
  private static final int PAGE_BYTES = 1 << 20;
  private static final int BUFFER_BYTES = 64 << 10;

  /**
   * Values are written as they come: a dictionary would have to stand before them. With a factory of its own, for the usual one is one for
   * the JVM and does what the properties say that were built last.
   */
  private static final ParquetProperties PROPERTIES = ParquetProperties.builder()
      .withValuesWriterFactory(new DefaultV1ValuesWriterFactory()).withDictionaryEncoding(false).withPageSize(PAGE_BYTES)
      .withMinRowCountForPageSizeCheck(1).build();

  private final TableReader source;
  private final AtomicFiles.Draft draft;
  private final DraftFile target;
  private final SeekableInputStream in;
  private final CodecFactory codecs;
  private final ParquetFileWriter file;
  private final ColumnDescriptor image;
  private final ColumnDescriptor status;
  private final MessageType imageSchema;
  private final MessageType statusSchema;
  private BlockMetaData group;
  private List<ColumnDescriptor> rest;
  private List<String> statuses;
  private ColumnWriteStore store;
  private ColumnWriter images;

  /**
   * Begins a file.
   *
   * @param files where to
   * @param path relative to the root of {@code files}
   * @param source the file that is written again, before its first row group
   * @throws IOException of {@code source}; {@link AtomicFiles.DraftException} where it is the output that fails
   */
  public TableWriter(Configuration conf, AtomicFiles files, String path, TableReader source) throws IOException {
    this.source = source;
    MessageType schema = source.schema();
    Type column = Types.optional(PrimitiveTypeName.BINARY).as(LogicalTypeAnnotation.stringType()).named(TableColumns.STATUS);
    List<Type> fields = new ArrayList<>(schema.getFields());
    fields.add(column);
    MessageType whole = new MessageType(schema.getName(), fields);
    image = source.columns().image();
    imageSchema = TableColumns.schema(schema, image);
    statusSchema = new MessageType(schema.getName(), column);
    status = statusSchema.getColumns().get(0);
    codecs = new CodecFactory(conf, PAGE_BYTES);
    in = source.stream();
    try {
      draft = files.create(path);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
    try {
      // Row groups stand as they did, without padding.
      target = new DraftFile(draft);
      file = new ParquetFileWriter(target, whole, ParquetFileWriter.Mode.CREATE, Long.MAX_VALUE, 0, null, PROPERTIES);
      file.start();
    } catch (IOException | RuntimeException e) {
      draft.close();
      in.close();
      throw e;
    }
  }

  /** The file's URI once it is published. */
  public String uri() {
    return draft.uri();
  }

  /** Begins the row group that stands in the place of one of the source's. */
  public void startRowGroup(BlockMetaData block) throws IOException {
    group = block;
    statuses = new ArrayList<>();
    file.startBlock(block.getRowCount());
    rest = new ArrayList<>(source.schema().getColumns());
    // The columns of a row group lie in the schema's order.
    while (!rest.get(0).equals(image)) {
      copy(rest.remove(0));
    }
    rest.remove(0);
    store = startColumn(image, imageSchema);
    images = store.getColumnWriter(image);
  }

  /**
   * The row group's next row.
   *
   * @param cell the row of the source
   * @param bytes its image as it goes out; null where the source has none
   * @param outcome for {@link TableColumns#STATUS}; null where the source has no image
   */
  public void write(TableReader.Cell cell, byte[] bytes, Status outcome) throws IOException {
    if (bytes == null) {
      images.writeNull(0, cell.level());
    } else {
      images.write(Binary.fromConstantByteArray(bytes), 0, image.getMaxDefinitionLevel());
    }
    endRecord(store);
    statuses.add(outcome == null ? null : outcome.name());
  }

  /** Ends the row group; it must have all its rows. */
  public void endRowGroup() throws IOException {
    endColumn(store);
    for (ColumnDescriptor column : rest) {
      copy(column);
    }
    ColumnWriteStore column = startColumn(status, statusSchema);
    ColumnWriter values = column.getColumnWriter(status);
    for (String value : statuses) {
      if (value == null) {
        values.writeNull(0, 0);
      } else {
        values.write(Binary.fromString(value), 0, 1);
      }
      endRecord(column);
    }
    endColumn(column);
    file.endBlock();
  }

  /** Ends the file and puts it in its place. */
  public void publish() throws IOException {
    file.end(metadata(source.metadata()));
    draft.publish();
  }

  private void copy(ColumnDescriptor column) throws IOException {
    ColumnChunkMetaData chunk = TableReader.chunk(group, column);
    ParquetFileReader reader = source.file();
    file.appendColumnChunk(column, in, chunk, reader.readBloomFilter(chunk), reader.readColumnIndex(chunk), reader.readOffsetIndex(chunk));
  }

  private ColumnWriteStore startColumn(ColumnDescriptor column, MessageType schema) throws IOException {
    CompressionCodecName codec = TableReader.chunk(group, image).getCodec();
    file.startColumn(column, group.getRowCount(), codec);
    BytesInputCompressor compressor = codecs.getCompressor(codec);
    return new ColumnWriteStoreV1(schema, c -> pages(file, compressor), PROPERTIES);
  }

  /**
   * A column's pages go to the file as they are full. A proxy, for the statistics that a page comes with are more with each version of
   * Parquet.
   */
  private static PageWriter pages(ParquetFileWriter file, BytesInputCompressor compressor) {
    return (PageWriter) Proxy.newProxyInstance(PageWriter.class.getClassLoader(), new Class<?>[] {PageWriter.class},
        (proxy, method, args) -> switch (method.getName()) {
          case "writePage" -> {
            if (args.length < 8 || !(args[4] instanceof SizeStatistics sizes)) {
              throw new UnsupportedOperationException("pages without their sizes");
            }
            BytesInput bytes = (BytesInput) args[0];
            int size = Math.toIntExact(bytes.size());
            int last = args.length - 1;
            file.writeDataPage((int) args[1], size, compressor.compress(bytes), (Statistics<?>) args[3], (int) args[2],
                (Encoding) args[last - 2], (Encoding) args[last - 1], (Encoding) args[last], null, null, sizes);
            yield null;
          }
          case "getMemSize", "allocatedSize" -> 0L;
          case "memUsageString" -> args[0] + "no pages are kept";
          case "close" -> null;
          default -> throw new UnsupportedOperationException(method.getName());
        });
  }

  /** Parquet's column writers wrap what their pages throw. */
  private static void endRecord(ColumnWriteStore store) throws IOException {
    try {
      store.endRecord();
    } catch (RuntimeException e) {
      throw unwrapped(e);
    }
  }

  private void endColumn(ColumnWriteStore store) throws IOException {
    try {
      store.close();
    } catch (RuntimeException e) {
      throw unwrapped(e);
    }
    file.endColumn();
  }

  private static IOException unwrapped(RuntimeException e) {
    if (e.getCause() instanceof IOException io) {
      return io;
    }
    throw e;
  }

  /** The metadata of a schema with one more column; what cannot be brought up to date is dropped, for readers would go by it. */
  static Map<String, String> metadata(Map<String, String> source) {
    Map<String, String> metadata = new TreeMap<>(source);
    metadata.computeIfPresent(SPARK_SCHEMA, (key, json) -> {
      try {
        return ((StructType) DataType.fromJson(json)).add(TableColumns.STATUS, DataTypes.StringType, true).json();
      } catch (Exception e) {
        // Scala throws Jackson's checked exceptions without saying so.
        return null;
      }
    });
    metadata.computeIfPresent(ARROW_SCHEMA, (key, base64) -> {
      try {
        Schema schema = Schema.deserializeMessage(ByteBuffer.wrap(Base64.getDecoder().decode(base64)));
        List<Field> fields = new ArrayList<>(schema.getFields());
        fields.add(Field.nullable(TableColumns.STATUS, new ArrowType.Utf8()));
        return Base64.getEncoder().encodeToString(new Schema(fields, schema.getCustomMetadata()).serializeAsMessage());
      } catch (RuntimeException e) {
        return null;
      }
    });
    return metadata;
  }

  /** Throws away what was not published. */
  @Override
  public void close() throws IOException {
    draft.close();
    codecs.release();
    target.end();
    try (in) {
      file.close();
    }
  }

  /** A draft as Parquet writes to it. */
  private static final class DraftFile implements StreamedFile {
    private final AtomicFiles.Draft draft;
    private boolean ended;

    DraftFile(AtomicFiles.Draft draft) {
      this.draft = draft;
    }

    /** Nothing more is flushed: the draft is published or thrown away. */
    void end() {
      ended = true;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) {
      BufferedOutputStream buffer = new BufferedOutputStream(draft, BUFFER_BYTES);
      return new PositionOutputStream() {
        private long position;

        @Override
        public long getPos() {
          return position;
        }

        @Override
        public void write(int b) throws IOException {
          buffer.write(b);
          position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          buffer.write(bytes, offset, length);
          position += length;
        }

        @Override
        public void flush() throws IOException {
          if (!ended) {
            buffer.flush();
          }
        }

        /** The draft stays open: it is published or thrown away. */
        @Override
        public void close() throws IOException {
          flush();
        }
      };
    }
  }
}
