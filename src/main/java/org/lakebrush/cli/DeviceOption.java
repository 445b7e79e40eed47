package org.lakebrush.cli;

import org.lakebrush.lama.Device;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --device}: where the model runs. */
final class DeviceOption {
  @Option(names = "--device", paramLabel = "auto|cpu|cuda[:N]", defaultValue = "auto", converter = Converter.class,
      description = "Where the model runs; auto takes a GPU where one is usable. Default: ${DEFAULT-VALUE}.")
  private Device device;

  /** Where the model runs. */
  Device device() {
    return device;
  }

  /** Reads its value. */
  static final class Converter implements ITypeConverter<Device> {
    @Override
    public Device convert(String value) {
      try {
        return Device.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
