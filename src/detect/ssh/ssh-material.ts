import { type Curve, curveBySsh } from '../../core/asn1/curves.js';
import { isPoint } from '../../core/asn1/spki.js';
import { toBigint, toBytes, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import type { SshReader } from '../../core/base/crypto/ssh-wire.js';
import type { DsaMaterial, EcMaterial, KeyMaterial, RsaMaterial } from '../../core/model/key-material.js';

/** Key material shared by the formats of OpenSSH, PuTTY and libgcrypt. */

/** Adds the CRT exponents (RFC 8017, 3.2), which these formats do not store. */
function withExponents(key: RsaMaterial): RsaMaterial {
  const [d, p, q] = [key.d, key.p, key.q].map((part) => part && toBigint(part.reveal()));
  if (d === undefined || p === undefined || q === undefined || p < 3n || q < 3n) return key;
  return { ...key, dp: secret(d % (p - 1n)), dq: secret(d % (q - 1n)) };
}

const secret = (value: bigint): Secret => new Secret(toBytes(value));

/** An RSA key; parts lost by truncation are undefined. */
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

type Octets = Uint8Array | undefined;

/** A DSA key; undefined if a part is missing. */
export function sshDsa([p, q, g, y, x]: readonly Octets[]): DsaMaterial | undefined {
  if (!p || !q || !g || !y || !x) return undefined;
  const copy = (part: Uint8Array) => Uint8Array.from(part);
  return { type: 'dsa', p: copy(p), q: copy(q), g: copy(g), y: copy(y), x: new Secret(x) };
}

/** A key of an elliptic curve; undefined if a part is missing or does not fit the curve. */
export function sshEc(curve: Curve, point: Octets, d: Octets): EcMaterial | undefined {
  if (!point || !d || d.length > curve.scalar || !isPoint(point, curve)) return undefined;
  return { type: 'ec', curve: curve.name, d: new Secret(trimmed(d)), point: Uint8Array.from(point) };
}

/** The next `count` integers of a blob; undefined from the first truncated one on. */
export const mpints = (wire: SshReader, count: number): Octets[] =>
  Array.from({ length: count }, () => wire.mpint());

/** Algorithm of a key type, for titles: `Ed25519`. */
export function sshAlgorithm(type: string): string {
  const names: Readonly<Record<string, string>> = {
    'ssh-rsa': 'RSA',
    'ssh-dss': 'DSA',
    'ssh-ed25519': 'Ed25519',
    'ssh-ed448': 'Ed448',
  };
  const curve = curveBySsh(type.replace('ecdsa-sha2-', ''));
  return names[type] ?? (curve === undefined ? type : `EC ${curve.name}`);
}

export type SshMaterial = Exclude<KeyMaterial, { type: 'oct' | 'hmac-states' }>;
