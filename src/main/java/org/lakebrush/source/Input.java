package org.lakebrush.source;

/** What a run repairs, as the user named it. */
public sealed interface Input {
  /** The URI or path, for messages. */
  String uri();

  /** Image files: a folder and all below it, a glob, or one file. */
  record Files(String uri) implements Input {}

  /**
   * A list of images: Parquet, CSV, or the {@code manifest.json} of an S3 Inventory.
   *
   * @param uri of the file, or of a folder of such files
   * @param base the folder that the images' paths below the output are relative to; null: the root of each image's bucket or file system
   */
  record Manifest(String uri, String base) implements Input {}
}
