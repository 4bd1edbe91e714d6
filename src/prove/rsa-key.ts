import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { writeRsaPrivateKey } from '../core/asn1/pkcs1.js';
import { inverse, lcm, toBytes } from '../core/base/bytes/integers.js';
import { Secret } from '../core/base/crypto/secret.js';

/** A whole key; `primes` are p, q and any further primes of a multi-prime key. */
export interface RsaKey {
  n: bigint;
  e: bigint;
  primes: [bigint, bigint, ...bigint[]];
  /** lcm(p-1, q-1, …): the exponent of the multiplicative group. */
  lambda: bigint;
}

export function product(primes: readonly bigint[]): bigint {
  return primes.reduce((all, prime) => all * prime, 1n);
}

/** lcm(p-1, q-1, …) */
export function lcmOf(primes: readonly bigint[]): bigint {
  return primes.reduce((all, prime) => lcm(all, prime - 1n), 1n);
}

/** DER RSAPrivateKey (RFC 8017, A.1.2). */
function pkcs1({ n, e, primes, lambda }: RsaKey): Buffer {
  const [p, q, ...others] = primes;
  const d = inverse(e, lambda) ?? 0n;
  const secret = (value: bigint) => new Secret(toBytes(value));
  const infos = others.map((r, i) => ({
    r: secret(r),
    d: secret(d % (r - 1n)),
    t: secret(inverse(product(primes.slice(0, i + 2)), r) ?? 0n),
  }));
  return Buffer.from(
    writeRsaPrivateKey({
      type: 'rsa',
      n: toBytes(n),
      e: toBytes(e),
      d: secret(d),
      p: secret(p),
      q: secret(q),
      dp: secret(d % (p - 1n)),
      dq: secret(d % (q - 1n)),
      qinv: secret(inverse(q, p) ?? 0n),
      ...(infos.length > 0 && { others: infos }),
    }),
  );
}

/**
 * Signs a random message and verifies it. With checked exponents this is a Fermat test of all primes at once.
 * Undefined if this Node's OpenSSL rejects the key (an e above 64 bits, sizes that a FIPS provider excludes).
 */
export function roundTrip(key: RsaKey, canonicalSpki: Uint8Array): boolean | undefined {
  try {
    const privateKey = createPrivateKey({ key: pkcs1(key), format: 'der', type: 'pkcs1' });
    const publicKey = createPublicKey({ key: Buffer.from(canonicalSpki), format: 'der', type: 'spki' });
    const message = randomBytes(32);
    return verify('sha256', message, publicKey, sign('sha256', message, privateKey));
  } catch {
    return undefined;
  }
}
