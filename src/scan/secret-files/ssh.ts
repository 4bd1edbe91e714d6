import { createPublicKey, type KeyObject } from 'node:crypto';
import { readSshPublicKey } from '../../core/asn1/ssh-public.js';
import { OPENSSH_MAGIC, SshReader } from '../../core/base/crypto/ssh-wire.js';

/** The public key in a blob of `id_*.pub`; undefined if cut or unknown. Throws if OpenSSL rejects it. */
export function sshPublicKey(blob: Uint8Array): KeyObject | undefined {
  const spki = readSshPublicKey(blob)?.spki;
  return spki && createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/**
 * The cleartext public key blob of an OpenSSH private key: after cipher, kdf, kdf options, number of keys.
 */
export function opensshPublicBlob(bytes: Uint8Array): Uint8Array | undefined {
  if (!OPENSSH_MAGIC.equals(bytes.subarray(0, OPENSSH_MAGIC.length))) return undefined;
  const wire = new SshReader(bytes, OPENSSH_MAGIC.length);
  for (let skipped = 0; skipped < 3; skipped++) wire.string();
  wire.uint32();
  return wire.string();
}
