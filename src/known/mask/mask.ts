import type { Secret } from '../../core/base/crypto/secret.js';
import { escapeText } from '../../core/base/text/escape.js';
import { outsideLongestWord, withoutSeparators } from '../../core/encodings/decoders.js';
import { bytesOfText, ENCODINGS, type Encoding, type EncodingName } from '../../core/encodings/encodings.js';
import { part, type Reading, readText, releaseScratch } from '../../core/encodings/reading.js';
import { textFormsFor } from '../../core/encodings/text-forms.js';
import { SecretIndex, SHORTEST_SECRET } from '../secret-index.js';

/** A rule's match in a text, as string indices; `end` is exclusive. */
export interface MaskSpan {
  start: number;
  end: number;
  ruleId: string;
}

type Range = Omit<MaskSpan, 'ruleId'>;

/** What is left of spans outside a range. */
const without = (spans: MaskSpan[], { start, end }: Range): MaskSpan[] =>
  spans.flatMap((span) =>
    [
      { ...span, end: Math.min(span.end, start) },
      { ...span, start: Math.max(span.start, end) },
    ].filter((part) => part.start < part.end),
  );

const FINGERPRINT = /v1:[0-9a-f]{64}/g;

/** Applies the rules to a text. */
export type SecretFinder = (text: string) => MaskSpan[];

/** Cap on the cache of cleaned texts. */
const REMEMBERED = 4_096;
/** Rule of a text whose nested encodings are too many to decode. */
const TOO_NESTED = 'too-nested';
/** UTF-16 code units; the rest of a longer text is masked without decoding it. */
const LONGEST = 1 << 16;
const TOO_LONG = 'too-long';

/** Secrets that are also known as integers in decimal: bytes of one, and their number. */
const DECIMAL = { least: 16, most: 1024, secrets: 10_000 } as const;

/** ASCII gives the last two digits of base64 only for `>`, `?`, `~` and DEL. */
function mayHoldLastDigits(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x7e || byte === 0x3e || byte === 0x3f) return true;
  return false;
}

const [PLUS, SLASH] = [0x2b, 0x2f];

const encoderOf = (encoding: EncodingName): Encoding['encode'] =>
  ENCODINGS.find(({ name }) => name === encoding)!.encode;
const base64 = encoderOf('base64');
const decimal = encoderOf('decimal');

const CONTROLS = /[\0-\x08\x0e-\x1f]/;

/** The text of a secret; undefined for binary bytes. */
function textOf(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) && !CONTROLS.test(text) ? text.trim() : undefined;
}

/**
 * Masks secrets in text from a dump, a path or a message: matches of the rules, and every secret that this
 * scan has found or searches for, also where the text holds it encoded ({@link decodings}). The mask does not
 * show the length of the secret.
 */
export class Masker {
  readonly #find: SecretFinder;
  readonly #known = new SecretIndex();
  readonly #cleaned = new Map<string, string>();
  readonly #fingerprints = new Set<string>();
  #decimals = 0;

  constructor(find: SecretFinder = () => []) {
    this.#find = find;
  }

  /** Shows this fingerprint from now on: it is computed, and no secret, whatever rule its digits match. */
  show(fingerprint: string): void {
    this.#fingerprints.add(fingerprint);
  }

  /** Masks this secret from now on, also where no rule matches it. */
  add(secret: Secret, ruleId: string): void {
    const bytes = Buffer.from(secret.reveal());
    const text = textOf(bytes);
    if (text === undefined) this.#addBytes(bytes, ruleId, false);
    else this.#addText(text, ruleId);
  }

  /** Masks a value that may be the text of a key: if it is hex or base64, the bytes that it encodes too. */
  addValue(secret: Secret, ruleId: string): void {
    this.add(secret, ruleId);
    const decoded = bytesOfText(textOf(Buffer.from(secret.reveal())) ?? '');
    if (decoded !== undefined) this.#addBytes(decoded, ruleId, false);
  }

