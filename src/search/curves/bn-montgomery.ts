import type { Domain } from '../../asn1/domain.js';
import { bitsOf, inverseOfPower } from '../../base/bytes/integers.js';

/** Bits of a digit of bn.js, which R fills. */
const DIGIT_BITS = 26;

/** Numbers x of x * R mod p as bn.js has them (`BN.mont`: R is the power of two behind the digits of p), all in little-endian words of `width` bytes; of no use beyond p. */
export function fromBnMontgomery(values: Buffer, { p }: Domain, width: number): Buffer {
  const factor = inverseOfPower(Math.ceil(bitsOf(p) / DIGIT_BITS) * DIGIT_BITS, p);
  const plain = Buffer.from(values);
  for (let at = 0; at < plain.length; at += width) {
    const words = plain.subarray(at, at + width).reverse();
    const value = (BigInt(`0x${words.toString('hex')}`) * factor) % p;
    words.write(value.toString(16).padStart(2 * width, '0'), 'hex');
    words.reverse();
  }
  return plain;
}
