import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { charactersOf } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import { NumberSet } from '../core/number-set.js';
import { isLength, looksRandom, zeroBytes } from '../core/randomness-test.js';
import type { Piece, RunBytes } from '../core/run-bytes.js';
import type { Budget, SkippedWork } from '../core/skipped-work.js';
import type { SignedToken, TextReading } from '../core/types.js';
import { BLOCKS, PADS, type Pad } from './hmac-pads.js';
import { LengthPrefixedSecrets } from './length-prefixed-secrets.js';
import { type SecretTexts, UNTRIED_TEXTS } from './secret-texts.js';
import { TEXT } from './text-headers.js';
import { delimitedTexts, printableTexts } from './texts-near-tokens.js';

/** A symmetric key under which a token of the dump holds. */
export interface SecretFound {
  key: Buffer;
  offset: number;
  length: number;
  /** What stands there: the key itself, or the padded key of HMAC's inner or outer hash. */
  form: 'key' | Pad;
  reading: 'bytes-be' | 'base64' | TextReading;
  token: SignedToken;
}

/** Octets of keys that are random bytes (RFC 7518, 3.2: as long as the hash at least), or as long as a block, as .NET makes them. */
const LENGTHS = [32, 48, 64, 128] as const;
/** Bytes from a run's start to a key: its first word may be missing, or be the hash of a `bytes` behind its length. */
const STARTS = [-8, 0, 8] as const;
/** The same of arrays of octets that lie at any four bytes, behind their number (V8 with compressed pointers). */
const HALF_WORD_STARTS = [-4, 4] as const;
/** Both padded keys, byte by byte. */
const DIFFERENCE = PADS['inner pad'] ^ PADS['outer pad'];
/** Bytes of a block that are no key's. */
const MAX_FILLER = 128;
/** Padded keys that are kept; further ones are told. */
const MAX_PADDED_KEYS = 10_000;
/** Verifications of numbers and of texts near a token, of what else stands beside each token, and of texts anywhere: 2 us each, 0.4 s, 0.5 s and 0.8 s at most. */
const MAX_TRIES = 200_000;
const MAX_TRIES_NEARBY = 250_000;
const MAX_TRIES_TEXTS = 400_000;
/** Different tokens that candidates are tried on: one service has few secrets. */
export const MAX_TOKENS = 16;

const UNTRIED = 'numbers were not tried as keys of tokens';

/** Octets of what may be a member of a JSON Web Key (RFC 7518, 6.4.1), or hexadecimal digits that are decoded before use. */
export interface SecretSet {
  set: NumberSet;
  reading: TextReading;
}

/** Collects what may be a symmetric key while runs come in. */
export class SecretNumbers {
  readonly #sets: readonly NumberSet[] = LENGTHS.map((length) => new NumberSet(length));
  /** Blocks that may be padded keys: their ends are one byte repeated. */
  readonly #pads: Omit<SecretFound, 'token'>[] = [];
  readonly #lengthPrefixed: LengthPrefixedSecrets;
  readonly #kernel: Kernel;
  readonly #shortfall: SkippedWork;
  readonly #texts: readonly SecretSet[];

  constructor(kernel: Kernel, shortfall: SkippedWork, texts: readonly SecretSet[] = []) {
    this.#kernel = kernel;
    this.#shortfall = shortfall;
    this.#texts = texts;
    this.#lengthPrefixed = new LengthPrefixedSecrets(kernel, shortfall, LENGTHS);
  }

