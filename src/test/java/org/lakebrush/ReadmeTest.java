package org.lakebrush;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.mask.MaskKind;
import org.lakebrush.sink.ResultLog;

/** The tables of README.md, against what they describe. */
class ReadmeTest {
  private final String readme;

  ReadmeTest() throws Exception {
    readme = Files.readString(Path.of("README.md"));
  }

  @Test
  void namesEachColumnOfTheLog() {
    for (StructField column : ResultLog.SCHEMA.fields()) {
      assertTrue(readme.contains("| `" + column.name() + "` | "), "column " + column.name());
      assertTrue(readme.contains(" | " + column.getComment().get() + " |"), "what column " + column.name() + " means");
    }
  }

  @Test
  void namesEachErrorKindAndMaskKind() {
    for (ErrorKind kind : ErrorKind.values()) {
      assertTrue(readme.contains("| `" + kind + "` | " + kind.meaning() + " |"), "error kind " + kind);
    }
    for (MaskKind kind : MaskKind.ALL) {
      assertTrue(readme.contains("| `" + kind.name() + "` | "), "mask kind " + kind.name());
    }
  }
}
