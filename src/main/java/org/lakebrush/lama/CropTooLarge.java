package org.lakebrush.lama;

/** The device's memory does not hold a crop, even alone: smaller ones may do. */
public final class CropTooLarge extends Exception {
  CropTooLarge(String message, Throwable cause) {
    super(message, cause);
  }
}
