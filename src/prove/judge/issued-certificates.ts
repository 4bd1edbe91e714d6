import { type KeyObject, X509Certificate } from 'node:crypto';
import { canonicalSpki, sha256Hex } from '../../core/asn1/spki.js';
import { readAsset } from '../../core/base/runtime/assets.js';

/**
 * Keys of the certificate authorities that browsers and systems trust: Mozilla's list, as shipped with Node
 * 20 to 24 and Debian. One a line, the first half of SHA-256 over the canonical SubjectPublicKeyInfo in
 * lower-case hex. Written by public-roots.mjs; read at the first public key of a scan.
 */
const FILE = 'src/prove/judge/public-roots.txt';

let roots: ReadonlySet<string> | undefined;

/** True for the key of a public certificate authority. */
export function isPublicRoot(spki: Uint8Array): boolean {
  roots ??= new Set(readAsset(FILE).toString('latin1').split('\n'));
  return roots.has(sha256Hex(canonicalSpki(spki)).slice(0, 32));
}

/** A certificate at a place. `keyId` identifies its key: the same for all certificates of the key. */
export interface PlacedCertificate {
  der: Uint8Array;
  offset: number;
  keyId: string;
}

function read(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/**
 * Certificates by the name of their issuer. A name proves nothing, but it limits the signatures to verify.
 */
export class IssuedCertificates {
  readonly #byIssuer = new Map<string, (PlacedCertificate & { certificate: X509Certificate })[]>();

  constructor(all: Iterable<PlacedCertificate>) {
    for (const placed of all) {
      const certificate = read(placed.der);
      const issuer = certificate?.issuer;
      if (certificate === undefined || !issuer) continue;
      const known = this.#byIssuer.get(issuer);
      if (known) known.push({ ...placed, certificate });
      else this.#byIssuer.set(issuer, [{ ...placed, certificate }]);
    }
  }

  /**
   * The certificates of other keys that `key` has signed; `own` are its own certificates, which have its
   * names. `mayVerify` is called before each verification.
   */
  *by(
    key: KeyObject,
    keyId: string,
    own: readonly Uint8Array[],
    mayVerify: (placed: PlacedCertificate) => boolean,
  ): Generator<PlacedCertificate> {
    for (const name of new Set(own.map((der) => read(der)?.subject)))
      for (const each of this.#byIssuer.get(name ?? '') ?? [])
        if (each.keyId !== keyId && mayVerify(each) && verifies(each.certificate, key)) yield each;
  }
}

function verifies(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    // This Node's OpenSSL lacks the algorithm.
    return false;
  }
}
