package org.lakebrush.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** A real HDFS in this JVM: one name node, one data node. */
public final class MiniHdfs implements AutoCloseable {
  private final MiniDFSCluster cluster;

  private MiniHdfs(MiniDFSCluster cluster) {
    this.cluster = cluster;
  }

  /**
   * @param folder on the local disk, for the blocks
   */
  public static MiniHdfs start(Path folder) throws IOException {
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    return new MiniHdfs(new MiniDFSCluster.Builder(conf).numDataNodes(1).build());
  }

  /** {@code hdfs://host:port}, without a slash at its end. */
  public String uri() {
    return "hdfs://localhost:" + cluster.getNameNodePort();
  }

  /** What a client has to set; the cluster's URI alone does too. */
  public Map<String, String> options() {
    // Else who asks a moment too early whether a file is whole waits 400 ms.
    return Map.of("fs.defaultFS", uri(), "dfs.client.block.write.locateFollowingBlock.initial.delay.ms", "10");
  }

  public FileSystem fileSystem() throws IOException {
    return cluster.getFileSystem();
  }

  @Override
  public void close() {
    cluster.shutdown();
  }
}
