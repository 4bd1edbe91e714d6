import { curveByName } from '../../asn1/curves.js';
import { OKP } from '../../asn1/oids.js';
import { padded, trimmed } from '../../base/bytes/integers.js';
import { Secret } from '../../base/crypto/secret.js';
import type { KeyMaterial, OkpMaterial } from '../../model/key-material.js';
import { candidate, describeMaterial, type Found } from '../core/candidate.js';
import type { Candidate, Detector, HitGroup } from '../core/types.js';
import { reachOf, serve } from '../core/windows.js';
import { sshRsa } from '../ssh/ssh-material.js';
import { opensTokens, pairsOf, readList, readTokens, type Sexp, textOf } from './sexp-list.js';

/** Private keys as libgcrypt keeps them and gpg-agent stores them (private-keys-v1.d): S-expressions. */

type Parts = ReadonlyMap<string, Buffer>;

/** Unsigned, big-endian. */
const integer = (parts: Parts, name: string): Buffer | undefined => {
  const value = parts.get(name);
  return value && Buffer.from(trimmed(value));
};

/** u is p^-1 mod q: with the primes in the other order it is PKCS#1's coefficient. */
function rsa(parts: Parts): KeyMaterial | undefined {
  const [n, e, d, p, q, u] = ['n', 'e', 'd', 'p', 'q', 'u'].map((name) => integer(parts, name));
  return n === undefined || d === undefined ? undefined : sshRsa({ n, e, d, p: q, q: p, qinv: u });
}

function dsa(parts: Parts): KeyMaterial | undefined {
  const [p, q, g, y, x] = ['p', 'q', 'g', 'y', 'x'].map((name) => integer(parts, name));
  if (p === undefined || q === undefined || g === undefined || y === undefined || x === undefined)
    return undefined;
  return { type: 'dsa', p, q, g, y, x: new Secret(x) };
}

/** libgcrypt's names of curves that others call by another. */
const CURVES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [192, 224, 256, 384, 521].flatMap((bits) => [
      [`NIST P-${bits}`, `P-${bits}`],
      [`nistp${bits}`, `P-${bits}`],
    ]),
  ),
  Curve25519: 'X25519',
  cv25519: 'X25519',
};

function ecc(parts: Parts): KeyMaterial | undefined {
  const written = parts.get('curve')?.toString('latin1') ?? '';
  const name = CURVES[written] ?? written;
  const [d, q] = [parts.get('d'), parts.get('q')];
  if (d === undefined) return undefined;
  if (name in OKP) return okp(name as OkpMaterial['curve'], d, q);
  const curve = curveByName(name);
  if (curve === undefined) return undefined;
  const scalar = trimmed(d);
  if (scalar.length > curve.scalar) return undefined;
  return { type: 'ec', curve: name, d: new Secret(scalar), ...(q?.[0] === 4 ? { point: q } : {}) };
}

/** A prefix 0x40 stands before a point that is the key's own encoding; the scalar of X25519 is written big-endian. */
function okp(curve: OkpMaterial['curve'], d: Buffer, q: Buffer | undefined): KeyMaterial | undefined {
  const { size } = OKP[curve];
  const plain = q?.length === size + 1 && q[0] === 0x40 ? q.subarray(1) : q;
  const bytes = d.length > size ? trimmed(d) : padded(d, size);
  if (bytes.length !== size) return undefined;
  const seed = new Secret(curve === 'X25519' ? Buffer.from(bytes).reverse() : bytes);
  return { type: 'okp', curve, seed, ...(plain?.length === size ? { public: plain } : {}) };
}

const ALGORITHMS: Readonly<Record<string, (parts: Parts) => KeyMaterial | undefined>> = {
  rsa,
  'openpgp-rsa': rsa,
  dsa,
  'openpgp-dsa': dsa,
  ecc,
  ecdsa: ecc,
  eddsa: ecc,
  ecdh: ecc,
};

type Read = Pick<Found, 'kind' | 'title' | 'secret'> & Partial<Found>;

/** What a whole list `(private-key (rsa (n …) …))` is. */
function read(list: readonly Sexp[]): Read | undefined {
  const [head, body] = [textOf(list[0]), list[1]];
  if (!Array.isArray(body)) return undefined;
  const algorithm = textOf(body[0]) ?? '';
  if (head === 'private-key') {
    const material = ALGORITHMS[algorithm]?.(pairsOf(body));
    return material && describeMaterial(material, true);
  }
  // (protected MODE PARAMETERS CIPHERTEXT): gpg-agent's own encryption.
  const sealed = body.find((each): each is Sexp[] => Array.isArray(each) && textOf(each[0]) === 'protected');
  const ciphertext = sealed?.at(-1);
  if (head !== 'protected-private-key' || !Buffer.isBuffer(ciphertext) || ciphertext.length < 32)
    return undefined;
  return {
    kind: 'encrypted-key',
    title: `encrypted GnuPG private key (${algorithm.toUpperCase()})`,
    secret: new Secret(ciphertext),
    severity: 'medium',
  };
}

/** RSA-16384 in hex has 20 KB. */
const reach = { before: 32, after: 24 * 1024 };
/** From the opening parenthesis to the anchor, which may be inside the name. */
const WALK_BACK = 24;

function* examine(group: HitGroup): Iterable<Candidate> {
  for (const { window, hits } of serve(group, reachOf(group.rule, reach))) {
    const bytes = Buffer.from(window.bytes.buffer, window.bytes.byteOffset, window.bytes.length);
    let from = 0;
    for (const hit of hits) {
      if (hit.wide || hit.at < from) continue;
      const tokens = opensTokens(bytes, hit.at);
      const start = tokens ? hit.at : bytes.lastIndexOf('(', hit.at);
      if (start < Math.max(from, hit.at - WALK_BACK)) continue;
      const whole = tokens ? readTokens(bytes, start) : readList(bytes, start);
      const found = whole && read(whole.list);
      if (found === undefined) continue;
      from = whole!.end;
      yield candidate(group.rule, window, { ...found, start, end: from, whole: true, encoding: 'sexp' });
    }
  }
}

/** Private keys in S-expressions, from the name at their front. */
export const sexp: Detector = { name: 'sexp', reach, examine };
