import { curveByName } from '../../core/asn1/curves.js';
import { OKP, type OkpCurve } from '../../core/asn1/oids.js';
import { isExponent, isModulus, isRecoverable } from '../../core/asn1/pkcs1.js';
import { spkiEc, spkiOkp, spkiRsa } from '../../core/asn1/spki.js';
import { padded, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial, RsaMaterial } from '../../core/model/key-material.js';

/** Members of a JSON Web Key (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2). */
export const JWK_MEMBERS: ReadonlySet<string> = new Set('kty crv x y d n e p q dp dq qi k'.split(' '));

export interface JwkRead {
  material?: KeyMaterial;
  /** DER SubjectPublicKeyInfo of a public key. */
  spki?: Uint8Array;
}

type Members = ReadonlyMap<string, string>;

/** Decodes base64url without padding, or base64. */
function bytesOf(members: Members, name: string): Uint8Array | undefined {
  const text = members.get(name);
  if (text === undefined || text.length % 4 === 1 || !/^[A-Za-z0-9_+/-]+=*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

const number = (members: Members, name: string): Uint8Array | undefined => {
  const bytes = bytesOf(members, name);
  return bytes && trimmed(bytes);
};

/** Private members (RFC 7518, 6.3.2). */
const RSA_PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;

function rsa(members: Members): JwkRead | undefined {
  const [n, e] = [number(members, 'n'), number(members, 'e')];
  if ((n !== undefined && !isModulus(n)) || (e !== undefined && (e.length === 0 || !isExponent(e, n))))
    return undefined;
  const material: RsaMaterial = { type: 'rsa', ...definedFields({ n, e }) };
  for (const member of RSA_PRIVATE) {
    const value = number(members, member);
    if (value !== undefined && value.length >= 8)
      material[member === 'qi' ? 'qinv' : member] = new Secret(value);
  }
  if (isRecoverable(material)) return { material };
  return n === undefined || e === undefined ? undefined : { spki: spkiRsa(n, e) };
}

function ec(members: Members): JwkRead | undefined {
  const curve = curveByName(members.get('crv') ?? '');
  if (curve === undefined) return undefined;
  const [x, y, d] = [bytesOf(members, 'x'), bytesOf(members, 'y'), number(members, 'd')];
  const coordinates = [x, y].map((part) => part && padded(trimmed(part), curve.field));
  const known = coordinates.every((part) => part?.length === curve.field);
  const point = known ? Uint8Array.from([4, ...coordinates[0]!, ...coordinates[1]!]) : undefined;
  if (d !== undefined && d.length <= curve.scalar && d.length >= 8)
    return {
      material: { type: 'ec', curve: curve.name, d: new Secret(d), ...definedFields({ point }) },
    };
  const spki = point && spkiEc(curve, point);
  return spki && { spki };
}

function okp(members: Members): JwkRead | undefined {
  const name = members.get('crv') ?? '';
  if (!Object.hasOwn(OKP, name)) return undefined;
  const curve = name as OkpCurve;
  const right = (bytes: Uint8Array | undefined) => (bytes?.length === OKP[curve].size ? bytes : undefined);
  const [x, d] = [right(bytesOf(members, 'x')), right(bytesOf(members, 'd'))];
  if (d !== undefined)
    return { material: { type: 'okp', curve, seed: new Secret(d), ...definedFields({ public: x }) } };
  return x && { spki: spkiOkp(curve, x) };
}

function oct(members: Members): JwkRead | undefined {
  const k = bytesOf(members, 'k');
  return k && { material: { type: 'oct', k: new Secret(k) } };
}

const readers: ReadonlyMap<string, (members: Members) => JwkRead | undefined> = new Map([
  ['RSA', rsa],
  ['EC', ec],
  ['OKP', okp],
  ['oct', oct],
]);

/** Without `kty` only RSA can be recognised: p and q are enough, the others need the name of a curve. */
function keyTypeOf(members: Members): string | undefined {
  return members.get('kty') ?? (members.has('p') && members.has('q') ? 'RSA' : undefined);
}

/** The key of the members, private if it has a private member. */
export function readJwk(members: Members): JwkRead | undefined {
  return readers.get(keyTypeOf(members) ?? '')?.(members);
}
