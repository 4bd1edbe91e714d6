import java.io.*;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.security.*;
import java.security.interfaces.*;
import java.security.spec.*;
import java.util.*;
import javax.crypto.interfaces.DHPrivateKey;
import javax.crypto.spec.*;
import javax.security.auth.callback.PasswordCallback;
import com.sun.management.HotSpotDiagnosticMXBean;

/**
 * Holds keys and passwords in objects of the JDK, and of BouncyCastle where that is in the class path. No name
 * in the program says so. Dumps the heap, then prints `label hex` for each: no line is in the dump.
 */
public class Keys {
  /** Seeded by the property `seed`, so that a test has the same keys each time. */
  static final SecureRandom random = seeded();
  static final Map<String, Object> held = new LinkedHashMap<>();
  static final Map<String, byte[]> digests = new HashMap<>();

  static SecureRandom seeded() {
    try {
      SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
      random.setSeed(System.getProperty("seed").getBytes());
      return random;
    } catch (NoSuchAlgorithmException none) {
      throw new IllegalStateException(none);
    }
  }

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    // No sign bit, and no zero in front that a BigInteger drops.
    bytes[0] = (byte) (0x41 + (bytes[0] & 31));
    return bytes;
  }

  static char[] password() {
    String alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    char[] password = new char[20];
    for (int i = 0; i < password.length; i++) password[i] = alphabet.charAt(random.nextInt(alphabet.length()));
    return password;
  }

  static PrivateKey made(String algorithm, Object parameters) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (parameters instanceof Integer) generator.initialize((Integer) parameters, random);
    if (parameters instanceof String) generator.initialize(new ECGenParameterSpec((String) parameters), random);
    if (parameters == null) generator.initialize(new NamedParameterSpec(algorithm), random);
    return generator.generateKeyPair().getPrivate();
  }

  static String hex(byte[] bytes) { return HexFormat.of().formatHex(bytes); }

  static String hex(BigInteger number) {
    byte[] bytes = number.toByteArray();
    return hex(bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
  }

  static String secretOf(Object key) throws Exception {
    if (key instanceof SecretKeySpec) return hex(((SecretKeySpec) key).getEncoded());
    if (key instanceof EdECPrivateKey) return hex(((EdECPrivateKey) key).getBytes().get());
    if (key instanceof XECPrivateKey) return hex(((XECPrivateKey) key).getScalar().get());
    if (key instanceof ECPrivateKey) return hex(((ECPrivateKey) key).getS());
    if (key instanceof RSAPrivateKey) return hex(((RSAPrivateKey) key).getPrivateExponent());
    if (key instanceof DSAPrivateKey) return hex(((DSAPrivateKey) key).getX());
    if (key instanceof DHPrivateKey) return hex(((DHPrivateKey) key).getX());
    if (key instanceof KeyStore.PasswordProtection) return utf16(((KeyStore.PasswordProtection) key).getPassword());
    if (key instanceof PBEKeySpec) return utf16(((PBEKeySpec) key).getPassword());
    if (key instanceof PasswordCallback) return utf16(((PasswordCallback) key).getPassword());
    return (String) Class.forName("BouncyKeys").getMethod("secretOf", Object.class).invoke(null, key);
  }

  static String utf16(char[] chars) throws IOException { return hex(new String(chars).getBytes("UTF-16BE")); }

  public static void main(String[] arguments) throws Exception {
    held.put("hmac256", new SecretKeySpec(bytes(32), "HmacSHA256"));
    held.put("hmac512", new SecretKeySpec(bytes(64), "HmacSHA512"));
    held.put("ed25519", made("Ed25519", null));
    held.put("ed448", made("Ed448", null));
    held.put("x25519", made("X25519", null));
    held.put("x448", made("X448", null));
    held.put("p256", made("EC", "secp256r1"));
    held.put("p384", made("EC", "secp384r1"));
    held.put("p521", made("EC", "secp521r1"));
    held.put("rsa", made("RSA", 2048));
    held.put("dsa", made("DSA", 2048));
    held.put("dh", made("DH", 2048));
    held.put("protection", new KeyStore.PasswordProtection(password()));
    held.put("pbe", new PBEKeySpec(password()));
    PasswordCallback callback = new PasswordCallback("prompt", false);
    callback.setPassword(password());
    held.put("callback", callback);
    for (int i = 0; i < 12; i++) held.put("session" + i, new SecretKeySpec(bytes(16 + i % 3 * 8), "AES"));
    held.put("session-tls", new SecretKeySpec(bytes(48), "TlsMasterSecret"));
    held.put("session-hkdf", new SecretKeySpec(bytes(32), "HKDF-Salt"));
    for (int i = 0; i < 40; i++) digests.put("jdk.module." + i, bytes(32));
    try {
      Class.forName("BouncyKeys").getMethod("hold", Map.class, SecureRandom.class).invoke(null, held, random);
    } catch (ClassNotFoundException none) {
      held.remove("none");
    }
    System.gc();
    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(arguments[0], arguments.length > 1);
    for (int i = 0; i < 3; i++) System.out.println("decoy" + i + " " + hex(digests.get("jdk.module." + i)));
    for (Map.Entry<String, Object> each : held.entrySet())
      System.out.println(each.getKey() + " " + secretOf(each.getValue()));
  }
}
