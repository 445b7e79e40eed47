package org.lakebrush.executor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lakebrush.lama.Device;
import org.lakebrush.lama.ModelException;

class GpusTest {
  private static final Device AUTO = Device.parse("auto");

  private static String ordinals(List<String> addresses, String visible) throws ModelException {
    return Gpus.devices(AUTO, addresses, visible).stream().map(d -> String.valueOf(d.ordinal())).reduce((a, b) -> a + "," + b).orElse("");
  }

  @Test
  void addressesAreOrdinalsWhereEveryGpuIsVisible() throws Exception {
    assertEquals("0", ordinals(List.of("0"), null));
    assertEquals("3,1", ordinals(List.of("3", "1"), null));
    assertEquals("3", ordinals(List.of("3"), " "));
  }

  @Test
  void cudaCountsOnlyWhatItSees() throws Exception {
    assertEquals("0,1", ordinals(List.of("2", "3"), "2,3"));
    assertEquals("1", ordinals(List.of("0"), "1,0"));
    assertEquals("1", ordinals(List.of("GPU-9b2f-77aa"), "GPU-11, GPU-9b2f"));
  }

  @Test
  void positionsAreTakenWhereTheContainerCountsFromZero() throws Exception {
    assertEquals("1", ordinals(List.of("1"), "GPU-5e,GPU-6f"));
  }

  @Test
  void anAddressThatCudaDoesNotSeeIsRefusedByName() {
    String message = assertThrows(ModelException.class, () -> ordinals(List.of("7"), "2,3")).getMessage();
    assertTrue(message.contains("'7'") && message.contains("'2,3'") && message.contains("CUDA_VISIBLE_DEVICES"), message);
    message = assertThrows(ModelException.class, () -> ordinals(List.of("GPU-1"), null)).getMessage();
    assertTrue(message.contains("GPU-1") && message.contains("discovery script"), message);
  }

  @Test
  void whatWasAskedForStays() throws Exception {
    assertEquals(List.of(Device.parse("cuda:0")), Gpus.devices(Device.parse("cuda"), List.of("5"), "5"));
    assertEquals(List.of(AUTO), Gpus.devices(AUTO, List.of(), null));
    Device cpu = Device.parse("cpu");
    assertEquals(List.of(cpu), Gpus.devices(cpu, (org.apache.spark.TaskContext) null, null));
  }
}
