import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.RSAPrivateKeySpec;

/** Signs with a key of n and d alone, which it reads from files, and keeps running. */
public class PlainExponent {
  private static PrivateKey held;

  private static BigInteger read(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of(name));
    BigInteger number = new BigInteger(1, bytes);
    java.util.Arrays.fill(bytes, (byte) 0);
    return number;
  }

  public static void main(String[] names) throws Exception {
    held = KeyFactory.getInstance("RSA").generatePrivate(new RSAPrivateKeySpec(read("n"), read("d")));
    for (int i = 0; i < 3; i++) {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(held);
      signature.update("message".getBytes());
      signature.sign();
    }
    System.gc();
    System.out.println("ready");
    System.in.read();
  }
}
