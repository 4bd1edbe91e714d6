import { decodeText } from '../../core/base/text/escape.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PAD = 0x3d;
/** Digits by character code; 255 for other characters. */
const DIGITS = new Uint8Array(256).fill(255);
for (const [value, character] of [...ALPHABET].entries()) DIGITS[character.charCodeAt(0)] = value;

/**
 * Decodes base64 (RFC 4648, section 4); undefined unless it is padded and canonical, so that no two texts
 * decode to the same bytes. Bytes in, bytes out: a string of a secret key could not be overwritten.
 */
export function decodeBase64(text: Uint8Array): Buffer | undefined {
  const { length } = text;
  if (length === 0 || length % 4 !== 0) return undefined;
  const pads = text[length - 1] !== PAD ? 0 : text[length - 2] !== PAD ? 1 : 2;
  // Not of Node's pool: other buffers would share its memory.
  const bytes = Buffer.alloc((length / 4) * 3 - pads);
  let bits = 0;
  let value = 0;
  let at = 0;
  for (let i = 0; i < length - pads; i++) {
    const digit = DIGITS[text[i]!]!;
    if (digit === 255) return wiped(bytes);
    value = ((value << 6) | digit) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = value >> bits;
  }
  return (value & ((1 << bits) - 1)) === 0 ? bytes : wiped(bytes);
}

/** What was decoded so far may be a part of a key. */
function wiped(bytes: Buffer): undefined {
  bytes.fill(0);
  return undefined;
}

/** Formats of minisign 0.12: public keys, secret keys without a password, signatures of hashed files. */

/** Octets of a key identifier, a point or seed, and an Ed25519 signature (RFC 8032, section 5.1). */
const ID = 8;
const POINT = 32;
const SIGNATURE = 64;

/** Ed25519 over the file, for keys and for signatures in the older format. */
const PLAIN = Buffer.from('Ed');
/** Ed25519 over the BLAKE2b-512 of the file. */
const HASHED = Buffer.from('ED');

const UNTRUSTED = 'untrusted comment: ';
const TRUSTED = 'trusted comment: ';

/** The untrusted comments of signatures made here, by what is signed. */
const OWN_COMMENTS = {
  manifest: 'signature of a redaction manifest',
  'log head': 'signature of the head of a guard log',
} as const;

/** What a signature is of; messages say it. */
export type SignedContent = keyof typeof OWN_COMMENTS;

/** Octets of a comment line at most; minisign reads no longer ones. */
const LONGEST_LINE = 8192;

export interface MinisignPublicKey {
  id: Uint8Array;
  point: Uint8Array;
}

/** `RW…`: the line that `minisign -P` and `verify --key` take. */
export const publicKeyLine = ({ id, point }: MinisignPublicKey): string =>
  Buffer.concat([PLAIN, id, point]).toString('base64');

export function readPublicKey(line: Uint8Array): MinisignPublicKey | undefined {
  const bytes = decodeOf(PLAIN.length + ID + POINT, line);
  if (bytes === undefined || !startsWith(bytes, PLAIN)) return undefined;
  return { id: bytes.subarray(2, 2 + ID), point: bytes.subarray(2 + ID) };
}

/** Octets of a secret key, and where its parts are; between are salt and limits of the key derivation. */
const SECRET = { length: 158, id: 54, seed: 62, point: 94, end: 126 } as const;

export type SecretKeyLine =
  | { kind: 'key'; id: Uint8Array; seed: Uint8Array; point: Uint8Array; wipe(): void }
  /** The seed is encrypted. */
  | { kind: 'password' };

/** Reads the line of a secret key. The caller wipes it. */
export function readSecretKey(line: Uint8Array): SecretKeyLine | undefined {
  const bytes = decodeOf(SECRET.length, line);
  if (bytes === undefined) return undefined;
  if (startsWith(bytes, Buffer.from('EdScB2'))) return { kind: 'password' };
  const wipe = (): void => void bytes.fill(0);
  if (!startsWith(bytes, Buffer.from('Ed\0\0B2'))) {
    wipe();
    return undefined;
  }
  return {
    kind: 'key',
    id: bytes.subarray(SECRET.id, SECRET.seed),
    seed: bytes.subarray(SECRET.seed, SECRET.point),
    point: bytes.subarray(SECRET.point, SECRET.end),
    wipe,
  };
}

