import { curveByName } from '../../asn1/curves.js';
import { OKP, type OkpCurve } from '../../asn1/oids.js';
import { isExponent, isModulus, isRecoverable } from '../../asn1/pkcs1.js';
import { spkiEc, spkiOkp, spkiRsa } from '../../asn1/spki.js';
import { padded, trimmed } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { KeyMaterial, RsaMaterial } from '../../model/key-material.js';

/** Members of a JSON Web Key (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2) as a key. */

/** Those that are read. */
export const JWK_MEMBERS: ReadonlySet<string> = new Set('kty crv x y d n e p q dp dq qi k'.split(' '));

export interface JwkRead {
  material?: KeyMaterial;
  /** DER SubjectPublicKeyInfo of a public key. */
  spki?: Uint8Array;
}

type Members = ReadonlyMap<string, string>;

/** base64url without padding; base64 is taken too. Undefined for what is neither. */
function bytesOf(members: Members, name: string): Uint8Array | undefined {
  const text = members.get(name);
  if (text === undefined || text.length % 4 === 1 || !/^[A-Za-z0-9_+/-]+=*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, 'base64url'));
}

const number = (members: Members, name: string): Uint8Array | undefined => {
  const bytes = bytesOf(members, name);
  return bytes && trimmed(bytes);
};

const RSA_PRIVATE = { d: 'd', p: 'p', q: 'q', dp: 'dp', dq: 'dq', qi: 'qinv' } as const;

function rsa(members: Members): JwkRead | undefined {
  const [n, e] = [number(members, 'n'), number(members, 'e')];
  if ((n !== undefined && !isModulus(n)) || (e !== undefined && (e.length === 0 || !isExponent(e, n))))
    return undefined;
  const material: RsaMaterial = {
    type: 'rsa',
    ...(n === undefined ? {} : { n }),
    ...(e === undefined ? {} : { e }),
  };
  for (const [member, part] of Object.entries(RSA_PRIVATE) as [
    string,
    'd' | 'p' | 'q' | 'dp' | 'dq' | 'qinv',
  ][]) {
    const value = number(members, member);
    if (value !== undefined && value.length >= 8) material[part] = new Secret(value);
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
      material: {
        type: 'ec',
        curve: curve.name,
        d: new Secret(d),
        ...(point === undefined ? {} : { point }),
      },
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
    return {
      material: { type: 'okp', curve, seed: new Secret(d), ...(x === undefined ? {} : { public: x }) },
    };
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

/** What a key is whose kty is lost: only RSA's needs no name of a curve, and no n where it has both primes. */
function kindOf(members: Members): string | undefined {
  return members.get('kty') ?? (members.has('p') && members.has('q') ? 'RSA' : undefined);
}

/** The key that the members make, private if a private member is among them. */
export function readJwk(members: Members): JwkRead | undefined {
  return readers.get(kindOf(members) ?? '')?.(members);
}
