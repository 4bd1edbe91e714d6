import { bitLength } from '../base/bytes/integers.js';
import { definedFields } from '../base/runtime/defined.js';
import type { KeyMaterial } from '../model/key-material.js';
import { Der, explicit, header, TAG } from './der.js';
import { readDsaPrivateKey, writeDsaPrivateKey } from './dsa.js';
import { OID } from './oids.js';
import { readRsaPrivateKey, readRsaRest, writeRsaPrivateKey } from './pkcs1.js';
import { readEcPrivateKey, readEncryptedInfo, readPrivateKeyInfo, writePrivateKeyInfo } from './pkcs8.js';

/** Any private key in DER; the first bytes decide which structure it is. */

type KeyForm = 'pkcs1' | 'pkcs8' | 'sec1' | 'dsa' | 'encrypted' | 'pkcs12';

/** A private key structure; offsets are into the bytes read from. */
export interface KeyRead {
  form: KeyForm;
  start: number;
  /** Offset after the structure, or after the last readable part of a cut one. */
  end: number;
  whole: boolean;
  material?: KeyMaterial;
  /** Name of an algorithm without material. */
  algorithm?: string;
  /** Ciphertext of an encrypted key. */
  ciphertext?: Uint8Array;
  notes: string[];
}

type Parsed = Omit<KeyRead, 'form' | 'start' | 'notes'> & { notes?: string[] };
type Parser = (contents: Der, strict: boolean) => Parsed | undefined;

const ASSUMED_CURVE = 'the structure names no curve: assumed from the length of the scalar';
const NO_KEY_BAG = 'no unencrypted key bag: a store of certificates alone, or one with encrypted contents';

const parsers: Readonly<Record<KeyForm, Parser>> = {
  pkcs8: readPrivateKeyInfo,
  pkcs1: (der, strict) => {
    const read = readRsaPrivateKey(der, strict);
    return read && { ...read, end: read.whole ? der.end : der.at };
  },
  dsa: (der) => {
    const material = readDsaPrivateKey(der);
    return material && { material, whole: true, end: der.end };
  },
  sec1: (der, strict) => {
    const read = readEcPrivateKey(der, strict);
    if (read === undefined) return undefined;
    const { material, whole, assumedCurve } = read;
    return { material, whole, end: whole ? der.end : der.at, notes: assumedCurve ? [ASSUMED_CURVE] : [] };
  },
  encrypted: (der, strict) => {
    const read = readEncryptedInfo(der);
    return read && (read.whole || !strict) ? read : undefined;
  },
  pkcs12: (der, strict) => {
    const read = readPfx(der);
    if (read === undefined || (strict && !read.whole)) return undefined;
    const notes = read.keyBag === 'none' ? [NO_KEY_BAG] : [];
    return { whole: read.whole, end: read.end, notes, ciphertext: der.bytes.subarray(der.end, der.end) };
  },
};

/** The forms by the tag after `02 01 VERSION`. */
const byVersion: Readonly<Record<number, Readonly<Record<number, readonly KeyForm[]>>>> = {
  0: { [TAG.sequence]: ['pkcs8'], [TAG.integer]: ['pkcs1', 'dsa'] },
  1: { [TAG.sequence]: ['pkcs8'], [TAG.integer]: ['pkcs1'], [TAG.octetString]: ['sec1'] },
  3: { [TAG.sequence]: ['pkcs12'] },
};

const none: readonly KeyForm[] = [];
const encrypted: readonly KeyForm[] = ['encrypted'];

/** Possible forms of the contents at `at`. Two or three bytes decide, so that most places cost no more. */
function formsAt(bytes: Uint8Array, at: number): readonly KeyForm[] {
  if (bytes[at] === TAG.sequence) return encrypted;
  if (bytes[at] !== TAG.integer || bytes[at + 1] !== 1) return none;
  return byVersion[bytes[at + 2]!]?.[bytes[at + 3]!] ?? none;
}

/**
 * Reads the private key whose SEQUENCE is at `at`. Without `strict` also a cut one that still determines a
 * key.
 */
export function readPrivateKey(
  bytes: Uint8Array,
  at: number,
  limit: number = bytes.length,
  strict = true,
): KeyRead | undefined {
  if (bytes[at] !== TAG.sequence) return undefined;
  const outer = header(bytes, at, limit);
  if (outer === undefined || (strict && outer.end > limit)) return undefined;
  for (const form of formsAt(bytes, outer.start)) {
    const end = Math.min(outer.end, limit);
    const der = new Der(bytes, outer.start, end, { lenient: !strict });
    const parsed = parsers[form](der, strict);
    if (parsed === undefined) continue;
    const whole = parsed.whole && outer.end <= limit;
    const ciphertext = form === 'pkcs12' ? bytes.subarray(at, parsed.end) : parsed.ciphertext;
    return {
      notes: [],
      ...parsed,
      ...(ciphertext === undefined ? {} : { ciphertext }),
      form,
      start: at,
      whole,
    };
  }
  return undefined;
}

