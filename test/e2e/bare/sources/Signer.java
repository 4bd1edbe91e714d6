import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Loads every key of the folder keys and its certificate, signs, verifies, and keeps running. */
public class Signer {
  private static final Map<String, String[]> ALGORITHMS = Map.of(
      "rsa", new String[] {"RSA", "SHA256withRSA"},
      "p256", new String[] {"EC", "SHA256withECDSA"},
      "p384", new String[] {"EC", "SHA384withECDSA"},
      "ed25519", new String[] {"Ed25519", "Ed25519"});

  private static final List<PrivateKey> held = new ArrayList<>();
  private static final List<Certificate> certificates = new ArrayList<>();

  public static void main(String[] names) throws Exception {
    for (String name : names) {
      byte[] der = Files.readAllBytes(Path.of("keys", name + ".der"));
      held.add(KeyFactory.getInstance(ALGORITHMS.get(name)[0]).generatePrivate(new PKCS8EncodedKeySpec(der)));
      java.util.Arrays.fill(der, (byte) 0);
      try (var file = Files.newInputStream(Path.of("keys", name + ".crt"))) {
        certificates.add(CertificateFactory.getInstance("X.509").generateCertificate(file));
      }
    }
    for (int i = 0; i < 3; i++) {
      for (int k = 0; k < names.length; k++) {
        Signature signature = Signature.getInstance(ALGORITHMS.get(names[k])[1]);
        signature.initSign(held.get(k));
        signature.update("message".getBytes());
        byte[] signed = signature.sign();
        signature.initVerify(certificates.get(k));
        signature.update("message".getBytes());
        if (!signature.verify(signed)) throw new IllegalStateException(names[k]);
      }
    }
    System.gc();
    System.out.println("ready");
    System.in.read();
  }
}
