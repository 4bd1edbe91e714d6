import { curveByName } from '../../core/asn1/curves.js';
import { OKP } from '../../core/asn1/oids.js';
import { padded, trimmed } from '../../core/base/bytes/integers.js';
import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { KeyMaterial, OkpMaterial } from '../../core/model/key-material.js';
import { type DetectedSecret, describeEncrypted, describeMaterial } from '../core/candidate.js';
import type { Detector, HitGroup, SecretCandidate } from '../core/types.js';
import { sshDsa, sshRsa } from '../ssh/ssh-material.js';
import { candidatesAt } from './each-hit.js';

/**
 * Private keys as S-expressions: in the memory of libgcrypt, and in gpg-agent's files (private-keys-v1.d).
 */

type Parts = ReadonlyMap<string, Buffer>;

const integer = (parts: Parts, name: string): Buffer | undefined => {
  const value = parts.get(name);
  return value && Buffer.from(trimmed(value));
};

/** libgcrypt's u is p^-1 mod q: PKCS#1's coefficient with p and q exchanged. */
function rsa(parts: Parts): KeyMaterial | undefined {
  const [n, e, d, p, q, u] = ['n', 'e', 'd', 'p', 'q', 'u'].map((name) => integer(parts, name));
  return n === undefined || d === undefined ? undefined : sshRsa({ n, e, d, p: q, q: p, qinv: u });
}

const dsa = (parts: Parts) => sshDsa(['p', 'q', 'g', 'y', 'x'].map((name) => integer(parts, name)));

/** libgcrypt's names of curves, where they differ from ours. */
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
  return {
    type: 'ec',
    curve: name,
    d: new Secret(scalar),
    ...definedFields({ point: q?.[0] === 4 ? q : undefined }),
  };
}