/** Lines of a key file without its comment and empty ones. */
export function keyLines(file: Uint8Array): Uint8Array[] {
  const lines = linesOf(file).filter((line) => line.length > 0);
  return lines.length > 0 && startsWith(lines[0]!, Buffer.from(UNTRUSTED)) ? lines.slice(1) : lines;
}

/** A signature file. */
export interface Signature {
  /** False: over the file itself, as `minisign -S -l` writes them. */
  hashed: boolean;
  keyId: Uint8Array;
  signature: Uint8Array;
  trustedComment: string;
  /** Signature of the signature and the trusted comment. */
  global: Uint8Array;
  /** False if the untrusted comment is none that a program here writes. */
  isCommentKnown: boolean;
}

/**
 * The untrusted comments of this program, minisign and rsign. No signature covers that line: with any other
 * text it could hold a secret, or words that mislead its reader.
 */
const UNTRUSTED_COMMENTS: ReadonlySet<string> = new Set(
  [
    ...Object.values(OWN_COMMENTS),
    'signature from minisign secret key',
    'signature from rsign secret key',
  ].map((comment) => UNTRUSTED + comment),
);

/** Undefined if it has any other form. */
export function readSignature(file: Uint8Array): Signature | undefined {
  const lines = linesOf(file);
  if (lines.at(-1)?.length === 0) lines.pop();
  const [comment, signed, trusted, globalLine] = lines;
  if (lines.length !== 4 || !comment || !signed || !trusted || !globalLine) return undefined;
  if (lines.some(({ length }) => length > LONGEST_LINE)) return undefined;
  const bytes = decodeOf(PLAIN.length + ID + SIGNATURE, signed);
  const global = decodeOf(SIGNATURE, globalLine);
  const text = decodeText(trusted) ?? '';
  const hashed = bytes !== undefined && startsWith(bytes, HASHED);
  const isFormed =
    startsWith(comment, Buffer.from(UNTRUSTED)) &&
    text.startsWith(TRUSTED) &&
    bytes !== undefined &&
    (hashed || startsWith(bytes, PLAIN)) &&
    global !== undefined;
  if (!isFormed) return undefined;
  return {
    hashed,
    keyId: bytes.subarray(2, 2 + ID),
    signature: bytes.subarray(2 + ID),
    trustedComment: text.slice(TRUSTED.length),
    global,
    isCommentKnown: UNTRUSTED_COMMENTS.has(Buffer.from(comment).toString('latin1')),
  };
}

/** The file of a signature over a hash. `trustedComment`: ASCII on one line. */
export function writeSignature(
  content: SignedContent,
  { keyId, signature, trustedComment, global }: Omit<Signature, 'hashed' | 'isCommentKnown'>,
): Buffer {
  const lines = [
    UNTRUSTED + OWN_COMMENTS[content],
    Buffer.concat([HASHED, keyId, signature]).toString('base64'),
    TRUSTED + trustedComment,
    Buffer.from(global).toString('base64'),
  ];
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** What the global signature is made of. */
export const globallySigned = (signature: Uint8Array, trustedComment: string): Buffer =>
  Buffer.concat([signature, Buffer.from(trustedComment)]);

/** Decodes a line of base64 if it is of this many octets: nothing else is decoded, as it may be a secret. */
function decodeOf(length: number, line: Uint8Array): Buffer | undefined {
  const bytes = line.length === 4 * Math.ceil(length / 3) ? decodeBase64(line) : undefined;
  if (bytes === undefined || bytes.length === length) return bytes;
  bytes.fill(0);
  return undefined;
}

const startsWith = (bytes: Uint8Array, head: Uint8Array): boolean =>
  Buffer.compare(bytes.subarray(0, head.length), head) === 0;

const LF = 0x0a;
const CR = 0x0d;

/** Lines without their ends (LF or CR LF), as parts of the same memory; the last may be empty. */
function linesOf(file: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let at = 0; at <= file.length; ) {
    const found = file.indexOf(LF, at);
    const end = found < 0 ? file.length : found;
    lines.push(file.subarray(at, end > at && file[end - 1] === CR ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}
