package org.lakebrush.source;

/** What a run repairs, as the user named it. */
public sealed interface Input {
  /** The URI or path, for messages. */
  String uri();

  /** Image files: a folder and all below it, a glob, or one file. */
  record Files(String uri) implements Input {}
}
