package org.lakebrush.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.lakebrush.failure.ErrorKind;
import org.lakebrush.failure.ImageFailure;
import org.lakebrush.serve.ApiException.Kind;

/**
 * What a request brings. Its files stay on disk until they are read, and are gone with the request's parts.
 *
 * @param image to be worked on
 * @param masks that are pictures
 * @param maskTexts those that are words or settings
 * @param job a job's text, or null
 * @param settings {@code key=value} each
 * @param files by name, what masks may name
 */
record Upload(UploadedFile image, List<UploadedFile> masks, List<String> maskTexts, String job, List<String> settings,
    Map<String, UploadedFile> files) {
  /** Of the parts that are text, all together, in bytes: reading a job takes a second of a core for a megabyte or two. */
  private static final int MOST_TEXT = 1 << 20;

  /**
   * A file.
   *
   * @param name as the client calls it; empty where it does not
   */
  record UploadedFile(String name, MultiPart.Part part) {
    long length() {
      return part.getLength();
    }

    byte[] read() throws ImageFailure {
      try (InputStream in = Content.Source.asInputStream(part.createContentSource())) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new ImageFailure(ErrorKind.INTERNAL, "the uploaded file cannot be read again: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Sorts a request's parts.
   *
   * @throws ApiException where they are not those of the API
   */
  static Upload of(MultiPartFormData.Parts parts, Task task) throws ApiException {
    UploadedFile image = null;
    List<UploadedFile> masks = new ArrayList<>();
    List<String> maskTexts = new ArrayList<>();
    String job = null;
    List<String> settings = new ArrayList<>();
    Map<String, UploadedFile> files = new HashMap<>();
    long text = 0;
    for (MultiPart.Part part : parts) {
      String name = part.getName() == null ? "" : part.getName();
      UploadedFile file = new UploadedFile(part.getFileName() == null ? "" : part.getFileName(), part);
      if (task == Task.VIEW && !name.equals("image")) {
        throw bad("the part '" + name + "' is not known; " + task.path() + " takes the part image alone");
      }
      boolean isText = name.equals("job") || name.equals("set") || name.equals("mask") && file.name().isEmpty();
      text += isText ? file.length() : 0;
      if (text > MOST_TEXT) {
        throw new ApiException(Kind.TOO_LARGE, "the parts job, set and mask have more than " + MOST_TEXT + " bytes of text; a mask that"
            + " is a picture needs a filename");
      }
      switch (name) {
        case "image" -> {
          if (image != null) {
            throw bad("the part image is there twice; send one request for each image");
          }
          image = file;
        }
        case "mask" -> {
          if (file.name().isEmpty()) {
            maskTexts.add(text(file, name));
          } else {
            masks.add(file);
          }
        }
        case "job" -> {
          if (job != null) {
            throw bad("the part job is there twice; send one job");
          }
          job = text(file, name);
        }
        case "set" -> settings.add(text(file, name));
        case "file" -> {
          if (!isName(file.name()) || files.put(file.name(), file) != null) {
            throw bad("the filename '" + file.name() + "' of a part file is missing, has a / or \\ in it, or is there twice; give each the"
                + " name by which the job or the mask names it, and name it there without a folder");
          }
        }
        default -> throw bad("the part '" + name + "' is not known; allowed: image, mask, job, set, file");
      }
    }
    if (image == null) {
      throw bad("the part image is missing: send the image's file in it");
    }
    if (job != null && !maskTexts.isEmpty()) {
      throw new ApiException(Kind.BAD_JOB, "the parts job and mask both say what to repair: write the mask into the job; beside a job a"
          + " mask may only be a file (a part with a filename)");
    }
    return new Upload(image, masks, maskTexts, job, settings, files);
  }

  private static boolean isName(String name) {
    return !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.chars().noneMatch(c -> c == '/' || c == '\\' || c < ' ');
  }

  private static String text(UploadedFile file, String part) throws ApiException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file.read())).toString();
    } catch (CharacterCodingException e) {
      throw bad("the part " + part + " is not UTF-8 text" + (part.equals("mask") ? "; a mask that is a picture needs a filename" : ""));
    } catch (ImageFailure e) {
      throw ApiException.of(e);
    }
  }

  private static ApiException bad(String message) {
    return new ApiException(Kind.BAD_REQUEST, message);
  }
}
