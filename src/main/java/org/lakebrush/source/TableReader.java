package org.lakebrush.source;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.crypto.ParquetCryptoRuntimeException;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.BadConfigurationException;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;

/**
 * One Parquet file of a table: its images and keys are read row by row, a row group's worth of their bytes in memory; its other columns
 * are left as they lie, to be copied. Used by one thread at a time.
 */
public final class TableReader implements Closeable {

  /**
   * A row's image.
   *
   * @param number of the row in the file, from 0
   * @param name the key as text, unique in the file: a key that is null, or was there before, has {@code #} and the row's number behind it
   * @param level the definition level: how far the image is there, where it is in structs
   * @param bytes the image, or null
   */
  public record Cell(long number, String name, int level, byte[] bytes) {}

  private final HadoopInputFile input;
  private final ParquetFileReader file;
  private final TableColumns columns;
  private final MessageType read;
  private final Set<String> names = new HashSet<>();
  private ColumnReader images;
  private ColumnReader keys;
  private long left;
  private long row;

  private TableReader(HadoopInputFile input, ParquetFileReader file, TableColumns columns) {
    this.input = input;
    this.file = file;
    this.columns = columns;
    this.read = TableColumns.schema(file.getFileMetaData().getSchema(), columns.image(), columns.key());
    file.setRequestedSchema(read);
  }

  /**
   * Opens a file and reads its footer.
   *
   * @param ref the file as it was listed
   * @param image name of the image column, or null, as in {@link TableColumns#of}
   * @param key name of the key column, or null
   * @throws ImageFailure VANISHED, CHANGED, UNREADABLE, EMPTY_FILE, CORRUPT, or UNSUPPORTED where it has not the columns or is encrypted
   */
  public static TableReader open(Configuration conf, ImageRef ref, String image, String key) throws ImageFailure {
    try {
      HadoopInputFile input = input(conf, ref);
      ParquetFileReader file = file(conf, input);
      try {
        return new TableReader(input, file, columns(file, ref, image, key));
      } catch (ImageFailure | RuntimeException e) {
        file.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      throw failure(ref, e);
    }
  }

  private static HadoopInputFile input(Configuration conf, ImageRef ref) throws IOException, ImageFailure {
    if (ref.length() == 0) {
      throw new ImageFailure(ErrorKind.EMPTY_FILE, ref.uri() + " has no bytes, and so is no Parquet file");
    }
    Path path = new Path(ref.uri());
    FileStatus status = path.getFileSystem(conf).getFileStatus(path);
    if (status.getLen() != ref.length() || status.getModificationTime() != ref.modificationTime()) {
      throw new ImageFailure(ErrorKind.CHANGED, ref.uri() + " was listed with " + ref.length() + " bytes and was written anew since;"
          + " the next run lists it again");
    }
    return HadoopInputFile.fromStatus(status, conf);
  }

  private static ParquetFileReader file(Configuration conf, HadoopInputFile input) throws IOException {
    return ParquetFileReader.open(input, HadoopReadOptions.builder(conf, input.getPath()).usePageChecksumVerification(true).build());
  }

  private static TableColumns columns(ParquetFileReader file, ImageRef ref, String image, String key) throws ImageFailure {
    for (BlockMetaData block : file.getRowGroups()) {
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        if (chunk.isEncrypted()) {
          throw new ImageFailure(ErrorKind.UNSUPPORTED, ref.uri() + " has encrypted columns, which are not read");
        }
      }
    }
    try {
      return TableColumns.of(file.getFileMetaData().getSchema(), image, key);
    } catch (InputException e) {
      throw new ImageFailure(ErrorKind.UNSUPPORTED, ref.uri() + ": " + e.getMessage(), e);
    }
  }

  /**
   * What planning wants of a file.
   *
   * @param rows whether they have an image or not
   */
  public record Footer(MessageType schema, long rows) {}

  /**
   * Reads a file's footer alone.
   *
   * @throws ImageFailure as {@link #open}, but for what is wrong with its columns
   */
  public static Footer footer(Configuration conf, ImageRef ref) throws ImageFailure {
    try (ParquetFileReader file = file(conf, input(conf, ref))) {
      return new Footer(file.getFileMetaData().getSchema(), file.getRecordCount());
    } catch (IOException | RuntimeException e) {
      throw failure(ref, e);
    }
  }

