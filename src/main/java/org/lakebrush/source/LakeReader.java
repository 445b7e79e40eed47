package org.lakebrush.source;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.struct;
import static scala.jdk.javaapi.CollectionConverters.asScala;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.lakebrush.mask.ManifestMask;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;

/** {@link Lake#read}: holds the tables that it fills. */
final class LakeReader implements Closeable {
  private static final int IN_MEMORY = 50_000;

  /** LaMa's numbered masks: {@code a_mask001.png}. */
  private static final int MASK_DIGITS = 3;

  /** What the input's files are. */
  enum Kind {
    IMAGES {
      @Override
      boolean has(Listing.Entry entry) {
        return entry.isImage();
      }

      @Override
      InputException none(String input, long otherFiles, long maskFiles) {
        return new InputException(input + " holds no image (" + otherFiles + " other files, " + maskFiles + " mask files); images are told"
            + " by their extension: jpg, png, webp, bmp, tiff and the like. Where a folder may be empty set limits.empty_input: done");
      }
    },
    TABLE {
      @Override
      boolean has(Listing.Entry entry) {
        return TableFiles.isData(entry.path());
      }

      @Override
      InputException none(String input, long otherFiles, long maskFiles) {
        return new InputException(input + " holds no Parquet file (" + otherFiles + " other files); names that begin with _ or . do not"
            + " count");
      }
    };

    /** Whether a file is one of these. */
    abstract boolean has(Listing.Entry entry);

    /** Where there is not one. */
    abstract InputException none(String input, long otherFiles, long maskFiles);
  }

  /**
   * A sidecar entry of the job: its mask for all images, or its files and by what stem they meet the images; neither for a manifest's.
   *
   * @param place the file or folder that the job names; null where the masks lie in the input
   */
  private record Source(SidecarMask spec, Path place, FileStatus forAll, FileTable files) {}

  private final SparkSession spark;
  private final Configuration conf;
  private final Path staging;
  private final int inMemory;
  private final List<FileTable> tables = new ArrayList<>();

  LakeReader(SparkSession spark, Path staging) {
    this(spark, staging, IN_MEMORY);
  }

  /**
   * @param inMemory rows of a table from which it goes to a file
   */
  LakeReader(SparkSession spark, Path staging, int inMemory) {
    this.spark = spark;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.staging = staging;
    this.inMemory = inMemory;
  }

  Lake read(String input, Kind kind, boolean mayBeEmpty, List<MaskSpec> masks, String jobFingerprint, List<Path> excluded)
      throws InputException, IOException {
    boolean beside = masks.stream().anyMatch(SidecarMask.Suffix.class::isInstance);
    refuseManifestMasks(masks);
    List<Path> notInput = new ArrayList<>();
    for (Path path : excluded) {
      notInput.add(path.getFileSystem(conf).makeQualified(path));
    }
    FileTable images = table("images");
    long bytes = 0;
    long count = 0;
    long otherFiles = 0;
    long maskFiles = 0;
    List<Source> sources;
    String fingerprint;
    Reach reach;
    try (Listing listing = Listing.open(conf, input, beside)) {
      List<Path> maskPaths = new ArrayList<>();
      sources = sources(masks, listing.base(), maskPaths);
      fingerprint = jobFingerprint + shared(masks, maskPaths);
      reach = reach(List.of(listing.place().toString()), List.of(listing.base().toString()), sources, masks);
      for (Listing.Entry entry = listing.next(); entry != null; entry = listing.next()) {
        Path path = new Path(entry.uri());
        if (isWithinAny(path, notInput)) {
          continue;
        }
        boolean mask = kind.has(entry) && (isWithinAny(path, maskPaths) || addIfMask(entry, sources));
        if (!entry.named()) {
          continue;
        }
        if (mask) {
          maskFiles++;
        } else if (kind.has(entry)) {
          images.add(entry.stem(), entry);
          bytes += entry.length();
          count++;
        } else {
          otherFiles++;
        }
      }
    } catch (IOException e) {
      throw new IOException("cannot list " + input + ": " + Causes.inOneLine(e) + "; check permissions, credentials and the store", e);
    }
    if (count == 0 && !mayBeEmpty) {
      throw kind.none(input, otherFiles, maskFiles);
    }
    return new Lake(refs(images.dataset(spark), sources, fingerprint), count, bytes, otherFiles, maskFiles, List.of(), reach);
  }

