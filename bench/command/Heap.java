import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fills its heap with typical contents: trees of objects, class files as byte arrays, and the same as UTF-16
 * text. Prints "ready" and waits to be dumped. Arguments: mebibytes of arrays, number of tree nodes.
 */
public class Heap {
  record Node(String name, long value, Map<String, Node> children) {}

  public static void main(String[] arguments) throws Exception {
    long wanted = Long.parseLong(arguments[0]) << 20;
    int nodes = Integer.parseInt(arguments[1]);
    List<Object> kept = new ArrayList<>();
    Path modules = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules");
    long held = 0;
    try (var files = Files.walk(modules)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).sorted()::iterator) {
        if (held >= wanted) break;
        byte[] bytes = Files.readAllBytes(file);
        kept.add(bytes);
        held += bytes.length;
        if (held % 4 != 0) continue;
        // A character above U+00FF makes the JVM store the string as UTF-16.
        String text = "\u20ac" + new String(bytes, StandardCharsets.ISO_8859_1);
        kept.add(text);
        held += 2L * text.length();
      }
    }
    Node root = new Node("root", 0, new HashMap<>());
    for (int i = 0; i < nodes; i++) {
      Node parent = root;
      for (int rest = i; rest > 0; rest /= 16)
        parent = parent.children.computeIfAbsent(
            "node-" + rest % 16, name -> new Node(name, name.hashCode(), new HashMap<>()));
    }
    kept.add(root);
    System.out.println("ready");
    System.out.flush();
    System.in.read();
    System.out.println(kept.size());
  }
}
