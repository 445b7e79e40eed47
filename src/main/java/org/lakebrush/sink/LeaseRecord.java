package org.lakebrush.sink;

/**
 * A lease as its file tells it.
 *
 * @param runId names the file too
 * @param host where the run's driver is
 * @param machine tells apart machines and containers of one host name; process ids compare only within one
 * @param pid the driver's process
 * @param processStart tells apart two processes of one id
 * @param startedAt of the run, in ms since 1970
 * @param output the run's output root, where its temporary files are
 * @param embedded whether its executors are in the driver's process, and end with it
 * @param held false while the run still asks for the lease
 * @param heartbeat goes up by one with each
 */
public record LeaseRecord(String runId, String host, String machine, long pid, String processStart, long startedAt, String output,
    boolean embedded, boolean held, long heartbeat) {}
