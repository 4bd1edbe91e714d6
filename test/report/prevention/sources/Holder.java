import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.security.auth.DestroyFailedException;

/** Holds the secret of the file `secret` in the way that the first argument names, and waits to be dumped. */
class Holder {
  static Object held;

  /** A direct buffer: the native code that fills an array leaves a copy on its stack. */
  static ByteBuffer direct() throws Exception {
    try (FileChannel file = FileChannel.open(Path.of("secret"))) {
      ByteBuffer buffer = ByteBuffer.allocateDirect((int) file.size());
      while (buffer.hasRemaining() && file.read(buffer) >= 0) {}
      return buffer.flip();
    }
  }

  /** The contents in an array; the direct buffer is wiped. */
  static byte[] array() throws Exception {
    ByteBuffer buffer = direct();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    for (int i = 0; i < buffer.capacity(); i++) buffer.put(i, (byte) 0);
    return bytes;
  }

  static PrivateKey key() throws Exception {
    String pem = new String(array(), "ISO-8859-1");
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]+-----", ""));
    return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
  }

  static void hold(String way) throws Exception {
    switch (way) {
      case "array" -> held = array();
      case "filled array" -> {
        byte[] bytes = array();
        Arrays.fill(bytes, (byte) 0);
        held = bytes;
      }
      case "dropped array" -> {
        held = array();
        held = null;
      }
      case "direct" -> held = direct();
      case "environment" -> System.getenv("SECRET").length();
      case "key" -> held = key();
      case "destroyed key" -> {
        PrivateKey key = key();
        held = key;
        try {
          key.destroy();
          throw new IllegalStateException("destroyed");
        } catch (DestroyFailedException expected) {
          held = key;
        }
      }
      default -> throw new IllegalArgumentException(way);
    }
  }

  /** Of `live` objects, a collection of garbage comes first. */
  static void dump(boolean live) throws Exception {
    ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
        .dumpHeap("own.hprof", live);
  }

  static void crash() throws Exception {
    java.lang.reflect.Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    field.setAccessible(true);
    ((sun.misc.Unsafe) field.get(null)).putAddress(0, 0);
  }

  public static void main(String[] arguments) throws Exception {
    String[] way = arguments[0].split(", ");
    hold(way[0]);
    System.out.println("ready");
    switch (way.length > 1 ? way[1] : "") {
      case "out of memory" -> held = new Object[] {held, new long[1 << 28]};
      case "crash" -> crash();
      case "live" -> dump(true);
      default -> {
        if (arguments[1].equals("itself")) dump(false);
        else Thread.sleep(600_000);
      }
    }
  }
}
