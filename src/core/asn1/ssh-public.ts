import { SshReader } from '../base/crypto/ssh-wire.js';
import { curveBySsh } from './curves.js';
import { OKP } from './oids.js';
import { isExponent, isModulus } from './pkcs1.js';
import { isPoint, spkiEc, spkiOkp, spkiRsa } from './spki.js';

/** Converts the blob after its type name to a DER SubjectPublicKeyInfo. */
type Reader = (wire: SshReader, type: string) => Uint8Array | undefined;

function ecdsa(wire: SshReader, type: string): Uint8Array | undefined {
  const [id, point] = [wire.name(), wire.string()];
  const curve = id !== undefined && type.endsWith(`-${id}`) ? curveBySsh(id) : undefined;
  // RFC 5656, 3.1: only the uncompressed form is used.
  return curve && point?.[0] === 4 && isPoint(point, curve) ? spkiEc(curve, point) : undefined;
}

/** By key type: RFC 4253 section 6.6, RFC 8709 section 4, RFC 5656 section 3.1. */
const READERS: Readonly<Record<string, Reader>> = {
  'ssh-rsa': (wire) => {
    const [e, n] = [wire.mpint(), wire.mpint()];
    return e && n && isModulus(n) && isExponent(e, n) ? spkiRsa(n, e) : undefined;
  },
  'ssh-ed25519': (wire) => {
    const x = wire.string();
    return x?.length === OKP.Ed25519.size ? spkiOkp('Ed25519', x) : undefined;
  },
  'ecdsa-sha2-nistp256': ecdsa,
  'ecdsa-sha2-nistp384': ecdsa,
  'ecdsa-sha2-nistp521': ecdsa,
};

/**
 * The SSH public key blob at `at` as DER SubjectPublicKeyInfo; undefined if it is cut or of an unknown type.
 */
export function readSshPublicKey(
  bytes: Uint8Array,
  at = 0,
): { spki: Uint8Array; length: number } | undefined {
  const wire = new SshReader(bytes, at);
  const type = wire.name();
  const spki = type === undefined ? undefined : READERS[type]?.(wire, type);
  return spki && { spki, length: wire.at - at };
}
