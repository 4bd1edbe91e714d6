import type { KeyMaterial, RsaMaterial } from '../keys.js';
import { Secret } from '../secret.js';

/** Data types of RFC 4251, section 5, read without exceptions: after the first that is not whole every read yields undefined. */
export class Wire {
  readonly bytes: Uint8Array;
  at: number;
  failed = false;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  uint32(): number | undefined {
    const { bytes, at } = this;
    if (this.failed || at + 4 > bytes.length) return this.#fail();
    this.at = at + 4;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** A view. */
  string(): Uint8Array | undefined {
    const length = this.uint32();
    if (length === undefined || length > this.bytes.length - this.at) return this.#fail();
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** A string of at most 64 printable ASCII characters: a name. */
  name(): string | undefined {
    const bytes = this.string();
    if (bytes === undefined || bytes.length > 64 || bytes.some((byte) => byte < 0x20 || byte > 0x7e))
      return this.#fail();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  /** mpint that is not negative: unsigned big-endian without leading zeros, a view. */
  mpint(): Uint8Array | undefined {
    const bytes = this.string();
    if (bytes === undefined || bytes.length === 0 || bytes[0]! >= 0x80) return this.#fail();
    return bytes[0] === 0 ? bytes.subarray(1) : bytes;
  }

  #fail(): undefined {
    this.failed = true;
    return undefined;
  }
}

/** Curve of each `ecdsa-sha2-…` (RFC 5656, 10.1). */
export const SSH_CURVES: Readonly<Record<string, string>> = {
  nistp256: 'P-256',
  nistp384: 'P-384',
  nistp521: 'P-521',
};

/** dp and dq (RFC 8017, 3.2), which neither OpenSSH nor PuTTY stores. */
function withExponents(key: RsaMaterial): RsaMaterial {
  const [d, p, q] = [key.d, key.p, key.q].map((part) => part && number(part.reveal()));
  if (d === undefined || p === undefined || q === undefined || p < 3n || q < 3n) return key;
  return { ...key, dp: secret(d % (p - 1n)), dq: secret(d % (q - 1n)) };
}

const number = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);

function secret(value: bigint): Secret {
  const hex = value.toString(16);
  return new Secret(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

/** RSA parts in whatever order they were read; those that were cut are left out. */
export function sshRsa(
  parts: Partial<Record<'n' | 'e' | 'd' | 'p' | 'q' | 'qinv', Uint8Array | undefined>>,
): RsaMaterial {
  const material: RsaMaterial = { type: 'rsa' };
  if (parts.n !== undefined) material.n = Uint8Array.from(parts.n);
  if (parts.e !== undefined) material.e = Uint8Array.from(parts.e);
  for (const name of ['d', 'p', 'q', 'qinv'] as const) {
    const value = parts[name];
    if (value !== undefined) material[name] = new Secret(value);
  }
  return withExponents(material);
}

/** Title of a key type that may be encrypted: `Ed25519`. */
export function sshAlgorithm(type: string): string {
  const names: Readonly<Record<string, string>> = {
    'ssh-rsa': 'RSA',
    'ssh-dss': 'DSA',
    'ssh-ed25519': 'Ed25519',
    'ssh-ed448': 'Ed448',
  };
  const curve = SSH_CURVES[type.replace('ecdsa-sha2-', '')];
  return names[type] ?? (curve === undefined ? type : `EC ${curve}`);
}

export type SshMaterial = Exclude<KeyMaterial, { type: 'oct' }>;
