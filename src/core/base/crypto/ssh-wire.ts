/** Data types of SSH's key formats (RFC 4251, section 5). */

/** Magic of OpenSSH's private key format (PROTOCOL.key of its sources). */
export const OPENSSH_MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');

/** Reads without exceptions: after the first truncated item every read returns undefined. */
export class SshReader {
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

  /** A name: at most 64 printable ASCII characters. */
  name(): string | undefined {
    const bytes = this.string();
    if (bytes === undefined || bytes.length > 64 || bytes.some((byte) => byte < 0x20 || byte > 0x7e))
      return this.#fail();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  }

  /** A non-negative mpint: unsigned big-endian without leading zeros, a view. */
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

/** Length (32 bits, big-endian) and bytes. */
export function sshString(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An mpint from an unsigned big-endian integer without leading zeros. */
export function sshMpint(value: Uint8Array): Buffer {
  return sshString((value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value);
}
