import { checkPrimeSync, createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { SeededRandom } from '../../fixtures/random.js';
import { canonicalPrivateKey } from '../../src/core/asn1/private-key.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { keptPrimes } from './kept-primes.js';

/**
 * The same keys in every run. One number in three hundred has too many zeros for the net: a test with new
 * keys would fail once a day, one with these always or never.
 */

/** Odd primes below 1,000: a division takes a hundredth of a test. */
const SMALL = Array.from({ length: 499 }, (_, i) => 2 * i + 3)
  .filter((n, _, all) => all.every((p) => p >= n || n % p !== 0))
  .map(BigInt);

/** A prime whose two first bits are set, so that the product of two such has twice as many. */
export function primeFrom(random: SeededRandom, bits: number, e = 65_537n): bigint {
  for (;;) {
    const bytes = random.bytes(Math.ceil(bits / 8));
    const value = BigInt.asUintN(bits, BigInt(`0x${bytes.toString('hex')}`)) | (3n << BigInt(bits - 2)) | 1n;
    if (SMALL.some((p) => value % p === 0n)) continue;
    if (gcd(value - 1n, e) === 1n && checkPrimeSync(value, { checks: 3 })) return value;
  }
}

function gcd(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}

function inverse(a: bigint, m: bigint): bigint {
  let [r0, r1, t0, t1] = [m, a % m, 0n, 1n];
  while (r1 > 0n) [r0, r1, t0, t1] = [r1, r0 % r1, t1, t0 - (r0 / r1) * t1];
  return ((t0 % m) + m) % m;
}

export function rsaFrom(seed: string, bits: number, e = 65_537n): KeyObject {
  const name = `rsa ${seed} ${bits} ${e}`;
  const random = new SeededRandom(name);
  return rsaOf(
    keptPrimes(name, () => [primeFrom(random, bits / 2, e), primeFrom(random, bits / 2, e)]),
    e,
  );
}

/** The key of two primes. */
export function rsaOf(primes: readonly [bigint, bigint], e = 65_537n): KeyObject {
  const [p, q] = primes[0] > primes[1] ? primes : [primes[1], primes[0]];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.entries(numbers).map(([name, value]) => {
    const hex = value.toString(16);
    return [name, Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('base64url')];
  });
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' });
}

/** d, x and y, big-endian, of the curve's octets, and the key. */
export function ecFrom(seed: string, curve: string, openssl: string, size: number) {
  const ecdh = createECDH(openssl);
  const d = new SeededRandom(`ec ${seed} ${curve}`).bytes(size);
  // Below the order of each curve here, and 521 bits at most.
  d[0] = size === 66 ? 0x01 : d[0]! & 0x7f;
  if (size === 66) d[1]! &= 0x7f;
  ecdh.setPrivateKey(d);
  const point = ecdh.getPublicKey();
  const der = canonicalPrivateKey({ type: 'ec', curve, d: new Secret(d), point });
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
  return { key, d, x: point.subarray(1, 1 + size), y: point.subarray(1 + size) };
}

export const ed25519From = (seed: string): KeyObject => fromBytes('70', `ed25519 ${seed}`);
export const x25519From = (seed: string): KeyObject => fromBytes('6e', `x25519 ${seed}`);

/** The last octet of the algorithm's identifier, id-X25519 or id-Ed25519 (RFC 8410, section 3). */
function fromBytes(algorithm: string, seed: string): KeyObject {
  const pkcs8 = Buffer.from(`302e020100300506032b65${algorithm}04220420`, 'hex');
  const key = Buffer.concat([pkcs8, new SeededRandom(seed).bytes(32)]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}
