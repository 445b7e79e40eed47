package org.lakebrush.eval;

import org.lakebrush.image.OpenCv;
import org.lakebrush.mask.Mask;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.photo.Photo;

/** OpenCV's inpainting methods, to compare with. */
public enum Classic {
  /** Telea, Journal of Graphics Tools 9(1), 2004. */
  TELEA("Telea", Photo.INPAINT_TELEA),
  /** After Bertalmio, Bertozzi and Sapiro, CVPR 2001. */
  NAVIER_STOKES("Navier-Stokes", Photo.INPAINT_NS);

  private final String title;
  private final int flag;

  Classic(String title, int flag) {
    this.title = title;
    this.flag = flag;
  }

  /** The name for a reader. */
  public String title() {
    return title;
  }

  /**
   * Fills a hole.
   *
   * @param radius of the neighbourhood that each point is painted from, in pixels
   */
  public Rgb8 fill(Rgb8 picture, Mask hole, int radius) {
    OpenCv.ensureLoaded();
    Mat source = new Mat(picture.height(), picture.width(), CvType.CV_8UC3);
    Mat mask = new Mat(hole.height(), hole.width(), CvType.CV_8UC1);
    Mat filled = new Mat();
    try {
      source.put(0, 0, picture.data());
      mask.put(0, 0, hole.pixels());
      Photo.inpaint(source, mask, filled, radius, flag);
      byte[] data = new byte[picture.data().length];
      filled.get(0, 0, data);
      return new Rgb8(picture.width(), picture.height(), data);
    } finally {
      source.release();
      mask.release();
      filled.release();
    }
  }
}
