package org.lakebrush.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lakebrush.Lakebrush;
import org.lakebrush.testing.Lakes;

/** The command {@code serve}. */
class ServeCommandTest {
  @TempDir
  Path folder;

  @Test
  void itRepairsWithoutSparkAndEndsOnSigterm() throws Exception {
    Path classes = folder.resolve("classes.log");
    ServeProcess process = ServeProcess.start(List.of("-Xlog:class+load:file=" + classes), Map.of(), "--device", "cpu");
    try (process) {
      Form form = new Form().file("image", "a.png", Lakes.encode(Lakes.picture(96, 64, 1, false), "png")).text("mask", "center");
      HttpResponse<String> reply = HttpClient.newHttpClient()
          .send(form.to(process.uri().resolve("/api/inpaint")).build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, reply.statusCode(), reply::body);
    }
    assertEquals(128 + 15, process.exitCode());
    String loaded = Files.readString(classes);
    assertTrue(loaded.contains("org.lakebrush.lama.LamaPool"), "the log is not that of the server's classes");
    assertFalse(loaded.contains("org.apache.spark") || loaded.contains(" scala."), "Spark or Scala is in the process");
  }

  @Test
  void whatCannotBeServedIsRefused() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "short\n");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      record Refusal(List<String> options, String says) {}
      for (Refusal refusal : List.of(
          new Refusal(List.of("--host", "0.0.0.0"), "other machines can reach it, and there is no token"),
          new Refusal(List.of("--host", "no.such.host.invalid"), "no such host"),
          new Refusal(List.of("--port", String.valueOf(taken.getLocalPort())), "give an address of this machine and a free port"),
          new Refusal(List.of("--port", "70000"), "--port 70000: give a whole number from 0 to 65535"),
          new Refusal(List.of("--queue", "0"), "--queue 0: give a whole number from 1 to 1000"),
          new Refusal(List.of("--token-file", token.toString()), "16 characters"),
          new Refusal(List.of("--token-file", folder.resolve("none").toString()), "cannot be read"),
          new Refusal(List.of("--set", "mask.grow=3"), "all others are each request's own"),
          new Refusal(List.of("--set", "inpaint.max_side=3"), "inpaint.max_side: '3' does not fit"),
          new Refusal(List.of("--model", "no-such-model"), "no-such-model"))) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream err = System.err;
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int code;
        try {
          String[] all = refusal.options.toArray(new String[refusal.options.size() + 1]);
          System.arraycopy(all, 0, all, 1, all.length - 1);
          all[0] = "serve";
          code = Lakebrush.run(all);
        } finally {
          System.setErr(err);
        }
        String message = said.toString(StandardCharsets.UTF_8);
        assertEquals(2, code, message);
        assertTrue(message.contains(refusal.says), message);
      }
    }
  }
}