  /** Masks a private component of a key, in either byte order. */
  addNumber(value: Secret, ruleId: string): void {
    this.#addBytes(value.reveal(), ruleId, false);
    this.#addBytes(Uint8Array.from(value.reveal()).reverse(), ruleId, false);
  }

  #addText(text: string, ruleId: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#addBytes(bytes, ruleId, true);
    // A token without its prefix is found as a part of the token.
    if (outsideLongestWord(bytes) >= SHORTEST_SECRET) this.#addBytes(withoutSeparators(bytes), ruleId, true);
    if (bytes.length === text.length) return;
    // UTF-16 of ASCII is decoded by leaving out its NULs.
    const wide = Buffer.from(text, 'utf16le');
    this.#addBytes(wide, ruleId, true);
    this.#addBytes(Buffer.from(wide).swap16(), ruleId, true);
  }

  #addBytes(bytes: Uint8Array, ruleId: string, text: boolean): void {
    if (!this.#known.add(bytes, ruleId, text)) return;
    this.#cleaned.clear();
    // Base64 that is split by a character which is also one of its digits: only its letters and numbers.
    for (const { bytes: digits } of mayHoldLastDigits(bytes) ? base64(bytes) : [])
      if (digits.includes(PLUS) || digits.includes(SLASH))
        this.#known.add(withoutSeparators(digits), ruleId, true);
    // Only a whole integer can be decoded, and a command line in a core ends after 80 characters.
    if (bytes.length < DECIMAL.least || bytes.length > DECIMAL.most || this.#decimals >= DECIMAL.secrets)
      return;
    this.#decimals++;
    for (const { bytes: digits } of decimal(bytes)) this.#known.add(digits, ruleId, true);
  }

  /** Overwrites what it knows. Afterwards only the rules mask. */
  wipe(): void {
    this.#known.wipe();
    this.#cleaned.clear();
  }

  /** Masks and escapes: safe to print. */
  clean(text: string): string {
    const known = this.#cleaned.get(text);
    if (known !== undefined) return known;
    const cleaned = escapeText(this.mask(text));
    if (this.#cleaned.size >= REMEMBERED) this.#cleaned.clear();
    this.#cleaned.set(text, cleaned);
    return cleaned;
  }

  /** Masks without escaping, for files that this program reads again. */
  mask(text: string): string {
    if (text.length < SHORTEST_SECRET) return text;
    const shown = this.#shownIn(text);
    const spans = [...this.#find(text), ...this.#decoded(text)]
      .flatMap((span) => shown.reduce(without, [span]))
      .sort((a, b) => a.start - b.start || b.end - a.end);
    let masked = '';
    let done = 0;
    for (const { start, end, ruleId } of spans) {
      if (end <= done) continue;
      // Overlapping spans get one mask.
      if (start >= done) masked += `${text.slice(done, start)}[masked: ${ruleId}]`;
      done = end;
    }
    return masked + text.slice(done);
  }

  /** Where a text has fingerprints that are shown. */
  #shownIn(text: string): Range[] {
    if (this.#fingerprints.size === 0) return [];
    const found = [...text.matchAll(FINGERPRINT)].filter(([match]) => this.#fingerprints.has(match));
    return found.map(({ 0: match, index }) => ({ start: index, end: index + match.length }));
  }

  /** Known secrets in the text, and in what it encodes; matches of the rules in what it encodes. */
  #decoded(text: string): MaskSpan[] {
    const rest = text.length > LONGEST ? [{ start: LONGEST, end: text.length, ruleId: TOO_LONG }] : [];
    try {
      const decoded = decodings(readText(text.slice(0, LONGEST)));
      if (decoded === undefined) return [{ start: 0, end: text.length, ruleId: TOO_NESTED }];
      return [...this.#knownSecrets(decoded), ...this.#ruleMatches(decoded), ...rest];
    } finally {
      releaseScratch();
    }
  }

  #knownSecrets({ readings }: DecodedText): MaskSpan[] {
    const spans: MaskSpan[] = [];
    if (!this.#known.isEmpty)
      for (const { reading, joined } of readings)
        this.#known.scan(reading.bytes, joined, (start, end, ruleId) =>
          spans.push({ ...reading.origin(start, end), ruleId }),
        );
    return spans;
  }

  /** One call for all texts: each call opens the kernel. */
  #ruleMatches({ texts }: DecodedText): MaskSpan[] {
    if (texts.length === 0) return [];
    const joined = texts.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('\0');
    const spans: MaskSpan[] = [];
    let from = 0;
    const found = this.#find(joined).sort((a, b) => a.start - b.start);
    for (const { bytes, origin } of texts) {
      const to = from + bytes.length;
      for (const { start, end, ruleId } of found) {
        if (start >= to || end <= from) continue;
        spans.push({ ...origin(Math.max(start, from) - from, Math.min(end, to) - from), ruleId });
      }
      from = to + 1;
    }
    return spans;
  }
}

/** Encodings inside each other that are decoded: hex of base64 of UTF-16. */
const DEEPEST = 3;
/** Characters of the shortest decoded text that may hold a secret or a further encoding. */
const LEAST_TEXT = 8;
/**
 * Budget of decoded bytes: for each byte of a text, and at least. All encodings, one layer deep, take 40; the
 * rest is for encodings inside each other.
 */
const WORK = { each: 400, least: 1 << 16 };

/** What a text may encode. */
interface DecodedText {
  /** The text itself, and all bytes decoded from it. `joined`: its words were joined. */
  readings: { reading: Reading; joined: boolean }[];
  /** Decoded text, for the rules. */
  texts: Reading[];
}

/** 1 for printable ASCII and white space. */
const IS_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte < 0x7f) || [0x09, 0x0a, 0x0d].includes(byte) ? 1 : 0,
);

