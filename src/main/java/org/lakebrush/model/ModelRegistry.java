package org.lakebrush.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lakebrush.model.KnownModel.Content;
import org.lakebrush.model.KnownModel.Download;
import org.lakebrush.model.KnownModel.Exported;
import org.lakebrush.model.KnownModel.Origin;
import org.lakebrush.model.KnownModel.Shipped;
import org.lakebrush.model.KnownModel.Tensor;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The models that Lakebrush knows: {@code models/registry.yaml}, which says what each key means. Immutable.
 *
 * @param models in the file's order, each name once
 */
public record ModelRegistry(List<KnownModel> models) {
  private static final String RESOURCE = "registry.yaml";

  public ModelRegistry {
    models = List.copyOf(models);
  }

  /** This build's registry. */
  public static ModelRegistry standard() {
    return Standard.REGISTRY;
  }

  private static final class Standard {
    static final ModelRegistry REGISTRY = read();

    private static ModelRegistry read() {
      try (InputStream in = ModelRegistry.class.getResourceAsStream(RESOURCE)) {
        return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Reads a registry.
   *
   * @throws IllegalArgumentException where it is none: which model, which key, what is wrong
   */
  public static ModelRegistry parse(String yaml) {
    Object root;
    try {
      root = new Load(LoadSettings.builder().setLabel(RESOURCE).build()).loadFromString(yaml);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(RESOURCE + " is no YAML: " + e.getMessage(), e);
    }
    if (!(root instanceof List<?> items) || items.isEmpty()) {
      throw new IllegalArgumentException(RESOURCE + ": expected a list of models");
    }
    List<KnownModel> models = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Object item : items) {
      KnownModel model = model(new Keys(RESOURCE + ": model " + models.size(), item));
      if (!names.add(model.name())) {
        throw new IllegalArgumentException(RESOURCE + ": model " + model.name() + " is listed twice");
      }
      models.add(model);
    }
    return new ModelRegistry(models);
  }

  /** The model of that name. */
  public Optional<KnownModel> named(String name) {
    return models.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  /**
   * The model whose file has that content.
   *
   * @param sha256 lower-case hex
   */
  public Optional<KnownModel> withSha256(String sha256) {
    return models.stream().filter(m -> m.content().filter(c -> c.sha256().equals(sha256)).isPresent()).findFirst();
  }

  private static KnownModel model(Keys keys) {
    String name = keys.text("name", "[A-Za-z0-9][A-Za-z0-9._-]*");
    Origin origin = origin(keys.text("origin", "shipped|exported|https?://.+"));
    Optional<Content> content = origin instanceof Exported ? Optional.empty()
        : Optional.of(new Content(keys.number("bytes"), keys.text("sha256", "[0-9a-f]{64}")));
    Tensor image = tensor(keys.section("image"), "3");
    Tensor mask = tensor(keys.section("mask"), "1");
    Tensor output = tensor(keys.section("output"), "3");
    boolean fixed = isNumber(image.shape().get(2));
    int multiplesOf = fixed ? 0 : Math.toIntExact(keys.number("multiples_of"));
    KnownModel model = new KnownModel(name, keys.text("purpose", ".+"), keys.text("licence", ".+"), origin, content, image, mask, output,
        multiplesOf);
    keys.end();
    return model;
  }

  private static Origin origin(String text) {
    return switch (text) {
      case "shipped" -> new Shipped();
      case "exported" -> new Exported();
      default -> new Download(URI.create(text));
    };
  }

  private static Tensor tensor(Keys keys, String channels) {
    Tensor tensor = new Tensor(keys.text("name", ".+"), keys.shape("shape"), keys.text("values", ".+"));
    List<String> shape = tensor.shape();
    if (!shape.get(1).equals(channels) || isNumber(shape.get(2)) != isNumber(shape.get(3))) {
      throw keys.wrong("shape", shape, "[batch, " + channels + ", height, width], the last two both words or both numbers");
    }
    keys.end();
    return tensor;
  }

  private static boolean isNumber(String dimension) {
    return dimension.matches("[0-9]+");
  }

  /** The keys of one mapping; each is taken once. */
  private static final class Keys {
    private final String path;
    private final Map<Object, Object> left;

    Keys(String path, Object mapping) {
      if (!(mapping instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException(path + ": expected a mapping, found " + mapping);
      }
      this.path = path;
      this.left = new LinkedHashMap<>(map);
    }

    private Object take(String key) {
      Object value = left.remove(key);
      if (value == null) {
        throw new IllegalArgumentException(path + ": " + key + " is missing");
      }
      return value;
    }

    IllegalArgumentException wrong(String key, Object found, String expected) {
      return new IllegalArgumentException(path + ": " + key + ": expected " + expected + ", found " + found);
    }

    String text(String key, String pattern) {
      Object value = take(key);
      if (!(value instanceof String s) || !s.matches(pattern)) {
        throw wrong(key, value, "a text like " + pattern);
      }
      return s;
    }

    long number(String key) {
      Object value = take(key);
      if (!(value instanceof Number n) || !(value instanceof Integer || value instanceof Long) || n.longValue() < 1) {
        throw wrong(key, value, "a whole number above 0");
      }
      return n.longValue();
    }

    List<String> shape(String key) {
      Object value = take(key);
      if (!(value instanceof List<?> list) || list.size() != 4
          || !list.stream().allMatch(d -> String.valueOf(d).matches("[a-z]+|[1-9][0-9]*"))) {
        throw wrong(key, value, "four dimensions");
      }
      return list.stream().map(String::valueOf).toList();
    }

    Keys section(String key) {
      return new Keys(path + ": " + key, take(key));
    }

    void end() {
      if (!left.isEmpty()) {
        throw new IllegalArgumentException(path + ": keys that nobody knows: " + left.keySet());
      }
    }
  }
}
