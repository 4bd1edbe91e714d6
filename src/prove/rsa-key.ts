import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto';
import { integer, sequence } from '../der.js';
import { gcd, inverse, toBytes } from './integers.js';

/** A whole key: `primes` are p, q and the further ones of a multi-prime key. */
export interface RsaKey {
  n: bigint;
  e: bigint;
  primes: [bigint, bigint, ...bigint[]];
}

export function product(primes: readonly bigint[]): bigint {
  return primes.reduce((all, prime) => all * prime, 1n);
}

/** lcm(p-1, q-1, …): the exponent of the multiplicative group. */
export function lcmOf(primes: readonly bigint[]): bigint {
  return primes.reduce((lcm, prime) => (lcm / gcd(lcm, prime - 1n)) * (prime - 1n), 1n);
}

/** DER RSAPrivateKey (RFC 8017, A.1.2). */
function pkcs1({ n, e, primes }: RsaKey): Buffer {
  const [p, q, ...others] = primes;
  const d = inverse(e, lcmOf(primes)) ?? 0n;
  const numbers = [n, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p) ?? 0n];
  const infos = others.map((r, i) => {
    const t = inverse(product(primes.slice(0, i + 2)), r) ?? 0n;
    return sequence(...[r, d % (r - 1n), t].map((value) => integer(toBytes(value))));
  });
  return sequence(
    integer(Buffer.of(infos.length > 0 ? 1 : 0)),
    ...numbers.map((value) => integer(toBytes(value))),
    ...(infos.length > 0 ? [sequence(...infos)] : []),
  );
}

/**
 * Signs a random message and verifies it. With exponents already checked this is a Fermat test of all primes at once.
 * Undefined where this Node's OpenSSL does not take the key (an e above 64 bits, a FIPS provider's sizes).
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
