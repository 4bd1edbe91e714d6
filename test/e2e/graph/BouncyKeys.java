import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Map;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.params.*;
import org.bouncycastle.asn1.sec.SECNamedCurves;

/** Keys in parameters of BouncyCastle, for Keys.java. */
public class BouncyKeys {
  public static void hold(Map<String, Object> held, SecureRandom random) {
    held.put("bc-ed25519", new Ed25519PrivateKeyParameters(random));
    held.put("bc-ed448", new Ed448PrivateKeyParameters(random));
    held.put("bc-x25519", new X25519PrivateKeyParameters(random));
    X9ECParameters curve = SECNamedCurves.getByName("secp256k1");
    ECDomainParameters domain = new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    byte[] scalar = new byte[32];
    random.nextBytes(scalar);
    scalar[0] = 0x51;
    held.put("bc-secp256k1", new ECPrivateKeyParameters(new BigInteger(1, scalar), domain));
    byte[] session = new byte[32];
    random.nextBytes(session);
    held.put("session-bc", new KeyParameter(session));
  }

  public static String secretOf(Object key) {
    if (key instanceof Ed25519PrivateKeyParameters) return Keys.hex(((Ed25519PrivateKeyParameters) key).getEncoded());
    if (key instanceof Ed448PrivateKeyParameters) return Keys.hex(((Ed448PrivateKeyParameters) key).getEncoded());
    if (key instanceof X25519PrivateKeyParameters) return Keys.hex(((X25519PrivateKeyParameters) key).getEncoded());
    if (key instanceof ECPrivateKeyParameters) return Keys.hex(((ECPrivateKeyParameters) key).getD());
    return Keys.hex(((KeyParameter) key).getKey());
  }
}
