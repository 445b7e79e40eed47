package org.lakebrush.image;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The JDK's own javax.imageio plug-ins: another one on a cluster's class path must not take their place. */
public final class Plugins {
  private static final String JDK = "com.sun.imageio.";

  private Plugins() {}

  static ImageReader reader(String format) {
    for (Iterator<ImageReader> it = ImageIO.getImageReadersByFormatName(format); it.hasNext(); ) {
      ImageReader r = it.next();
      if (r.getClass().getName().startsWith(JDK)) {
        return r;
      }
    }
    throw new IllegalStateException("this JVM has no javax.imageio reader for " + format + "; use a full JDK 17 (module java.desktop)");
  }

  /** A writer of a format, for instance {@code jpeg}; to be disposed of by the caller. */
  public static ImageWriter writer(String format) {
    for (Iterator<ImageWriter> it = ImageIO.getImageWritersByFormatName(format); it.hasNext(); ) {
      ImageWriter w = it.next();
      if (w.getClass().getName().startsWith(JDK)) {
        return w;
      }
    }
    throw new IllegalStateException("this JVM has no javax.imageio writer for " + format + "; use a full JDK 17 (module java.desktop)");
  }

  /** A picture of Java's own as a PNG without metadata. */
  public static byte[] png(RenderedImage image) {
    ImageWriter writer = writer("png");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
