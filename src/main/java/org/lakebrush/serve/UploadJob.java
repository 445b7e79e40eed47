package org.lakebrush.serve;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.job.JobSpec;
import org.lakebrush.job.JobSpecException;
import org.lakebrush.job.JobSpecReader;
import org.lakebrush.job.Setting;
import org.lakebrush.lama.InpaintSettings;
import org.lakebrush.mask.ManifestMask;
import org.lakebrush.mask.MaskFiles;
import org.lakebrush.mask.MaskSpec;
import org.lakebrush.mask.SidecarMask;
import org.lakebrush.repair.RepairSettings;
import org.lakebrush.serve.ApiException.Kind;
import org.lakebrush.serve.Upload.UploadedFile;

/**
 * A request as a job of one image. Files that a job or a mask names are those that the request brought, whatever they are called: there is
 * no way from here to a disk or a store.
 *
 * @param repair what is done, within the server's limits
 * @param seconds of work after which the image is given up
 * @param sidecars for each sidecar entry of the masks, in order, its file
 * @param files those of the request
 */
record UploadJob(RepairSettings repair, double maxResidual, int seconds, List<String> sidecars, MaskFiles files) {
  /** Where relative paths of a request lie, for their sake: no such folder is looked for. */
  private static final Path FOLDER = Path.of("/upload");
  /** How a mask that no job names is called among the files; its number follows. */
  private static final String MASK = "upload:mask-";

  /**
   * Reads it.
   *
   * @param server what the server's model is run with
   * @param limits the server's
   */
  static UploadJob of(Upload upload, InpaintSettings server, JobSpec.Limits limits) throws ApiException {
    JobSpec spec = read(upload, server);
    refuseOthers(spec.inpaint(), server);
    Map<String, UploadedFile> files = new HashMap<>();
    upload.files().forEach((name, file) -> files.put("file:" + FOLDER.resolve(name), file));
    for (int i = 0; i < upload.masks().size(); i++) {
      files.put(MASK + i, upload.masks().get(i));
    }
    List<MaskSpec> masks = new ArrayList<>(spec.masks());
    boolean beside = masks.stream().anyMatch(mask -> mask instanceof SidecarMask.Dir || mask instanceof SidecarMask.Suffix);
    if (beside && upload.masks().size() > 1) {
      throw new ApiException(Kind.BAD_JOB, "the job looks for one mask beside the image, and the request has " + upload.masks().size()
          + ": send one part mask, or name each in the job (file: NAME) and send them as parts file");
    }
    if (upload.job() != null && !beside) {
      for (int i = 0; i < upload.masks().size(); i++) {
        masks.add(new SidecarMask.File(MASK + i));
      }
    }
    List<String> sidecars = new ArrayList<>();
    for (MaskSpec mask : masks) {
      if (mask instanceof ManifestMask) {
        throw new ApiException(Kind.BAD_JOB, "the mask kind manifest needs a run's --manifest, which a request has not: send the mask as a"
            + " part mask, or boxes as kind box");
      } else if (mask instanceof SidecarMask sidecar) {
        sidecars.add(sidecar instanceof SidecarMask.File file ? file.file() : upload.masks().isEmpty() ? null : MASK + 0);
      }
    }
    RepairSettings asked = spec.repair();
    RepairSettings repair = new RepairSettings(masks, asked.mask(), asked.inpaint(), asked.spectral(), asked.outputFormat(),
        Math.min(asked.maxPixels(), limits.maxPixels()));
    return new UploadJob(repair, spec.limits().maxResidual(), Math.min(spec.limits().secondsPerImage(), limits.secondsPerImage()),
        sidecars, uri -> read(files, uri));
  }

  private static JobSpec read(Upload upload, InpaintSettings server) throws ApiException {
    List<Setting> settings = new ArrayList<>();
    if (upload.job() == null) {
      for (String text : upload.maskTexts()) {
        String mask = text.strip();
        settings.add(setting("masks." + settings.size() + "=" + (mask.matches("[a-z]+") ? "{kind: " + mask + "}" : mask), "mask"));
      }
      for (int i = 0; i < upload.masks().size(); i++) {
        settings.add(setting("masks." + settings.size() + "={kind: sidecar, file: '" + MASK + i + "'}", "mask"));
      }
      if (settings.isEmpty() && upload.settings().stream().noneMatch(text -> text.strip().startsWith("spectral.descreen"))) {
        throw new ApiException(Kind.BAD_JOB, "nothing says what to repair: send a part mask (a file, a word such as text or center, or a"
            + " mask as in a job, {kind: box, ...}), or a part job");
      }
    }
    upload.settings().forEach(text -> settings.add(setting(text, "set")));
    try {
      return JobSpecReader.read(upload.job() == null ? "{}" : upload.job(), "job", FOLDER, settings, server);
    } catch (JobSpecException e) {
      throw new ApiException(Kind.BAD_JOB, e.getMessage());
    }
  }

  /** A message with the names of masks as the client has them. */
  static String inClientsWords(String message, Upload upload) {
    String text = message;
    for (int i = upload.masks().size() - 1; i >= 0; i--) {
      text = text.replace(MASK + i, "'" + upload.masks().get(i).name() + "'");
    }
    return text;
  }

  private static Setting setting(String text, String label) {
    return new Setting(text, label, FOLDER);
  }

  private static void refuseOthers(InpaintSettings asked, InpaintSettings server) throws ApiException {
    if (!asked.model().equals(server.model())) {
      throw other("model", asked.model(), server.model());
    } else if (!Objects.equals(asked.halfModel(), server.halfModel())) {
      throw other("half_model", asked.halfModel() == null ? "none" : asked.halfModel(), server.halfModel() == null ? "none"
          : server.halfModel());
    } else if (asked.tf32() != server.tf32()) {
      throw other("tf32", asked.tf32() ? "on" : "off", server.tf32() ? "on" : "off");
    } else if (asked.maxSide() > server.maxSide()) {
      throw new ApiException(Kind.BAD_JOB, "inpaint.max_side is " + asked.maxSide() + ", and this server fills crops of up to "
          + server.maxSide() + ": give no more, or have it started with --set inpaint.max_side=" + asked.maxSide());
    }
  }

  private static ApiException other(String key, String asked, String server) {
    return new ApiException(Kind.BAD_JOB, "inpaint." + key + " is '" + asked + "', and this server's is '" + server
        + "', the same for all requests: leave the key out, or have the server started with --set inpaint." + key + "=" + asked);
  }

  private static byte[] read(Map<String, UploadedFile> files, String uri) throws ImageFailure {
    UploadedFile file = files.get(uri);
    if (file == null) {
      String folder = "file:" + FOLDER + "/";
      String name = uri.startsWith(folder) ? uri.substring(folder.length()) : uri;
      throw new ImageFailure(ErrorKind.MASK_MISSING, "'" + name + "' is not among the files of the request, and no others are read: send it"
          + " as a part file whose filename is the name by which the job or the mask names it, without a folder");
    }
    return file.read();
  }
}
