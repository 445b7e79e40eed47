package org.lakebrush.sink;

import java.io.IOException;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;

/** A Parquet file that is written from its beginning to its end, once, to something that has no blocks. */
interface StreamedFile extends OutputFile {
  @Override
  default PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
    return create(blockSizeHint);
  }

  @Override
  default boolean supportsBlockSize() {
    return false;
  }

  @Override
  default long defaultBlockSize() {
    return 0;
  }
}
