/** Holds what it reads from standard input in arrays, texts, fields and constants. */
export const HOLDER = `
import java.util.*;
class Holder {
  static byte[] bytes;
  static String text;
  static char[] chars;
  static int[] ints = new int[1 << 15];
  static long number;
  static class Item { long a; Object next; int b; String text; byte c; double d; }
  static Item last;
  public static void main(String[] args) throws Exception {
    bytes = System.in.readNBytes(1 << 20);
    text = new String(bytes, "ISO-8859-1");
    chars = Base64.getEncoder().encodeToString(bytes).toCharArray();
    java.nio.ByteBuffer source = java.nio.ByteBuffer.wrap(bytes);
    for (int i = 0; i < ints.length; i++) ints[i] = source.getInt();
    number = source.getLong();
    for (int i = 0; i < 2000; i++) {
      Item item = new Item();
      item.a = source.getLong();
      item.next = last;
      item.b = source.getInt();
      item.c = source.get();
      item.d = Double.longBitsToDouble(source.getLong());
      item.text = Long.toHexString(source.getLong());
      last = item;
    }
    Thread waiting = new Thread(() -> { try { Thread.sleep(600_000); } catch (InterruptedException e) { } });
    waiting.setDaemon(true);
    waiting.start();
    System.out.println("ready");
    Thread.sleep(600_000);
  }
}
`;

/** Counts what VisualVM's library reads of heap dumps; one line a file. */
export const COUNTS = `
import java.io.File;
import java.util.*;
import org.graalvm.visualvm.lib.jfluid.heap.*;
class Counts {
  static long references, sum;
  static void add(Instance to) {
    if (to == null) return;
    references++;
    sum = 31 * sum + to.getInstanceId();
  }
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      Heap heap = HeapFactory.createHeap(new File(file));
      references = sum = 0;
      long instances = 0, threads = 0;
      StringBuilder names = new StringBuilder(), frames = new StringBuilder();
      for (JavaClass type : heap.getAllClasses()) {
        names.append(type.getName()).append(type.getInstancesCount());
        for (Object field : type.getFields()) names.append(((Field) field).getName());
        for (Object value : type.getStaticFieldValues())
          if (value instanceof ObjectFieldValue each) add(each.getInstance());
      }
      for (Iterator<Instance> all = heap.getAllInstancesIterator(); all.hasNext(); instances++) {
        Instance instance = all.next();
        for (Object value : instance.getFieldValues())
          if (value instanceof ObjectFieldValue each) add(each.getInstance());
        if (instance instanceof ObjectArrayInstance array)
          for (Object each : array.getValues()) add((Instance) each);
      }
      for (Object root : heap.getGCRoots()) {
        if (!(root instanceof ThreadObjectGCRoot thread)) continue;
        threads++;
        if (thread.getStackTrace() != null) frames.append(Arrays.toString(thread.getStackTrace()));
      }
      System.out.println("classes " + heap.getAllClasses().size() + " names " + names.toString().hashCode()
        + " instances " + instances + " references " + references + " sum " + sum
        + " roots " + heap.getGCRoots().size() + " threads " + threads + " frames " + frames);
    }
  }
}
`;
