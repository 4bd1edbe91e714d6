import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { toBytes } from '../../base/bytes/integers.js';

/**
 * Numbers raised to the public exponent of one modulus: RSA without padding is just that, and OpenSSL's is ten times as fast as bigints
 * at 2,048 bits.
 */
export class RsaPublicOperation {
  /** Octets of the modulus. */
  readonly octets: number;
  readonly #n: Buffer;
  readonly #key: KeyObject | undefined;

  constructor(n: bigint, e: bigint) {
    this.#n = toBytes(n);
    this.octets = this.#n.length;
    this.#key = publicKey(this.#n, toBytes(e));
  }

  /** `value`, big-endian, is below the modulus. */
  takes(value: Buffer): boolean {
    const spare = value.length - this.octets;
    if (spare < 0) return true;
    for (let i = 0; i < spare; i++) if (value[i] !== 0) return false;
    return value.compare(this.#n, 0, this.octets, spare) < 0;
  }

  /** Big-endian, as long as the modulus, of a value that it takes; undefined where this Node's OpenSSL does not. */
  of(value: Buffer): Buffer | undefined {
    if (this.#key === undefined) return undefined;
    const block = Buffer.alloc(this.octets);
    value.copy(block, Math.max(0, this.octets - value.length), Math.max(0, value.length - this.octets));
    try {
      return publicEncrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, block);
    } catch {
      return undefined;
    }
  }
}

/** n and e as OpenSSL's public key, or undefined where it does not take them. */
function publicKey(n: Buffer, e: Buffer): KeyObject | undefined {
  const key = { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') };
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}
