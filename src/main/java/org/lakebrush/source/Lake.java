package org.lakebrush.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.sha2;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;

/**
 * All images of an input, as a Dataset of references: their bytes stay where they are.
 *
 * @param refs rows of {@link ImageRefs#SCHEMA}, each image once, in no order; it may read files of the staging folder, so that folder
 *     must stay as long as this is used
 * @param images rows of {@code refs}
 * @param bytes the images' length, summed
 * @param otherFiles files of the input that are no images by their extension
 * @param maskFiles image files of the input that the job's masks name, and so are not repaired
 * @param notes what the user must be told of the input
 * @param reach where the images and their masks may be read
 */
public record Lake(Dataset<Row> refs, long images, long bytes, long otherFiles, long maskFiles, List<String> notes,
    Reach reach) {
  /**
   * Lists the input and the job's sidecar masks. The driver holds a bounded number of entries at a time.
   *
   * <p>A sidecar folder inside the input and a sidecar file inside it are no images to repair, nor is any image file whose name ends
   * in a sidecar suffix. Where several files could be an image's mask, the first by URI is taken.
   *
   * @param spark its Hadoop configuration has {@link HadoopDefaults} applied
   * @param input a folder, a glob or one file: a URI or a plain path
   * @param mayBeEmpty whether an input that exists and holds no image is a lake without any
   * @param masks the job's masks; those that are {@link SidecarMask} give the references' {@code sidecars}, in order
   * @param jobFingerprint of model and settings; goes into each reference's fingerprint together with URI, length and modification
   *     time of its mask files
   * @param staging a folder of this run for what does not fit in memory; created when needed, deleted by the caller
   * @param excluded files and folders, wherever they lie, that are no part of the input: the log, the output, the job file
   * @throws InputException where the input or a mask file or folder that the job names is not there, or the input has no images and may
   *     not be empty
   * @throws IOException where listing fails
   */
  public static Lake read(SparkSession spark, String input, boolean mayBeEmpty, List<MaskSpec> masks, String jobFingerprint,
      Path staging, List<Path> excluded) throws InputException, IOException {
    try (LakeReader reader = new LakeReader(spark, staging)) {
      return reader.read(input, LakeReader.Kind.IMAGES, mayBeEmpty, masks, jobFingerprint, excluded);
    }
  }

  /**
   * Reads a manifest: a Parquet or CSV file, a folder of such, or the {@code manifest.json} of an S3 Inventory. Else as {@link #read(
   * SparkSession, String, boolean, List, String, Path, List)}; a reference whose length or modification time the manifest does not say is
   * {@link ImageRef#UNKNOWN_LENGTH} or {@link ImageRef#UNKNOWN_TIME}.
   *
   * <p>An image's path is what follows the manifest's base in its URI. Rows without a URI are left out and told of; several rows for one
   * image become one. What lies outside of the base or of the manifest's own storage is there, to be refused when it is read.
   *
   * @throws InputException also where the manifest or a file that it names is not there or no manifest, or the job looks for masks in a
   *     way that takes a listing
   */
  public static Lake read(SparkSession spark, Input.Manifest manifest, List<MaskSpec> masks, String jobFingerprint, Path staging,
      List<Path> excluded) throws InputException, IOException {
    try (LakeReader reader = new LakeReader(spark, staging)) {
      return reader.read(manifest, masks, jobFingerprint, excluded);
    }
  }

  /**
   * Lists a table's files, all but those whose names or folders Spark passes over ({@code _SUCCESS} and the like). Else as {@link #read(
   * SparkSession, String, boolean, List, String, Path, List)}; each reference stands for a file, and its fingerprint has the file's URI,
   * length and modification time in it, for its images' rows in the log have a URI and length of their own.
   */
  public static Lake table(SparkSession spark, Input.Table input, List<MaskSpec> masks, String jobFingerprint, Path staging,
      List<Path> excluded) throws InputException, IOException {
    try (LakeReader reader = new LakeReader(spark, staging)) {
      Lake lake = reader.read(input.uri(), LakeReader.Kind.TABLE, false, masks, jobFingerprint, excluded);
      Column fingerprint = sha2(concat_ws("\t", col("fingerprint"), col("uri"), col("length"), col("modification_time")), 256);
      return new Lake(lake.refs.withColumn("fingerprint", fingerprint), lake.images, lake.bytes, lake.otherFiles, lake.maskFiles,
          lake.notes, lake.reach);
    }
  }
}
