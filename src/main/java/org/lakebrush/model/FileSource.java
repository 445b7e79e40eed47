package org.lakebrush.model;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lakebrush.model.ModelSource.Body;

/** A model on a disk of this machine, or on one that is mounted here. */
record FileSource(Path file) implements ModelSource {
  @Override
  public Body open(long offset) throws FetchException {
    if (!Files.isRegularFile(file)) {
      throw new FetchException("there is no file " + file);
    }
    try {
      FileChannel channel = FileChannel.open(file);
      return new Body(Channels.newInputStream(channel.position(offset)), offset, channel.size());
    } catch (IOException e) {
      throw new FetchException("cannot read " + file + ": " + FetchException.words(e), e);
    }
  }
}
