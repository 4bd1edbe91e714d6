import { curveByName } from '../../core/asn1/curves.js';
import { OKP, type OkpCurve } from '../../core/asn1/oids.js';
import { isExponent, isModulus, isRecoverable } from '../../core/asn1/pkcs1.js';
import { spkiEc, spkiOkp, spkiRsa } from '../../core/asn1/spki.js';
import { padded, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial, RsaMaterial } from '../../core/model/key-material.js';
import { keyName, keyNames } from '../../core/model/key-names.js';
import type { Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import { candidate, describeMaterial, publicRecord } from '../core/candidate.js';
import { type Characters, Readings } from '../core/characters.js';
import type { Detected, Detector, HitGroup } from '../core/types.js';
import { reachOf, type WindowHit, windowsOf } from '../core/windows.js';
import { type JsonText, objectAround, stringMembers } from './json-object.js';

/** Members of a JSON Web Key (RFC 7517, 4; RFC 7518, 6; RFC 8037, 2). */
const JWK_MEMBERS: ReadonlySet<string> = new Set('kty crv x y d n e p q dp dq qi k'.split(' '));

interface JwkRead {
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
function readJwk(members: Members): JwkRead | undefined {
  return readers.get(keyTypeOf(members) ?? '')?.(members);
}

/**
 * JSON Web Keys, alone or in sets, from the anchor `"kty` (or `"qi` if that is lost): JSON text, also inside
 * JSON strings and in UTF-16.
 */

/**
 * Characters read on each side of `kty`: RSA-16384 has 12 KB of members, and x5c may add a certificate chain.
 */
const MAX_SIDE = 16 * 1024;
/** Members that are read. */
const MEMBERS: ReadonlySet<string> = new Set([...JWK_MEMBERS, 'kid']);
/** Side of a window whose budget is used up. */
const REDUCED_SIDE = 2048;
const reach = { before: MAX_SIDE, after: 2 * MAX_SIDE };

/** Index of the quote before `kty` or `qi`; the anchor may be any part of the name. */
function nameAt(text: Characters, at: number): number | undefined {
  for (let quote = at - 1; quote <= at + 4; quote++)
    if (text.code(quote) === 0x22 && (text.has('kty', quote + 1) || text.has('qi', quote + 1))) return quote;
  return undefined;
}

function describe(rule: Rule, window: Window, { text, json }: Read): Detected | undefined {
  const members = stringMembers(text, json, MEMBERS);
  const key = readJwk(members);
  const names = keyNames(keyName(members.get('kid')));
  const [start, end] = [text.byteOf(json.start), text.byteOf(json.stop)];
  if (key?.material !== undefined)
    return candidate(rule, window, {
      ...describeMaterial(key.material, json.whole),
      start,
      end,
      whole: json.whole,
      encoding: 'jwk',
      wide: text.wide,
      names,
    });
  return key?.spki && json.whole ? publicRecord(window, [start, end], key.spki, 'jwk', { names }) : undefined;
}

interface Read {
  text: Characters;
  json: JsonText;
}

/** The object around a hit: whole before truncated, then by the likelier decoding. */
function locate(readings: Readings, hit: WindowHit, most: number, known: number): Read | undefined {
  let best: Read | undefined;
  for (const text of readings.of(hit)) {
    const quote = nameAt(text, text.indexOf(hit.at));
    if (quote === undefined) continue;
    const json = objectAround(text, quote, most, text.indexOf(known));
    if (json === undefined) continue;
    if (best === undefined || (json.whole && !best.json.whole)) best = { text, json };
  }
  return best;
}

function* examine(group: HitGroup): Iterable<Detected> {
  for (const { window, hits } of windowsOf(group, reachOf(group.rule, reach))) {
    const readings = new Readings(window);
    let covered = 0;
    let known = -1;
    // Characters to read before the reach of each further hit is reduced: bounds hostile text to linear time.
    let budget = 8 * window.bytes.length;
    for (const hit of hits) {
      if (hit.at < covered) continue;
      const isReduced = budget <= 0;
      const read = locate(readings, hit, isReduced ? REDUCED_SIDE : MAX_SIDE, known);
      known = hit.at;
      if (isReduced && read?.json.cut) group.shortened?.(hit);
      if (read === undefined) continue;
      budget -= read.json.read;
      // The rest of the previous object.
      if (read.text.byteOf(read.json.start) < covered) continue;
      const detected = describe(group.rule, window, read);
      if (detected === undefined) continue;
      covered = read.text.byteOf(read.json.stop);
      yield detected;
    }
  }
}

export const jwk: Detector = { name: 'jwk', reach, examine };