/** Reads a private key from its version at `at` on: the SEQUENCE before it is lost or overwritten. */
export function readBarePrivateKey(
  bytes: Uint8Array,
  at: number,
  limit: number = bytes.length,
): KeyRead | undefined {
  const [form] = formsAt(bytes, at);
  if (form === undefined || form === 'encrypted' || form === 'pkcs12') return undefined;
  const parsed = parsers[form](new Der(bytes, at, limit, { lenient: true }), false);
  return parsed && { notes: [], ...parsed, form, start: at, whole: false };
}

/** Reads an RSA private key from its public exponent or first prime at `at` on: all before it is lost. */
export function readRestOfKey(bytes: Uint8Array, at: number): KeyRead | undefined {
  const read = readRsaRest(bytes, at);
  return read && { notes: [], ...read, form: 'pkcs1' };
}

const writers: { [K in KeyMaterial['type']]: (key: Extract<KeyMaterial, { type: K }>) => Uint8Array } = {
  rsa: (key) => (isWhole(key) ? writePrivateKeyInfo(key) : writeRsaPrivateKey(key)),
  ec: (key) => writePrivateKeyInfo(key),
  okp: (key) => writePrivateKeyInfo(key),
  // No format stores it, so that there is no structure.
  'edwards-scalar': (key) => key.scalar.reveal(),
  dsa: writeDsaPrivateKey,
  oct: (key) => key.k.reveal(),
  'hmac-states': ({ inner, outer }) => Buffer.concat([inner.reveal(), outer.reveal()]),
};

const isWhole = (key: Extract<KeyMaterial, { type: 'rsa' }>): boolean =>
  [key.n, key.e, key.d, key.p, key.q, key.dp, key.dq, key.qinv].every((part) => part !== undefined);

/**
 * One encoding for all forms of a key: PKCS#8 of a whole key, the known integers of an incomplete one, the
 * traditional form for DSA, the bytes of a symmetric key.
 */
export function canonicalPrivateKey(key: KeyMaterial): Uint8Array {
  return (writers[key.type] as (key: KeyMaterial) => Uint8Array)(key);
}

const names: { [K in KeyMaterial['type']]: (key: Extract<KeyMaterial, { type: K }>) => [string, number?] } = {
  rsa: ({ n, p, q, pss }) => {
    // A lost prime has the length of the other.
    const primes = [p ?? q, q ?? p].map((prime) => (prime === undefined ? 0 : bitLength(prime.reveal())));
    return [pss ? 'RSA-PSS' : 'RSA', n === undefined ? primes[0]! + primes[1]! : bitLength(n)];
  },
  ec: ({ curve }) => [`EC ${curve}`],
  okp: ({ curve }) => [curve],
  'edwards-scalar': ({ curve }) => [curve],
  dsa: ({ p }) => ['DSA', bitLength(p)],
  oct: ({ k }) => ['symmetric', k.length * 8],
  'hmac-states': ({ hash }) => [`HMAC with ${hash}`],
};

/** Name of the algorithm and, unless the name includes it, the size in bits. */
export function describeKey(key: KeyMaterial): { algorithm: string; bits?: number } {
  const [algorithm, bits] = (names[key.type] as (key: KeyMaterial) => [string, number?])(key);
  return definedFields({ algorithm, bits });
}

/** PFX (RFC 7292, 4): recognised, not decrypted. */
interface PfxRead {
  whole: boolean;
  end: number;
  /** Key bag whose OID is unencrypted, as openssl, Java and Windows write it for a private key. */
  keyBag: 'shrouded' | 'clear' | 'none';
}

const shrouded = Buffer.from(OID.shroudedKeyBag, 'hex');
const clear = Buffer.from(OID.keyBag, 'hex');

/** Contents of a PFX from its version on. */
function readPfx(der: Der): PfxRead | undefined {
  if (der.small() !== 3) return undefined;
  const authSafe = der.enter(TAG.sequence);
  const type = authSafe?.oid();
  if (type !== OID.data && type !== OID.signedData) return undefined;
  const content = authSafe!.enter(explicit(0))?.next();
  if (content === undefined) return undefined;
  // macData may follow.
  if (der.peek() === TAG.sequence) der.next();
  const bytes = Buffer.from(
    der.bytes.buffer,
    der.bytes.byteOffset + content.start,
    content.end - content.start,
  );
  const keyBag = bytes.includes(shrouded) ? 'shrouded' : bytes.includes(clear) ? 'clear' : 'none';
  return { whole: der.done && content.whole, end: der.at, keyBag };
}