  Lake read(Input.Manifest manifest, List<MaskSpec> masks, String jobFingerprint, List<Path> excluded) throws InputException, IOException {
    if (masks.stream().anyMatch(SidecarMask.Suffix.class::isInstance)) {
      throw new InputException("masks: masks beside the images (suffix) are found by listing folders, which --manifest does not do; name"
          + " them in the manifest's column mask with the kind manifest, or in a folder of their own (dir)");
    }
    List<Path> maskPaths = new ArrayList<>();
    List<Source> sources = sources(masks, null, maskPaths);
    String fingerprint = jobFingerprint + shared(masks, maskPaths);
    ManifestReader.Images images = new ManifestReader(spark, staging).read(manifest, excluded, maskPaths);
    Reach reach = reach(images.places(), images.maskPlaces(), sources, masks);
    boolean wanted = masks.stream().anyMatch(ManifestMask.class::isInstance);
    if (wanted && !images.marked()) {
      throw new InputException("masks: the kind manifest needs a column mask or boxes, and the manifest " + manifest.uri()
          + " has neither");
    }
    List<String> notes = new ArrayList<>(images.notes());
    if (images.marked() && !wanted) {
      notes.add("manifest: its masks and boxes are not used, for the job has no mask of the kind manifest");
    }
    Dataset<Row> rows = images.rows().withColumn("stem", regexp_replace(col("path"), "\\.[^./]*$", ""));
    return new Lake(refs(rows, sources, fingerprint), images.images(), images.bytes(), images.otherFiles(), images.maskFiles(), notes,
        reach);
  }

  /**
   * Where images and masks may be read.
   *
   * @param beside places of masks that the job does not name
   */
  private static Reach reach(List<String> images, List<String> beside, List<Source> sources, List<MaskSpec> masks) {
    List<String> places = new ArrayList<>(beside);
    sources.stream().filter(s -> s.place != null).forEach(s -> places.add(s.place.toString()));
    masks.forEach(mask -> places.addAll(mask.files()));
    return new Reach(images, places);
  }

  private static void refuseManifestMasks(List<MaskSpec> masks) throws InputException {
    if (masks.stream().anyMatch(ManifestMask.class::isInstance)) {
      throw new InputException("masks: the kind manifest takes masks and boxes from a manifest, and none is given; give one with --manifest"
          + " instead of --input, or use the kinds sidecar and box");
    }
  }

  private FileTable table(String name) {
    FileTable table = new FileTable(conf, new Path(staging, name + ".parquet"), inMemory);
    tables.add(table);
    return table;
  }

  private static boolean isWithinAny(Path path, List<Path> folders) {
    return folders.stream().anyMatch(f -> Listing.isWithin(path, f));
  }

  /**
   * The job's sidecar entries, in order, with what they name outside the input.
   *
   * @param base the input's folder; null for a manifest
   * @param maskPaths what of it lies inside the input is added here
   */
  private List<Source> sources(List<MaskSpec> masks, Path base, List<Path> maskPaths) throws InputException, IOException {
    List<Source> sources = new ArrayList<>();
    for (MaskSpec mask : masks) {
      if (mask instanceof SidecarMask.File file) {
        FileStatus status = status(file.file(), "masks: the sidecar file ");
        if (status.isDirectory()) {
          throw new InputException("masks: the sidecar file " + status.getPath() + " is a folder; name it as dir, or name one mask");
        }
        maskPaths.add(status.getPath());
        sources.add(new Source(file, status.getPath(), status, null));
      } else if (mask instanceof SidecarMask.Dir dir) {
        FileStatus status = status(dir.dir(), "masks: the sidecar folder ");
        if (!status.isDirectory()) {
          throw new InputException("masks: the sidecar folder " + status.getPath() + " is a file; name it as file, or name its folder");
        }
        if (status.getPath().equals(base)) {
          throw new InputException("masks: the sidecar folder " + status.getPath() + " is the input itself, so each image would be its own"
              + " mask; keep masks in another folder, or name them by suffix");
        }
        if (base == null || !Listing.isWithin(base, status.getPath())) {
          maskPaths.add(status.getPath());
        }
        FileTable files = table("masks-" + sources.size());
        try (Listing listing = Listing.open(conf, status.getPath().toString(), false)) {
          for (Listing.Entry entry = listing.next(); entry != null; entry = listing.next()) {
            if (entry.link()) {
              throw new InputException("masks: the sidecar folder " + status.getPath() + " holds " + entry.path() + ", a link to a folder"
                  + " outside of it, which is not followed; put the masks there, or name the real folder in an entry of its own");
            }
            if (entry.isImage()) {
              files.add(entry.stem(), entry);
            }
          }
        }
        sources.add(new Source(dir, status.getPath(), null, files));
      } else if (mask instanceof SidecarMask.Suffix suffix) {
        sources.add(new Source(suffix, null, null, table("masks-" + sources.size())));
      } else if (mask instanceof ManifestMask own) {
        sources.add(new Source(own, null, null, null));
      }
    }
    return sources;
  }

