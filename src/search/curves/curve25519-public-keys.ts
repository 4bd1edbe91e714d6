import { WEI25519, WEI25519_SHIFT } from '../../asn1/domain.js';
import { okpPublicKey } from '../../asn1/okp.js';
import { inverse, toBytes } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import { toNumber } from '../core/integer-encodings.js';
import type { KernelCurve } from './kernel-curve.js';

const { p: P } = WEI25519;
const SIZE = 32;

/** Scalars one after the other, little-endian and clamped, and whose public half each has. */
interface Scalars {
  bytes: Buffer;
  curveOf(i: number): 'Ed25519' | 'X25519';
}

/**
 * The public half of a scalar: y of Ed25519, u of X25519, little-endian; undefined where it has none. `curve`: WEI25519, for no more scalars than its
 * kernel takes at once; without it OpenSSL multiplies, which takes eight times as long and needs no table.
 */
export function curve25519PublicKeys(
  scalars: Scalars,
  curve: KernelCurve | undefined,
): (i: number) => Buffer | undefined {
  const done = curve?.edwardsCoordinates(scalars.bytes, WEI25519_SHIFT);
  if (done === undefined) {
    const us = curve ? kernelUs(scalars, curve) : nativeUs(scalars);
    const halves = publicKeysFromU(us, scalars);
    return (i) => halves[i];
  }
  const { flags, points } = done;
  return (i) => {
    const at = (2 * i + (scalars.curveOf(i) === 'Ed25519' ? 1 : 0)) * SIZE;
    return flags[i] === 1 ? points.subarray(at, at + SIZE) : undefined;
  };
}

/** y = (u - 1) / (u + 1) (RFC 7748, 4.1), all divisions by one. No point of the curve has u = -1, for A - 2 is no square. */
function publicKeysFromU(us: readonly (bigint | undefined)[], { curveOf }: Scalars): (Buffer | undefined)[] {
  const halves: (Buffer | undefined)[] = Array.from(us, (u) => (u === undefined ? undefined : toBytes32(u)));
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
    halves[i] = toBytes32(y);
  }
  return halves;
}

/** u of the base point times each scalar (RFC 7748, 4.1), by the kernel where it goes no further. */
const kernelUs = ({ bytes }: Scalars, curve: KernelCurve): (bigint | undefined)[] =>
  Array.from(curve.xCoordinates(bytes), (x) => x && (toNumber(x, 'limbs-le') - WEI25519_SHIFT + P) % P);

/** The same, by OpenSSL. */
function nativeUs({ bytes }: Scalars): (bigint | undefined)[] {
  return Array.from({ length: bytes.length / SIZE }, (_, i) => {
    const seed = new Secret(bytes.subarray(i * SIZE, (i + 1) * SIZE));
    const u = okpPublicKey({ type: 'okp', curve: 'X25519', seed });
    return u && toNumber(u, 'limbs-le');
  });
}

/** A number of 32 bytes. */
export function toBytes32(value: bigint): Buffer {
  const bytes = toBytes(value);
  return Buffer.concat([Buffer.alloc(SIZE - bytes.length), bytes]).reverse();
}
