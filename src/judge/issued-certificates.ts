import { type KeyObject, X509Certificate } from 'node:crypto';

/** A certificate, where it stands, and whose key it is for: any name of a key that is the same for each of its certificates. */
export interface Standing {
  der: Uint8Array;
  offset: number;
  owner: string;
}

function read(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** Certificates by who has issued them: a name alone says nothing, but few are issued in the same one. */
export class Issued {
  readonly #byIssuer = new Map<string, (Standing & { certificate: X509Certificate })[]>();

  constructor(all: Iterable<Standing>) {
    for (const standing of all) {
      const certificate = read(standing.der);
      const issuer = certificate?.issuer;
      if (certificate === undefined || !issuer) continue;
      const known = this.#byIssuer.get(issuer);
      if (known) known.push({ ...standing, certificate });
      else this.#byIssuer.set(issuer, [{ ...standing, certificate }]);
    }
  }

  /**
   * Those for other keys that this one has signed, by the names that its own certificates have. `mayVerify` is asked before each
   * verification.
   */
  *by(
    key: KeyObject,
    owner: string,
    own: readonly Uint8Array[],
    mayVerify: (standing: Standing) => boolean,
  ): Generator<Standing> {
    for (const name of new Set(own.map((der) => read(der)?.subject)))
      for (const issued of this.#byIssuer.get(name ?? '') ?? [])
        if (issued.owner !== owner && mayVerify(issued) && verifies(issued.certificate, key)) yield issued;
  }
}

function verifies(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    // An algorithm that this Node's OpenSSL lacks.
    return false;
  }
}