  /**
   * The files that all images share, as text that changes with them.
   *
   * @param maskPaths where they are is added here
   */
  private String shared(List<MaskSpec> masks, List<Path> maskPaths) throws InputException, IOException {
    StringBuilder text = new StringBuilder();
    for (MaskSpec mask : masks) {
      for (String uri : mask.files()) {
        FileStatus status = status(uri, "masks: the file of the kind " + mask.kind() + ", ");
        if (status.isDirectory()) {
          throw new InputException("masks: " + status.getPath() + " is a folder, and the kind " + mask.kind() + " needs a file");
        }
        maskPaths.add(status.getPath());
        text.append("\nshared ").append(status.getPath()).append('\t').append(status.getLen()).append('\t')
            .append(status.getModificationTime());
      }
    }
    return text.toString();
  }

  private FileStatus status(String uri, String what) throws InputException, IOException {
    Path path = Listing.qualified(conf, uri);
    FileSystem fs = path.getFileSystem(conf);
    return Listing.status(fs, path).orElseThrow(() -> new InputException(what + path + " does not exist; check the name, and that these"
        + " credentials may see it"));
  }

  /** Adds a file to the sources whose suffix it bears; whether there were any. */
  private static boolean addIfMask(Listing.Entry entry, List<Source> sources) throws IOException {
    boolean mask = false;
    for (Source source : sources) {
      if (source.spec instanceof SidecarMask.Suffix suffix) {
        String stem = imageStem(entry.stem(), suffix.suffix());
        if (stem != null) {
          source.files.add(stem, entry);
          mask = true;
        }
      }
    }
    return mask;
  }

  /** The stem of the image whose mask this is, or null. */
  private static String imageStem(String stem, String suffix) {
    String plain = withoutSuffix(stem, suffix);
    int digits = stem.length() - MASK_DIGITS;
    if (plain == null && digits > 0 && stem.substring(digits).chars().allMatch(c -> c >= '0' && c <= '9')) {
      plain = withoutSuffix(stem.substring(0, digits), suffix);
    }
    return plain;
  }

  private static String withoutSuffix(String stem, String suffix) {
    String rest = stem.endsWith(suffix) ? stem.substring(0, stem.length() - suffix.length()) : "";
    return rest.isEmpty() || rest.endsWith("/") ? null : rest;
  }

  /**
   * The references of images, with their masks.
   *
   * @param images with {@code mask} and {@code boxes} where there are sources of the kind manifest
   */
  private Dataset<Row> refs(Dataset<Row> images, List<Source> sources, String jobFingerprint) throws IOException {
    Dataset<Row> refs = images;
    Column boxes = lit(null).cast(DataTypes.StringType);
    List<Column> uris = new ArrayList<>();
    List<Column> fingerprint = new ArrayList<>(List.of(lit(jobFingerprint)));
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).spec instanceof ManifestMask) {
        boxes = col("boxes");
        uris.add(col("mask"));
        fingerprint.add(concat(coalesce(col("mask"), lit("")), lit("\t"), coalesce(boxes, lit(""))));
        continue;
      }
      String name = "mask_" + i;
      refs = withMask(refs, sources.get(i), name);
      uris.add(col(name + ".uri"));
      fingerprint.add(concat_ws("\t", col(name + ".uri"), col(name + ".length"), col(name + ".modification_time")));
    }
    Column sidecars = array(uris.toArray(new Column[0])).cast(ImageRefs.SCHEMA.apply("sidecars").dataType());
    return refs.select(col("uri"), col("path"), col("length"), col("modification_time"), sidecars.as("sidecars"),
        boxes.as("boxes"), sha2(concat_ws("\n", fingerprint.toArray(new Column[0])), 256).as("fingerprint"));
  }

  private Dataset<Row> withMask(Dataset<Row> refs, Source source, String name) throws IOException {
    if (source.forAll != null) {
      return refs.withColumn(name, struct(lit(source.forAll.getPath().toString()).as("uri"), lit(source.forAll.getLen()).as("length"),
          lit(source.forAll.getModificationTime()).as("modification_time")));
    }
    // The least by URI: the struct's first member decides.
    Dataset<Row> masks = source.files.dataset(spark).groupBy("stem")
        .agg(min(struct("uri", "length", "modification_time")).as(name));
    return refs.join(masks, asScala(List.of("stem")).toSeq(), "left");
  }

  @Override
  public void close() throws IOException {
    for (FileTable table : tables) {
      table.close();
    }
  }
}
