import { WEI25519, WEI25519_SHIFT } from '../../../core/asn1/domain.js';
import { okpPublicKey } from '../../../core/asn1/okp.js';
import { inverse } from '../../../core/base/bytes/integers.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import { toNumber } from '../../core/integer-encodings.js';
import { toLittleEndian } from '../numbers/octets.js';
import type { KernelCurve } from '../points/kernel-curve.js';

const { p: P } = WEI25519;
const SIZE = 32;

/** Concatenated scalars, little-endian and clamped, and the curve that each belongs to. */
interface Scalars {
  bytes: Buffer;
  curveOf(i: number): 'Ed25519' | 'X25519';
}

/**
 * The public key of each scalar: y for Ed25519 (without the sign of x), u for X25519, little-endian;
 * undefined if there is none. `curve` is WEI25519 in the kernel, for at most MAX_SCALARS scalars; without it
 * OpenSSL multiplies, which takes eight times as long but needs no table.
 */
export function curve25519PublicKeys(
  scalars: Scalars,
  curve: KernelCurve | undefined,
): (i: number) => Buffer | undefined {
  const done = curve?.edwardsCoordinates(scalars.bytes, WEI25519_SHIFT);
  if (done === undefined) {
    const us = curve ? kernelUs(scalars, curve) : nativeUs(scalars);
    const keys = publicKeysFromU(us, scalars);
    return (i) => keys[i];
  }
  const { flags, points } = done;
  return (i) => {
    const at = (2 * i + (scalars.curveOf(i) === 'Ed25519' ? 1 : 0)) * SIZE;
    return flags[i] === 1 ? points.subarray(at, at + SIZE) : undefined;
  };
}

/**
 * y = (u - 1) / (u + 1) (RFC 7748, 4.1) for all scalars with a single inversion (Montgomery's trick). No
 * point has u = -1, because A - 2 is not a square.
 */
function publicKeysFromU(us: readonly (bigint | undefined)[], { curveOf }: Scalars): (Buffer | undefined)[] {
  const keys = us.map((u) => (u === undefined ? undefined : toLittleEndian(u, SIZE)));
  const before: bigint[] = [];
  let product = 1n;
  const edwards = us.flatMap((u, i) => {
    if (u === undefined || u === P - 1n || curveOf(i) === 'X25519') return [];
    before.push(product);
    product = (product * (u + 1n)) % P;
    return [{ u, i }];
  });
  let reciprocal = inverse(product, P) ?? 0n;
  for (const { u, i } of edwards.reverse()) {
    const y = ((u - 1n + P) * ((reciprocal * before.pop()!) % P)) % P;
    reciprocal = (reciprocal * (u + 1n)) % P;
    keys[i] = toLittleEndian(y, SIZE);
  }
  return keys;
}

/** u of each multiple, by the kernel that computes only x of the Weierstrass form. */
const kernelUs = ({ bytes }: Scalars, curve: KernelCurve): (bigint | undefined)[] =>
  Array.from(curve.xCoordinates(bytes), (x) => x && (toNumber(x, 'limbs-le') - WEI25519_SHIFT + P) % P);

/** Montgomery u-coordinates of the public keys, computed by OpenSSL. */
function nativeUs({ bytes }: Scalars): (bigint | undefined)[] {
  return Array.from({ length: bytes.length / SIZE }, (_, i) => {
    const seed = new Secret(bytes.subarray(i * SIZE, (i + 1) * SIZE));
    const u = okpPublicKey({ type: 'okp', curve: 'X25519', seed });
    return u && toNumber(u, 'limbs-le');
  });
}