/** Ends the last run: no character. */
const END = 0xff;

/** False if {@link textRuns} has none: of bytes that are no text there are a dozen for each text. */
function mayHoldText({ bytes }: Reading): boolean {
  let characters = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (IS_TEXT[byte] === 1) {
      if (++characters >= LEAST_TEXT) return true;
    } else if (byte !== 0) characters = 0;
  }
  return false;
}

/** Runs of text, also of UTF-16: NULs between characters are part of a run. */
function* textRuns(reading: Reading): Generator<Reading> {
  const { bytes } = reading;
  let [start, characters] = [0, 0];
  for (let at = 0; at <= bytes.length; at++) {
    const byte = at < bytes.length ? bytes[at]! : END;
    const isText = IS_TEXT[byte] === 1;
    if (isText) characters++;
    if (isText || byte === 0) continue;
    if (characters >= LEAST_TEXT) yield part(reading, start, at);
    [start, characters] = [at + 1, 0];
  }
}

const FORMS = textFormsFor('mask');

/**
 * Decodes a text in every encoding of the table; undefined if that exceeds the budget. Valid
 * until {@link releaseScratch}.
 */
function decodings(text: Reading): DecodedText | undefined {
  const decoded: DecodedText = { readings: [{ reading: text, joined: false }], texts: [] };
  let work = Math.max(WORK.least, WORK.each * text.bytes.length);
  const open: { reading: Reading; depth: number }[] = [{ reading: text, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { reading, depth } = next;
    for (const { read, yields } of FORMS)
      for (const inner of read(reading, 'mask')) {
        work -= inner.bytes.length;
        if (work < 0 || inner.isCut) return undefined;
        const joined = yields === 'words';
        decoded.readings.push({ reading: inner, joined });
        if (joined) continue;
        // A byte that is no character separates the words of a text.
        const runs = yields === 'text' ? [inner] : mayHoldText(inner) ? textRuns(inner) : [];
        for (const run of runs) {
          decoded.texts.push(run);
          if (depth + 1 < DEEPEST) open.push({ reading: run, depth: depth + 1 });
        }
      }
  }
  return decoded;
}