/** Points in native encoding have a prefix 0x40; the scalar of X25519 is big-endian here. */
function okp(curve: OkpMaterial['curve'], d: Buffer, q: Buffer | undefined): KeyMaterial | undefined {
  const { size } = OKP[curve];
  const plain = q?.length === size + 1 && q[0] === 0x40 ? q.subarray(1) : q;
  const bytes = d.length > size ? trimmed(d) : padded(d, size);
  if (bytes.length !== size) return undefined;
  const seed = new Secret(curve === 'X25519' ? Buffer.from(bytes).reverse() : bytes);
  return {
    type: 'okp',
    curve,
    seed,
    ...definedFields({ public: plain?.length === size ? plain : undefined }),
  };
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

type Read = Pick<DetectedSecret, 'kind' | 'title' | 'secret'> & Partial<DetectedSecret>;

/** The key of a whole list `(private-key (rsa (n …) …))`. */
function read(list: readonly Sexp[]): Read | undefined {
  const [head, body] = [textOf(list[0]), list[1]];
  if (!Array.isArray(body)) return undefined;
  const algorithm = textOf(body[0]) ?? '';
  if (head === 'private-key') {
    const material = ALGORITHMS[algorithm]?.(pairsOf(body));
    return material && describeMaterial(material, true);
  }
  // (protected MODE PARAMETERS CIPHERTEXT): gpg-agent's encryption (agent/keyformat.txt).
  const encrypted = body.find(
    (each): each is Sexp[] => Array.isArray(each) && textOf(each[0]) === 'protected',
  );
  const ciphertext = encrypted?.at(-1);
  if (head !== 'protected-private-key' || !Buffer.isBuffer(ciphertext) || ciphertext.length < 32)
    return undefined;
  return describeEncrypted(`encrypted GnuPG private key (${algorithm.toUpperCase()})`, ciphertext);
}

/** A key of RSA-16384 in hex has 20 KB. */
const reach = { before: 32, after: 24 * 1024 };
/** Bytes from the opening parenthesis to the anchor. */
const MAX_BEFORE_ANCHOR = 24;

const examine = (group: HitGroup): Iterable<SecretCandidate> =>
  candidatesAt(group, reach, (bytes, { at }, from) => {
    const tagged = opensTagged(bytes, at);
    const start = tagged ? at : bytes.lastIndexOf('(', at);
    if (start < Math.max(from, at - MAX_BEFORE_ANCHOR)) return undefined;
    const list = tagged ? readTagged(bytes, start) : readList(bytes, start);
    const found = list && read(list.list);
    return found && { ...found, start, end: list.end, whole: true, encoding: 'sexp' };
  });

export const sexp: Detector = { name: 'sexp', reach, examine };

/** S-expressions (RFC 9804): canonical (`11:private-key`) or advanced (`#00c0…#`, `"text"`). */

/** An atom's bytes, or a list. */
type Sexp = Buffer | Sexp[];

/** A key has four levels. */
const MAX_DEPTH = 8;
const SPACE = /[\s]/;
const TOKEN = /[A-Za-z0-9\-./_:*+=]/;

/**
 * Reads the list at `at`; `end` is after its closing parenthesis. Undefined if it is truncated or malformed.
 */
export function readList(bytes: Buffer, at: number): { list: Sexp[]; end: number } | undefined {
  const open: Sexp[][] = [];
  let i = at;
  while (i < bytes.length) {
    const c = String.fromCharCode(bytes[i]!);
    if (c === '(') {
      if (open.length === MAX_DEPTH) return undefined;
      open.push([]);
      i++;
    } else if (c === ')') {
      const list = open.pop();
      i++;
      if (list === undefined) return undefined;
      const outer = open.at(-1);
      if (outer === undefined) return { list, end: i };
      outer.push(list);
    } else if (SPACE.test(c)) i++;
    else {
      const atom = readAtom(bytes, i);
      if (atom === undefined || open.length === 0) return undefined;
      open.at(-1)!.push(atom.value);
      i = atom.end;
    }
  }
  return undefined;
}

/** Tags of libgcrypt's in-memory lists (src/sexp.c, ST_*); data has a 16-bit length before its bytes. */
const TAGS = { atom: 1, open: 3, close: 4 } as const;

/** True if a list of libgcrypt's tags starts at `at`. */
const opensTagged = (bytes: Buffer, at: number): boolean => bytes[at] === TAGS.open;

/** {@link readList} for libgcrypt's in-memory form. */
export function readTagged(bytes: Buffer, at: number): { list: Sexp[]; end: number } | undefined {
  const open: Sexp[][] = [];
  for (let i = at; i < bytes.length; ) {
    const token = bytes[i++]!;
    if (token === TAGS.open) {
      if (open.length === MAX_DEPTH) return undefined;
      open.push([]);
    } else if (token === TAGS.close) {
      const list = open.pop()!;
      const outer = open.at(-1);
      if (outer === undefined) return { list, end: i };
      outer.push(list);
    } else if (token === TAGS.atom && i + 2 <= bytes.length) {
      const end = i + 2 + bytes.readUInt16LE(i);
      if (end > bytes.length) return undefined;
      open.at(-1)!.push(bytes.subarray(i + 2, end));
      i = end;
    } else return undefined;
  }
  return undefined;
}

type Atom = { value: Buffer; end: number } | undefined;

function readAtom(bytes: Buffer, at: number): Atom {
  const c = bytes[at]!;
  if (c >= 0x30 && c <= 0x39) return readCounted(bytes, at);
  if (c === 0x23) return delimited(bytes, at, '#', (text) => hexOf(text));
  if (c === 0x22) return delimited(bytes, at, '"', (text) => Buffer.from(text, 'latin1'));
  let end = at;
  while (end < bytes.length && TOKEN.test(String.fromCharCode(bytes[end]!))) end++;
  return end === at ? undefined : { value: bytes.subarray(at, end), end };
}

/** `LENGTH:BYTES`; a number without a colon is a token. */
function readCounted(bytes: Buffer, at: number): Atom {
  let [length, i] = [0, at];
  while (i < bytes.length && i < at + 6 && bytes[i]! >= 0x30 && bytes[i]! <= 0x39)
    length = length * 10 + (bytes[i++]! - 0x30);
  if (bytes[i] !== 0x3a) return { value: bytes.subarray(at, i), end: i };
  const end = i + 1 + length;
  return end > bytes.length ? undefined : { value: bytes.subarray(i + 1, end), end };
}

function delimited(
  bytes: Buffer,
  at: number,
  mark: string,
  decode: (text: string) => Buffer | undefined,
): Atom {
  const close = bytes.indexOf(mark, at + 1, 'latin1');
  if (close < 0) return undefined;
  const value = decode(bytes.toString('latin1', at + 1, close));
  return value && { value, end: close + 1 };
}

function hexOf(text: string): Buffer | undefined {
  const digits = text.replace(/\s/g, '');
  return /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

/** The text of an atom; undefined for a list. */
function textOf(sexp: Sexp | undefined): string | undefined {
  return Buffer.isBuffer(sexp) ? sexp.toString('latin1') : undefined;
}

/** Values of the pairs `(n #…#)` in a list, by name; other elements are ignored. */
function pairsOf(list: readonly Sexp[]): Map<string, Buffer> {
  const pairs = new Map<string, Buffer>();
  for (const each of list) {
    if (!Array.isArray(each)) continue;
    const [name, value] = [textOf(each[0]), each[1]];
    if (name !== undefined && Buffer.isBuffer(value)) pairs.set(name, value);
  }
  return pairs;
}