  add(piece: Piece): void {
    const { at, words, offset, before, after, startsRun } = piece;
    const bytes = this.#kernel.bytes;
    if (startsRun && piece.endsRun) this.#lengthPrefixed.add(piece, [...STARTS, ...HALF_WORD_STARTS]);
    if (startsRun) {
      this.#addPairs(bytes, { at, offset, before, after });
      for (const set of this.#sets)
        for (const x of [...STARTS, ...HALF_WORD_STARTS])
          if (
            x + before >= 0 &&
            hasLengthAt(bytes, at, before, x, set.size) &&
            x + set.size <= Math.min(after, words * 8 + 16) &&
            looksRandom(bytes, at + x, set.size) &&
            !set.add(bytes, at + x, offset + x, 0)
          )
            this.#shortfall.add('hmac-keys', UNTRIED, offset + x, offset + x + set.size);
    }
    this.#addPads(bytes, { at, words, offset, before, after });
  }

  /** Every distinct number, shortest first. */
  *numbers(): Generator<Omit<SecretFound, 'token'>> {
    for (const set of this.#sets)
      for (let i = 0; i < set.length; i++)
        yield {
          key: set.at(i),
          offset: set.offset(i),
          length: set.size,
          form: 'key',
          reading: 'bytes-be',
        };
    yield* this.#lengthPrefixed.all();
    yield* this.#pads;
    // A padded key that fills its block looks like any number.
    for (const set of this.#sets)
      if (BLOCKS.some((block) => block === set.size))
        for (let i = 0; i < set.length; i++) yield* unpadded(set.at(i), set.offset(i));
    for (const { set, reading } of this.#texts) {
      const length = charactersOf(set.size, reading);
      for (let i = 0; i < set.length; i++) {
        const place = { offset: set.offset(i), length, form: 'key' } as const;
        yield { ...place, key: set.at(i), reading };
        // Or its characters are the key, which nobody decodes.
        yield { ...place, key: Buffer.from(set.at(i).toString(reading)), reading: 'bytes-be' };
      }
    }
  }

  #keepPad(pad: Omit<SecretFound, 'token'>): void {
    if (this.#pads.length < MAX_PADDED_KEYS) this.#pads.push(pad);
    else this.#shortfall.add('hmac-keys', UNTRIED, pad.offset, pad.offset + pad.length);
  }

  /** The padded keys of one that fills the block, side by side: no byte tells them, but what they differ by. */
  #addPairs(
    bytes: Buffer,
    { at, offset, before, after }: Pick<Piece, 'at' | 'offset' | 'before' | 'after'>,
  ): void {
    for (const x of STARTS)
      for (const block of BLOCKS) {
        if (x + before < 0 || x + 2 * block > after) continue;
        const start = at + x;
        if (!differByPads(bytes, start, bytes, start + block, block)) continue;
        for (const pad of unpadded(bytes.subarray(start, start + block), offset + x)) this.#keepPad(pad);
      }
  }

  /** key XOR pad for keys shorter than the block: the rest of the block is the pad's byte. */
  #addPads(bytes: Buffer, { at, words, offset, after }: Omit<Piece, 'startsRun' | 'endsRun'>): void {
    const end = Math.min(words * 8 + 64, after);
    for (const [form, byte] of Object.entries(PADS) as [Pad, number][]) {
      const filler = Buffer.alloc(8, byte);
      let p = bytes.subarray(0, at + end).indexOf(filler, at);
      while (p >= 0) {
        let tail = p;
        const most = Math.min(at + after, p + MAX_FILLER);
        while (tail < most && bytes[tail] === byte) tail++;
        for (const block of BLOCKS) {
          const start = tail - block;
          const length = p - start;
          if (length < TEXT.least || start < at - 8 || zeroBytes(bytes, start) > 2) continue;
          const key = Buffer.from(bytes.subarray(start, p)).map((value) => value ^ byte);
          const place = { offset: offset + (start - at), length: block, reading: 'bytes-be' } as const;
          this.#keepPad({ ...place, key: Buffer.from(key), form });
        }
        p = bytes.subarray(0, at + end).indexOf(filler, tail);
      }
    }
  }
}

/** A key of so many octets may begin `x` bytes from the run's first word at `at`. */
function hasLengthAt(bytes: Buffer, at: number, before: number, x: number, size: number): boolean {
  if (x % 8 !== 0) return x + before >= 4 && bytes.readUInt32LE(at + x - 4) === size;
  return x <= 0 || isLength(bytes, at - 8, [size]);
}

function differByPads(a: Buffer, from: number, b: Buffer, at: number, length: number): boolean {
  for (let i = 0; i < length; i++) if ((a[from + i]! ^ b[at + i]!) !== DIFFERENCE) return false;
  return true;
}

/** The key under a padded one, which may be either. */
function unpadded(padded: Buffer, offset: number): Omit<SecretFound, 'token'>[] {
  return (Object.entries(PADS) as [Pad, number][]).map(([form, byte]) => ({
    key: Buffer.from(padded).map((value) => value ^ byte) as Buffer,
    offset,
    length: padded.length,
    form,
    reading: 'bytes-be',
  }));
}

export function verifies({ hash, signed, signature }: SignedToken, key: Buffer): boolean {
  const mac = createHmac(hash, key).update(signed).digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

/** No key at all: HMAC fills one with zeros (RFC 2104, section 2), and anybody signs so. */
const isAllZero = (key: Buffer): boolean => key.every((byte) => byte === 0);

/** Tries candidates on tokens whose key is not known, within a budget of verifications. */
class Trials {
  readonly #open: Set<SignedToken>;
  readonly #skip: (offset: number, length: number) => void;
  #left: number;

  constructor(open: Set<SignedToken>, most: number, leave: (offset: number, length: number) => void) {
    this.#open = open;
    this.#left = most;
    this.#skip = leave;
  }

  /** `own`: the only token that they are tried on. */
  *of(candidates: Iterable<Omit<SecretFound, 'token'>>, own?: SignedToken): Generator<SecretFound> {
    for (const candidate of candidates) {
      if (own === undefined ? this.#open.size === 0 : !this.#open.has(own)) return;
      if (isAllZero(candidate.key)) continue;
      yield* this.#match(candidate, own === undefined ? this.#open : [own]);
    }
  }

  *#match(candidate: Omit<SecretFound, 'token'>, tokens: Iterable<SignedToken>): Generator<SecretFound> {
    for (const token of tokens) {
      if (this.#left <= 0) {
        this.#skip(candidate.offset, candidate.length);
        return;
      }
      this.#left--;
      if (!verifies(token, candidate.key)) continue;
      yield { ...candidate, key: Buffer.from(candidate.key), token };
      // Tokens of one service share its key: those that this one holds for need no other.
      for (const other of this.#open) if (verifies(other, candidate.key)) this.#open.delete(other);
      return;
    }
  }
}

/**
 * Symmetric keys under which a token of the dump verifies: texts near the token first, then every number of the runs, then texts
 * anywhere, for which the artifact is read once more. `tokens`: each once.
 */
export function* secretsOf(
  tokens: readonly SignedToken[],
  numbers: SecretNumbers,
  texts: SecretTexts,
  bytes: RunBytes,
  shortfall: SkippedWork,
  budget: Budget,
): Generator<SecretFound> {
  const open = new Set(tokens);
  const trials = (most: number, search: string, what: string) =>
    new Trials(open, budget(most), (offset, length) => shortfall.add(search, what, offset, offset + length));
  const first = trials(MAX_TRIES, 'hmac-keys', UNTRIED);
  for (const token of [...open]) yield* first.of(printableTexts(token, bytes));
  const beside = trials(MAX_TRIES_NEARBY, 'hmac-texts', UNTRIED_TEXTS);
  for (const token of [...open]) yield* beside.of(delimitedTexts(token, bytes), token);
  yield* first.of(numbers.numbers());
  if (open.size > 0) yield* trials(MAX_TRIES_TEXTS, 'hmac-texts', UNTRIED_TEXTS).of(texts.texts());
}

/** One token of each header and signature. */
export function distinctTokens(tokens: readonly SignedToken[]): SignedToken[] {
  const seen = new Map(
    tokens.map((token) => [
      createHash('sha256').update(token.signed).update(token.signature).digest('hex'),
      token,
    ]),
  );
  return [...seen.values()];
}

/** Whose key a token was made with, as far as it says so: its header, and who issued it (RFC 7519, 4.1.1). */
function issuerOf({ signed }: SignedToken): string {
  const [header = '', payload = ''] = Buffer.from(signed).toString('latin1').split('.');
  const issuer = /"iss"\s*:\s*"([^"]{0,256})"/.exec(Buffer.from(payload, 'base64url').toString('latin1'));
  return `${header} ${issuer?.[1] ?? ''}`;
}

/** One token of each issuer before all others: those that a client has sent by the dozen keep none of a server's own from being tried. */
export function issuersFirst(tokens: readonly SignedToken[]): SignedToken[] {
  const seen = new Set<string>();
  const firsts = new Set<SignedToken>();
  for (const token of tokens) {
    const issuer = issuerOf(token);
    if (!seen.has(issuer)) firsts.add(token);
    seen.add(issuer);
  }
  return [...firsts, ...tokens.filter((token) => !firsts.has(token))];
}
