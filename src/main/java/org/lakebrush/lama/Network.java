package org.lakebrush.lama;

import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;

/** A model that is open on a device. */
interface Network extends AutoCloseable {

  /**
   * Runs the model once. All buffers are direct and hold what is named from their first element to their last.
   *
   * @param image [n,3,height,width]
   * @param mask [n,1,height,width]
   * @param output [n,3,height,width], in the model's output range
   * @param shrink whether what of the device's memory is free after this run is given back
   * @throws OrtException where ONNX Runtime fails; what {@code output} holds then says nothing
   */
  void run(FloatBuffer image, FloatBuffer mask, FloatBuffer output, int n, int height, int width, boolean shrink) throws OrtException;

  /** Cuts short the runs that go on, which fail, where they may be long. Called by any thread, before {@link #close}. */
  default void terminate() {}

  @Override
  void close();
}
