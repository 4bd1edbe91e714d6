import { createPublicKey, type KeyObject } from 'node:crypto';
import { Fields } from '../bytes.js';

/** Strings of RFC 4251, section 5: a 32-bit length and that many bytes. */
function* strings(blob: Uint8Array): Generator<Buffer> {
  const fields = new Fields(blob, 'be');
  for (let at = 0; at < blob.length; ) {
    const length = fields.u32(at);
    yield Buffer.from(fields.slice(at + 4, length));
    at += 4 + length;
  }
}

/** An mpint (RFC 4251, section 5) without its sign byte. */
const unsigned = (mpint: Buffer): string =>
  (mpint[0] === 0 ? mpint.subarray(1) : mpint).toString('base64url');

/** SSH curve identifier (RFC 5656, 10.1) as RFC 7518 names it. */
const CURVES: Readonly<Record<string, string>> = { nistp256: 'P-256', nistp384: 'P-384', nistp521: 'P-521' };

type Reader = (parts: Buffer[]) => Record<string, string> | undefined;

function ecdsa([, name, point]: Buffer[]): Record<string, string> | undefined {
  const crv = CURVES[name?.toString('latin1') ?? ''];
  // SEC 1, 2.3.3: only the uncompressed form is used in SSH.
  if (!crv || point?.[0] !== 4) return undefined;
  const size = (point.length - 1) / 2;
  return {
    kty: 'EC',
    crv,
    x: point.subarray(1, 1 + size).toString('base64url'),
    y: point.subarray(1 + size).toString('base64url'),
  };
}

/** By key type: RFC 4253 section 6.6, RFC 8709 section 4, RFC 5656 section 3.1. */
const READERS: Readonly<Record<string, Reader>> = {
  'ssh-rsa': ([, e, n]) => (e && n ? { kty: 'RSA', e: unsigned(e), n: unsigned(n) } : undefined),
  'ssh-ed25519': ([, x]) => (x ? { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') } : undefined),
  'ecdsa-sha2-nistp256': ecdsa,
  'ecdsa-sha2-nistp384': ecdsa,
  'ecdsa-sha2-nistp521': ecdsa,
};

/** A public key blob as it stands in `id_*.pub`, or undefined where its type is not known. Throws for a malformed one. */
export function sshPublicKey(blob: Uint8Array): KeyObject | undefined {
  const parts = [...strings(blob)];
  const jwk = READERS[parts[0]?.toString('latin1') ?? '']?.(parts);
  return jwk && createPublicKey({ key: jwk, format: 'jwk' });
}

/** "openssh-key-v1\0" (PROTOCOL.key): cipher, kdf, kdf options, number of keys, then the public keys in clear. */
export function opensshPublicBlob(der: Uint8Array): Uint8Array | undefined {
  const magic = Buffer.from('openssh-key-v1\0', 'latin1');
  if (!Buffer.from(der.subarray(0, magic.length)).equals(magic)) return undefined;
  const fields = new Fields(der, 'be');
  let at = magic.length;
  for (let skipped = 0; skipped < 3; skipped++) at += 4 + fields.u32(at);
  const length = fields.u32(at + 4);
  return fields.slice(at + 8, length);
}
