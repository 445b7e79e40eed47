package org.lakebrush.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class OneLineTest {
  @Test
  void nothingEndsTheLineOrSteersATerminal() {
    assertEquals("a\\u000ab\\u000d\\u001b[31m\\u2028\\u0085\\u202e\\u0000c", OneLine.of("a\nb\r\u001b[31m\u2028\u0085\u202e\u0000c"));
  }

  @Test
  void whatCanBeReadStays() {
    String name = "s3a://lake/Größe 5 \\n 写真 \uD83D\uDE00 \"x\".jpg";
    assertEquals(name, OneLine.of(name));
    assertNull(OneLine.of(null));
  }

  @Test
  void keysAreHidden() {
    assertEquals("s3a://***:***@lake/a\\u000a", OneLine.of("s3a://AKIA:secret@lake/a\n"));
  }
}
