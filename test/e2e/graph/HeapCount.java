import java.io.File;
import org.graalvm.visualvm.lib.jfluid.heap.*;

/** Prints what VisualVM's library (Debian's visualvm) reads of heap dumps, a line for each. */
public class HeapCount {
  public static void main(String[] paths) throws Exception {
    for (String path : paths) {
      Heap heap = HeapFactory.createHeap(new File(path));
      HeapSummary summary = heap.getSummary();
      long instances = 0;
      for (Object each : heap.getAllClasses()) instances += ((JavaClass) each).getInstancesCount();
      System.out.println(summary.getTotalLiveInstances() + " objects, " + summary.getTotalLiveBytes() + " bytes, "
        + heap.getAllClasses().size() + " classes with " + instances + " instances, "
        + heap.getGCRoots().size() + " roots");
    }
  }
}
