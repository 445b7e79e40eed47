package org.lakebrush.source;

/** What a run repairs, as the user named it. */
public sealed interface Input {
  /** The URI or path, for messages. */
  String uri();

  /** The command-line option that names it, for messages. */
  String option();

  /** Image files: a folder and all below it, a glob, or one file. */
  record Files(String uri) implements Input {
    @Override
    public String option() {
      return "--input";
    }
  }

  /**
   * A list of images: Parquet, CSV, or the {@code manifest.json} of an S3 Inventory.
   *
   * @param uri of the file, or of a folder of such files and all below it
   * @param base the folder that the images' paths below the output are relative to; null: the root of each image's bucket or file system
   */
  record Manifest(String uri, String base) implements Input {
    @Override
    public String option() {
      return "--manifest";
    }
  }

  /**
   * A Parquet dataset with images in a column: a folder of Parquet files and all below it, a glob, or one file.
   *
   * @param imageColumn its name, with dots where it lies in structs; null for the only one that it can be
   * @param keyColumn likewise of the column that names the images; null for one whose name says that it does
   */
  record Table(String uri, String imageColumn, String keyColumn) implements Input {
    @Override
    public String option() {
      return "--input-table";
    }
  }
}
