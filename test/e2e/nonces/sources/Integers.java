import java.math.BigInteger;
import java.nio.file.*;
import java.security.*;
import java.util.*;

/** Textbook ECDSA over BigInteger: KEYFILE CURVE COUNT WRITTEN. Keeps the key and the signatures as integers. */
public class Integers {
  static final BigInteger TWO = BigInteger.TWO;
  static BigInteger p, a, n;
  static BigInteger[] generator;
  static final List<Object> kept = new ArrayList<>();

  static BigInteger hex(String text) {
    return new BigInteger(text, 16);
  }

  static BigInteger[] add(BigInteger[] one, BigInteger[] two) {
    if (one == null) return two;
    BigInteger slope = one[0].equals(two[0])
        ? one[0].multiply(one[0]).multiply(BigInteger.valueOf(3)).add(a).multiply(one[1].multiply(TWO).modInverse(p))
        : two[1].subtract(one[1]).multiply(two[0].subtract(one[0]).modInverse(p));
    BigInteger x = slope.multiply(slope).subtract(one[0]).subtract(two[0]).mod(p);
    return new BigInteger[] {x, slope.multiply(one[0].subtract(x)).subtract(one[1]).mod(p)};
  }

  static BigInteger[] multiply(BigInteger k) {
    BigInteger[] sum = null, next = generator;
    for (int i = 0; i < k.bitLength(); i++) {
      if (k.testBit(i)) sum = add(sum, next);
      next = add(next, next);
    }
    return sum;
  }

  public static void main(String[] args) throws Exception {
    boolean nist = args[1].equals("P-256");
    p = hex(nist ? "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
        : "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    a = BigInteger.valueOf(nist ? -3 : 0);
    n = hex(nist ? "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        : "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    generator = nist
        ? new BigInteger[] {hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")}
        : new BigInteger[] {hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            hex("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")};
    Path path = Path.of(args[0]);
    byte[] bytes = Files.readAllBytes(path);
    Files.delete(path);
    BigInteger d = new BigInteger(1, bytes);
    Arrays.fill(bytes, (byte) 0);
    BigInteger[] point = multiply(d);
    kept.add(d);
    kept.add(point);
    if (args[3].equals("1")) {
      byte[] octets = new byte[65];
      octets[0] = 4;
      for (int i = 0; i < 32; i++) {
        octets[32 - i] = point[0].shiftRight(8 * i).byteValue();
        octets[64 - i] = point[1].shiftRight(8 * i).byteValue();
      }
      kept.add(octets);
    }
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < Integer.parseInt(args[2]); i++) {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(("message " + i).getBytes());
      BigInteger k = new BigInteger(256, random).mod(n);
      BigInteger r = multiply(k)[0].mod(n);
      kept.add(new BigInteger[] {r, k.modInverse(n).multiply(r.multiply(d).add(new BigInteger(1, hash))).mod(n)});
    }
    System.gc();
    System.out.println("ready");
    System.out.flush();
    Thread.sleep(3600000);
  }
}
