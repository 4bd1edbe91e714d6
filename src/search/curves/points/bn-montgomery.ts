import type { Domain } from '../../../asn1/domain.js';
import { bitsOf, inverseOfPower } from '../../../base/bytes/integers.js';
import { toNumber } from '../../core/integer-encodings.js';
import { toLittleEndian } from '../numbers/octets.js';

/** Bits of a word of bn.js. */
const WORD_BITS = 26;

/**
 * The integers x of x * R mod p, where R = 2^(26 w) for a modulus of w words of bn.js (`BN.mont`). Input and
 * output are little-endian words of `width` bytes each. The result is meaningless for a value not below p.
 */
export function fromBnMontgomery(values: Buffer, { p }: Domain, width: number): Buffer {
  const factor = inverseOfPower(Math.ceil(bitsOf(p) / WORD_BITS) * WORD_BITS, p);
  const plain = Buffer.from(values);
  for (let at = 0; at < plain.length; at += width) {
    const value = toNumber(plain.subarray(at, at + width), 'limbs-le');
    plain.set(toLittleEndian((value * factor) % p, width), at);
  }
  return plain;
}
