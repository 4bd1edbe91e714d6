import { lowerBound } from '../base/bytes/binary-search.js';
import { bytesOf, type Digits, digitsOf } from './decoders.js';
import { BASE64_VALUES, HEX_VALUES } from './digits.js';
import { inflate } from './inflate.js';
import type { Reading } from './reading.js';
import { headerAt, mayBeginAt, mayInflate, type StreamText, textAt } from './stream-forms.js';

/** Decoded bytes of one stream: more than those of the longest text that is read, by the ratio of deflate. */
const MOST = 2 ** 26;
/**
 * Budget of bytes of streams that are read: for each byte of a text, and at least. Each byte is in one stream
 * but by chance; of a hostile text any number of streams may share their end.
 */
const READ = { each: 8, least: 1 << 16 };
/** CRC-32 and length of gzip. */
const TRAILER = 8;

/** Digits of each form of text, their bits, and how many are a whole number of bytes. */
const DIGITS: Readonly<Record<StreamText, { table: Int8Array; bits: 4 | 6; group: 2 | 4 }>> = {
  base64: { table: BASE64_VALUES, bits: 6, group: 4 },
  hex: { table: HEX_VALUES, bits: 4, group: 2 },
};

/** A text in one form, by what is decoded from each digit of a group on. */
class Decoded {
  readonly #text: Reading;
  readonly #within: StreamText;
  #digits: Digits | undefined;
  readonly #phases: (Reading | undefined)[] = [];

  constructor(text: Reading, within: StreamText) {
    this.#text = text;
    this.#within = within;
  }

  /** What the text encodes from a group on that has the digit at an index, and where that is in it. */
  from(at: number): { reading: Reading; start: number } {
    const { table, bits, group } = DIGITS[this.#within];
    this.#digits ??= digitsOf(this.#text, table);
    const digit = lowerBound(this.#digits.places, at);
    const phase = digit % group;
    const reading = this.#phases[phase] ?? bytesOf(this.#digits, bits, phase);
    this.#phases[phase] = reading;
    return { reading, start: ((digit - phase) * bits) / 8 };
  }
}

/**
 * Compressed streams that a text has as base64 or hex: as much of each as can be decoded. The last reading is
 * cut if that exceeds the budget.
 */
export function* readStreams(text: Reading): Generator<Reading> {
  const { bytes } = text;
  const decoded = { base64: new Decoded(text, 'base64'), hex: new Decoded(text, 'hex') };
  let left = Math.max(READ.least, READ.each * bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    const within = mayBeginAt(bytes, at) ? textAt(bytes, at) : undefined;
    if (within === undefined) continue;
    const { reading, start } = decoded[within].from(at);
    const data = headerAt(reading.bytes, start);
    if (data < 0 || !mayInflate(reading.bytes, data)) continue;
    const { bytes: content, used } = inflate(reading.bytes, data, MOST);
    const end = Math.min(reading.bytes.length, data + used + TRAILER);
    left -= used;
    // Every byte depends on those before it.
    const stream = { bytes: content, origin: () => reading.origin(start, end) };
    if (left < 0) {
      yield { ...stream, isCut: true };
      return;
    }
    if (content.length > 0) yield stream;
  }
}
