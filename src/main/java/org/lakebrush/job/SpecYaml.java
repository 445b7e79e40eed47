package org.lakebrush.job;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.lakebrush.job.SpecNode.Field;
import org.lakebrush.job.SpecNode.Fields;
import org.lakebrush.job.SpecNode.Items;
import org.lakebrush.job.SpecNode.Place;
import org.lakebrush.job.SpecNode.Scalar;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Turns YAML into {@link SpecNode}s, and puts overrides into them. */
final class SpecYaml {
  /** More values than this come from aliases of aliases, not from a job. */
  private static final int MAX_NODES = 200_000;
  /** A job needs five. */
  private static final int MAX_DEPTH = 50;
  private static final String TOO_DEEP = "lists and mappings nested more than " + MAX_DEPTH + " deep; a job needs five levels at most";
  private static final Pattern BARE_COLOR = Pattern.compile(": +#[0-9a-fA-F]{6}");
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

  private final SpecReport report;
  private final Path folder;
  private final Set<Node> open = new HashSet<>();
  private int nodes;

  /**
   * @param folder what relative paths of the file are relative to
   */
  SpecYaml(SpecReport report, Path folder) {
    this.report = report;
    this.folder = folder;
  }

  /** Reads a job's text; nothing where it is no job at all, which is reported. */
  Optional<Fields> read(String text, String label) {
    IntFunction<Place> line = n -> new Place(label + ":" + n, n, folder);
    Place start = line.apply(1);
    List<Node> documents = new ArrayList<>();
    try {
      compose(text).forEach(documents::add);
    } catch (StackOverflowError e) {
      report.add(start, "", TOO_DEEP);
      return Optional.empty();
    } catch (YamlEngineException e) {
      report.add(lineOf(e, line, start), "", "no YAML: " + problem(e) + hint(text, lineNumber(e)));
      return Optional.empty();
    }
    if (documents.isEmpty()) {
      report.add(start, "", "nothing in it; a job needs at least masks, for example masks: [{kind: sidecar, suffix: _mask}]");
      return Optional.empty();
    }
    if (documents.size() > 1) {
      report.add(place(documents.get(1), line), "", "a second document begins here; a job is one: drop the line ---");
      return Optional.empty();
    }
    SpecNode root = convert(documents.get(0), "", line);
    if (root instanceof Fields fields) {
      return Optional.of(fields);
    }
    report.add(root.place(), "", root.misfit() + "; a job is a mapping, for example masks: [{kind: sidecar, suffix: _mask}]");
    return Optional.empty();
  }

