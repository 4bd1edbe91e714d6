import { createPublicKey, type KeyObject } from 'node:crypto';
import { curveBySsh } from '../asn1/curves.js';
import { OPENSSH_MAGIC, Wire } from '../ssh-wire.js';

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A public key blob behind its type, as the JWK of the same key. */
type Reader = (wire: Wire) => Record<string, string> | undefined;

function ecdsa(wire: Wire): Record<string, string> | undefined {
  const [id, point] = [wire.name(), wire.string()];
  const crv = curveBySsh(id ?? '')?.jwk;
  // SEC 1, 2.3.3: only the uncompressed form is used in SSH.
  if (crv === undefined || point?.[0] !== 4) return undefined;
  const size = (point.length - 1) / 2;
  return {
    kty: 'EC',
    crv,
    x: base64url(point.subarray(1, 1 + size)),
    y: base64url(point.subarray(1 + size)),
  };
}

/** By key type: RFC 4253 section 6.6, RFC 8709 section 4, RFC 5656 section 3.1. */
const READERS: Readonly<Record<string, Reader>> = {
  'ssh-rsa': (wire) => {
    const [e, n] = [wire.mpint(), wire.mpint()];
    return e && n && { kty: 'RSA', e: base64url(e), n: base64url(n) };
  },
  'ssh-ed25519': (wire) => {
    const x = wire.string();
    return x && { kty: 'OKP', crv: 'Ed25519', x: base64url(x) };
  },
  'ecdsa-sha2-nistp256': ecdsa,
  'ecdsa-sha2-nistp384': ecdsa,
  'ecdsa-sha2-nistp521': ecdsa,
};

/** A public key blob as it stands in `id_*.pub`, or undefined where it is cut or its type is not known. Throws where OpenSSL refuses it. */
export function sshPublicKey(blob: Uint8Array): KeyObject | undefined {
  const wire = new Wire(blob);
  const jwk = READERS[wire.name() ?? '']?.(wire);
  return jwk && createPublicKey({ key: jwk, format: 'jwk' });
}

/** The public key blob that stands in clear in an OpenSSH private key: behind cipher, kdf, kdf options, number of keys. */
export function opensshPublicBlob(bytes: Uint8Array): Uint8Array | undefined {
  if (!OPENSSH_MAGIC.equals(bytes.subarray(0, OPENSSH_MAGIC.length))) return undefined;
  const wire = new Wire(bytes, OPENSSH_MAGIC.length);
  for (let skipped = 0; skipped < 3; skipped++) wire.string();
  wire.uint32();
  return wire.string();
}