  /** What an exception while reading a table's file means; S3A, or the client of another store, has tried again by itself before. */
  public static ImageFailure failure(ImageRef ref, Exception e) {
    if (e instanceof FileNotFoundException || e instanceof InvalidPathException) {
      return ImageBytes.failure(new Path(ref.uri()), e, ErrorKind.VANISHED, ErrorKind.UNREADABLE,
          "was listed and is gone; the next run lists again");
    }
    if (e instanceof BadConfigurationException || e instanceof ParquetCryptoRuntimeException) {
      return new ImageFailure(ErrorKind.UNSUPPORTED, ref.uri() + " cannot be read: " + Causes.inOneLine(e) + "; encrypted files are not"
          + " read, nor those with a codec that this Spark lacks: write it again with another", e);
    }
    // A file that ends too soon is a damaged one, more often than a store in trouble.
    if (Transient.is(e) && !(e instanceof EOFException)) {
      return ImageBytes.failure(new Path(ref.uri()), e, ErrorKind.VANISHED, ErrorKind.UNREADABLE, "");
    }
    if (e instanceof IOException) {
      return new ImageFailure(ErrorKind.UNREADABLE, ref.uri() + " cannot be read: " + Causes.inOneLine(e)
          + "; check permissions, credentials and the store, and that it is a whole Parquet file", e);
    }
    return new ImageFailure(ErrorKind.CORRUPT, ref.uri() + " is no Parquet file, or a damaged one: " + Causes.inOneLine(e)
        + "; write it again, or move it out of the table", e);
  }

  public TableColumns columns() {
    return columns;
  }

  /** The file's own schema. */
  public MessageType schema() {
    return file.getFileMetaData().getSchema();
  }

  /** The footer's key-value metadata. */
  public Map<String, String> metadata() {
    return file.getFileMetaData().getKeyValueMetaData();
  }

  /** The row groups, but those without rows. */
  public List<BlockMetaData> rowGroups() {
    return file.getRowGroups().stream().filter(g -> g.getRowCount() > 0).toList();
  }

  /** Parquet's own reader, for a column's indexes and filters. */
  public ParquetFileReader file() {
    return file;
  }

  /** Another stream of the same file, to copy columns from. */
  public SeekableInputStream stream() throws IOException {
    return input.newStream();
  }

  /** Bytes of the image column in a row group, as they are stored. */
  public long imageBytes(BlockMetaData block) {
    return chunk(block, columns.image()).getTotalSize();
  }

  /** A column's chunk in a row group. */
  public static ColumnChunkMetaData chunk(BlockMetaData block, ColumnDescriptor column) {
    return block.getColumns().stream().filter(c -> List.of(c.getPath().toArray()).equals(List.of(column.getPath()))).findFirst()
        .orElseThrow(() -> new IllegalStateException("no chunk of " + TableColumns.name(column) + " in a row group"));
  }

  /** Reads a row group; {@link #next} gives its rows. */
  public void startRowGroup(BlockMetaData block) throws IOException {
    PageReadStore pages = file.readRowGroup(file.getRowGroups().indexOf(block));
    ColumnReadStoreImpl store = new ColumnReadStoreImpl(pages, new GroupRecordConverter(read).getRootConverter(), read,
        file.getFileMetaData().getCreatedBy());
    images = store.getColumnReader(columns.image());
    keys = store.getColumnReader(columns.key());
    left = pages.getRowCount();
  }

  /** The row group's next row, or null after its last. */
  public Cell next() {
    if (left == 0) {
      return null;
    }
    left--;
    int level = images.getCurrentDefinitionLevel();
    byte[] bytes = level == columns.image().getMaxDefinitionLevel() ? images.getBinary().getBytes() : null;
    Cell cell = new Cell(row, name(), level, bytes);
    images.consume();
    keys.consume();
    row++;
    return cell;
  }

  private String name() {
    String key = keys.getCurrentDefinitionLevel() == columns.key().getMaxDefinitionLevel() ? text() : null;
    String name = key == null ? "#" + row : key;
    while (!names.add(name)) {
      name += "#" + row;
    }
    return name;
  }

  private String text() {
    PrimitiveType type = columns.key().getPrimitiveType();
    return switch (type.getPrimitiveTypeName()) {
      case INT32 -> type.stringifier().stringify(keys.getInteger());
      case INT64 -> type.stringifier().stringify(keys.getLong());
      case BOOLEAN -> type.stringifier().stringify(keys.getBoolean());
      case FLOAT -> type.stringifier().stringify(keys.getFloat());
      case DOUBLE -> type.stringifier().stringify(keys.getDouble());
      case BINARY, FIXED_LEN_BYTE_ARRAY, INT96 -> type.stringifier().stringify(keys.getBinary());
    };
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
