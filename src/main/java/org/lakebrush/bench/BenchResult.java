package org.lakebrush.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.util.List;
import java.util.Map;

/**
 * What a bench measured. {@link #json} has a key for each component here, in lower case with underscores ({@code wallS} is
 * {@code wall_s}); a name that ends in S is in seconds, a share is 0..1, and what the system or the run does not tell is null.
 *
 * @param limit the model alone
 * @param codecs decoding and encoding alone
 * @param pipeline files in memory, repaired as an executor does, without Spark or storage
 * @param job the whole job
 * @param alone one image at a time
 * @param soak device and process memory over very many crops; empty unless asked for
 */
public record BenchResult(Machine machine, Lake lake, Model model, Limit limit, Codecs codecs, Pipeline pipeline, Job job, Alone alone,
    Ratios ratios, Bars bars, List<Soak> soak) {

  /**
   * Where it ran.
   *
   * @param cores of the JVM
   * @param heapBytes most that the JVM's heap may grow to
   * @param gpu its name, where the model ran on one
   */
  public record Machine(int cores, long heapBytes, String java, String system, String gpu) {}

  /**
   * What was repaired.
   *
   * @param at folder of the lake, the outputs and the log
   * @param distribution how sizes and holes were drawn
   * @param bytes of all files
   * @param pixels of all images
   * @param holePx side of the square that the job's mask marks in each image
   * @param cropWidth of what the model gets for an image
   * @param cropHeight likewise
   */
  public record Lake(String at, String distribution, int images, long bytes, long pixels, int holePx, int cropWidth, int cropHeight) {}

  /**
   * The model.
   *
   * @param bytes of its file
   * @param device where it ran, as in the log
   * @param jobBatch most crops in one run in the pipeline and the job
   */
  public record Model(String name, String sha256, long bytes, String device, int jobBatch) {}

  /**
   * What a phase used of the machine.
   *
   * @param cpuS of all threads, native ones too
   * @param coresBusy share of all cores' time
   * @param jitS of these, the JVM's compilers'
   * @param gcS of these, the garbage collector's
   * @param peakRssBytes most resident memory of the process, the model's and all that came before included
   */
  public record Usage(double wallS, double cpuS, double coresBusy, Double jitS, Double gcS, Long peakRssBytes) {}

  /**
   * The model alone on ready tensors.
   *
   * @param tries one for each batch
   * @param best the one with most crops a second
   */
  public record Limit(List<Try> tries, Try best) {}

  /** The model at one batch. */
  public record Try(int batch, long crops, double cropsPerS, double cpuPerCropS, Usage usage) {}

  /** Decoding and encoding of the lake's files with as many threads as there are cores. */
  public record Codecs(int images, double cpuPerImageS, Usage usage) {}

  /** The pipeline without Spark. */
  public record Pipeline(int images, long crops, double imagesPerS, Usage usage) {}

  /**
   * The job.
   *
   * @param slicesS from the first slice's begin to the last one's end; the rest of {@code usage.wallS} is listing and planning
   * @param planningCpuS CPU time before the first slice
   * @param imagesPerS over {@code slicesS}
   * @param stagesS time by stage, summed over all images, waiting included
   * @param readPerImageByte bytes read in all, the log's and the listing's included, for each byte of the images
   * @param writtenPerImageByte likewise written
   * @param bytesFrom who counted these
   * @param modelCpuS of the threads that run the model
   * @param modelBusy share of {@code slicesS} in which a thread that runs the model did so, mean of these threads: a GPU has one
   * @param gpuBusy mean of NVIDIA's own figure
   * @param devicePeakBytes most device memory seen in use
   */
  public record Job(int images, long crops, double slicesS, double planningCpuS, double imagesPerS, Map<String, Double> stagesS,
      Double readPerImageByte, Double writtenPerImageByte, String bytesFrom, Double modelCpuS, double modelBusy,
      Double gpuBusy, Long devicePeakBytes, Usage usage) {}

  /**
   * Medians of images repaired one at a time, with nothing beside them.
   *
   * @param repairS decode, mask, crop, fill and encode of one image
   * @param decodeEncodeS of the same image, alone
   * @param cropS one crop of that size, alone
   */
  public record Alone(int images, double repairS, double decodeEncodeS, double cropS) {}

  /**
   * Throughput as shares of the limit's.
   *
   * @param jobToLimit over {@code job.slicesS}
   * @param jobToLimitWithPlanning over the whole job
   */
  public record Ratios(double pipelineToLimit, double jobToLimit, double jobToLimitWithPlanning) {}

  /**
   * What it is held against.
   *
   * @param cpuBesideModel the job's CPU time less the model's, as a share of what decoding and encoding the same files take
   * @param cpuBesideModelCompiled likewise, on both sides without the JVM's compilers: of a job so long that their time is nothing
   * @param modelCpuS what was taken for the model's CPU time in the job
   * @param modelCpuFrom where that is from
   * @param memoryBesideModelBytes the job's peak resident memory less the model's file
   * @param aloneToParts {@code alone.repairS} over the sum of the two others
   */
  public record Bars(double cpuBesideModel, Double cpuBesideModelCompiled, double modelCpuS, String modelCpuFrom,
      Long memoryBesideModelBytes, double aloneToParts) {}

  /**
   * Memory on the way through very many crops.
   *
   * @param crops so far
   * @param rssBytes of the process
   * @param deviceBytes in use on the GPU
   */
  public record Soak(long crops, Long rssBytes, Long deviceBytes) {}

  /** As text, with line breaks. */
  public String json() {
    try {
      return new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).writerWithDefaultPrettyPrinter()
          .writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