  private static Iterable<Node> compose(String text) {
    // Not from the string: there the reader of 2.9 throws where a character of two chars lies across the end of its buffer.
    return new Compose(LoadSettings.builder().build()).composeAllFromInputStream(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String problem(YamlEngineException e) {
    String text = e instanceof MarkedYamlEngineException m ? m.getProblem() : e.getMessage();
    return text.lines().findFirst().orElse("").strip();
  }

  private static int lineNumber(YamlEngineException e) {
    return e instanceof MarkedYamlEngineException m ? m.getProblemMark().map(k -> k.getLine() + 1).orElse(0) : 0;
  }

  private static Place lineOf(YamlEngineException e, IntFunction<Place> line, Place start) {
    return lineNumber(e) > 0 ? line.apply(lineNumber(e)) : start;
  }

  private static String hint(String text, int line) {
    String wrong = text.lines().skip(Math.max(0, line - 1)).findFirst().orElse("");
    if (wrong.contains("{stem}") || wrong.contains("{dir}") || wrong.contains("{ext}")) {
      return "; put a value with braces in quotes";
    }
    if (wrong.contains("\t")) {
      return "; indent with spaces, not with tabs";
    }
    return BARE_COLOR.matcher(text).find() ? "; put a colour in quotes, since an unquoted # starts a comment" : "";
  }

  private static Place place(Node node, IntFunction<Place> line) {
    return line.apply(node.getStartMark().map(m -> m.getLine() + 1).orElse(1));
  }

  private SpecNode convert(Node node, String path, IntFunction<Place> line) {
    Place place = place(node, line);
    if (++nodes > MAX_NODES || open.contains(node)) {
      if (nodes <= MAX_NODES) {
        report.add(place, path, "an alias that holds itself");
      } else if (nodes == MAX_NODES + 1) {
        report.add(place, path, "more than " + MAX_NODES + " values; is an alias repeated in an alias?");
      }
      return new Scalar(null, place);
    }
    if (open.size() > MAX_DEPTH) {
      report.add(place, "", TOO_DEEP);
      return new Scalar(null, place);
    }
    open.add(node);
    try {
      if (node instanceof MappingNode mapping) {
        return fields(mapping, path, line, place);
      }
      if (node instanceof SequenceNode sequence) {
        List<SpecNode> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(convert(item, join(path, Integer.toString(items.size())), line));
        }
        return new Items(items, place);
      }
      ScalarNode scalar = (ScalarNode) node;
      return new Scalar(scalar.isPlain() && NULLS.contains(scalar.getValue()) ? null : scalar.getValue(), place);
    } finally {
      open.remove(node);
    }
  }

  private Fields fields(MappingNode mapping, String path, IntFunction<Place> line, Place place) {
    Fields result = Fields.empty(place);
    for (NodeTuple tuple : mapping.getValue()) {
      Place at = place(tuple.getKeyNode(), line);
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        report.add(at, path, "a key that is no word; put a value with braces or brackets in quotes");
        continue;
      }
      String name = key.getValue();
      Field first = result.fields().get(name);
      if (first != null) {
        report.add(at, join(path, name), "given twice, first at " + first.place().text() + "; drop one");
        continue;
      }
      result.fields().put(name, new Field(at, convert(tuple.getValueNode(), join(path, name), line)));
    }
    return result;
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /**
   * Puts overrides into a job, one after the other.
   *
   * @param overrides a number in a key stands for an item of a list (from 0; the next free one adds an item); a value is YAML, or a text
   *     where it is no YAML
   */
  void override(Fields job, List<Setting> overrides) {
    for (int i = 0; i < overrides.size(); i++) {
      String override = overrides.get(i).text();
      Place place = new Place(overrides.get(i).label(), Integer.MAX_VALUE - overrides.size() + i, overrides.get(i).folder());
      int equals = override.indexOf('=');
      String key = equals < 0 ? "" : override.substring(0, equals).strip();
      if (key.isEmpty()) {
        report.add(place, "", "no setting; write key=value, for example inpaint.max_side=512");
        continue;
      }
      put(job, key, value(override.substring(equals + 1).strip(), key, place), place);
    }
  }

  private SpecNode value(String text, String key, Place place) {
    // YAML takes an unquoted # for a comment and {stem}.png for a broken mapping; on a command line both are meant as text.
    if (!text.startsWith("#")) {
      try {
        Iterator<Node> documents = compose(text).iterator();
        Node first = documents.hasNext() ? documents.next() : null;
        if (first == null || !documents.hasNext()) {
          return first == null ? new Scalar(null, place) : convert(first, key, n -> place);
        }
      } catch (StackOverflowError e) {
        report.add(place, "", TOO_DEEP);
      } catch (YamlEngineException e) {
        return new Scalar(text, place);
      }
    }
    return new Scalar(text, place);
  }

  private void put(Fields job, String key, SpecNode value, Place place) {
    String[] names = key.split("\\.", -1);
    if (names.length > MAX_DEPTH) {
      report.add(place, "", TOO_DEEP);
      return;
    }
    SpecNode at = job;
    String path = "";
    for (int i = 0; i < names.length; i++) {
      boolean last = i == names.length - 1;
      String name = names[i];
      if (at instanceof Fields mapping) {
        Field old = mapping.fields().get(name);
        SpecNode next = last ? value : old != null && !isNull(old.value()) ? old.value() : container(names[i + 1], place);
        if (old == null || next != old.value()) {
          mapping.fields().put(name, new Field(place, next));
        }
        at = next;
      } else if (at instanceof Items list) {
        int index = name.matches("[0-9]{1,6}") ? Integer.parseInt(name) : -1;
        int size = list.items().size();
        if (index < 0 || index > size) {
          report.add(place, path, "is a list of " + size + " and has no item '" + name + "'; allowed: 0 to " + size + ", " + size
              + " adding one");
          return;
        }
        SpecNode next = last ? value : index < size ? list.items().get(index) : container(names[i + 1], place);
        if (index == size) {
          list.items().add(next);
        } else {
          list.items().set(index, next);
        }
        at = next;
      } else {
        report.add(place, path, at.misfit() + "; it is to have the key '" + name + "'");
        return;
      }
      path = join(path, name);
    }
  }

  private static SpecNode container(String name, Place place) {
    return name.equals("0") ? new Items(new ArrayList<>(), place) : Fields.empty(place);
  }

  private static boolean isNull(SpecNode node) {
    return node instanceof Scalar s && s.text() == null;
  }
}
