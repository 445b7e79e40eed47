package org.lakebrush.serve;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.lakebrush.hostile.Mutations;
import org.lakebrush.hostile.Mutations.Mutant;
import org.lakebrush.hostile.Seeds;
import org.lakebrush.serve.Wire.Answer;

/** Spoilt images as uploads. */
final class MutatedUploads {
  private static final List<String> MASKS = List.of("center", "{kind: box, anchor: center, width: 12, height: 12}",
      "{kind: color, rgb: '#ff0000', tolerance: 60}", "alpha");

  private MutatedUploads() {}

  /**
   * Sends the mutants of numbers from {@code from} on, {@code to} not among them, one after another, and wants a documented answer to each.
   * Of every four one asks for another format, of every three one goes to {@code /api/view} too.
   *
   * @return how many answers there were of each code of {@code /api/inpaint}
   */
  static Map<Integer, Integer> send(int port, Contract contract, long from, long to) throws IOException {
    Mutations mutations = new Mutations(Seeds.all());
    Map<Integer, Integer> codes = new TreeMap<>();
    for (long i = from; i < to; i++) {
      Mutant mutant = mutations.make(i);
      if (i % 3 == 0) {
        contract.check("POST", "/api/view", Wire.post(port, "/api/view", image(mutant)), mutant.name());
      }
      Form parts = image(mutant).text("mask", MASKS.get((int) (i % MASKS.size())));
      if (i % 4 == 0) {
        parts.text("set", "output.format=" + List.of("jpeg", "png", "webp", "bmp", "tiff").get((int) (i / 4 % 5)));
      }
      Answer answer = Wire.post(port, "/api/inpaint", parts);
      contract.check("POST", "/api/inpaint", answer, mutant.name() + " " + mutant.way());
      if (answer.status() >= 500) {
        throw new AssertionError(mutant.name() + " " + mutant.way() + ": " + answer);
      }
      codes.merge(answer.status(), 1, Integer::sum);
    }
    return codes;
  }

  private static Form image(Mutant mutant) {
    return new Form().file("image", mutant.name(), mutant.file());
  }
}
