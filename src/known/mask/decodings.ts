import { part, type Reading } from '../../core/encodings/reading.js';
import { textFormsFor } from '../../core/encodings/text-forms.js';

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
export interface DecodedText {
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
export function decodings(text: Reading): DecodedText | undefined {
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
