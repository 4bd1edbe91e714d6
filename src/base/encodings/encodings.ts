import { toBigint } from '../bytes/integers.js';
import {
  PARTIAL_WORDS,
  type PartialWordName,
  partialWordsLength,
  writePartialWords,
} from './partial-words.js';

/** Encodings of a key's integers and byte strings in memory, by their names in the JSON report. */
export type EncodingName =
  | 'bytes-be'
  | 'limbs-le'
  | 'int32-msw'
  | PartialWordName
  | 'base64'
  | 'base64url'
  | 'hex'
  | 'decimal';

/** One spelling of a value. */
interface Encoded {
  /** The encoded bytes, without characters that depend on adjacent data. */
  bytes: Uint8Array;
  /** Number of characters before and after that also encode adjacent bytes (base64 inside a longer text). */
  shared: { before: 0 | 1; after: 0 | 1 };
}

/** One row of the table. A value is an unsigned big-endian integer or a byte string. */
export interface Encoding {
  readonly name: EncodingName;
  /** Printable ASCII: may be broken into lines, and may occur as UTF-16. */
  readonly text: boolean;
  /** Encoded length of 16 bytes: the shortest partial copy that is reported. */
  readonly unit: number;
  /** For integers only. */
  readonly numeric: boolean;
  /**
   * Digits narrower than their storage, or in another byte order than their neighbours: partial copies are
   * rare.
   */
  readonly digits?: true;
  /** All spellings of `value`, the most common first. */
  encode(value: Uint8Array): Encoded[];
}

function whole(bytes: Uint8Array): Encoded {
  return { bytes, shared: { before: 0, after: 0 } };
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** 32-bit words, most significant first, each little-endian: java.math.BigInteger.mag in memory. */
function swapWords(value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.alloc((4 - (value.length % 4)) % 4), value]).swap32();
}

/**
 * The value inside a longer base64 text, with 0, 1 or 2 bytes of a group before it. Characters that also
 * encode adjacent bytes are left out.
 */
function base64Phases(value: Uint8Array, alphabet: 'base64' | 'base64url'): Encoded[] {
  return [0, 1, 2].map((phase) => {
    const text = Buffer.concat([Buffer.alloc(phase), value]).toString(alphabet);
    const bits = (phase + value.length) * 8;
    const before = phase === 0 ? 0 : 1;
    const after = bits % 6 === 0 ? 0 : 1;
    // Characters that encode bits of the value alone, from the first bit after the phase, rounded up.
    const bytes = ascii(text.slice(Math.ceil((phase * 8) / 6), Math.floor(bits / 6)));
    return { bytes, shared: { before, after } };
  });
}

function digitRow(name: PartialWordName): Omit<Encoding, 'name'> {
  const widths = PARTIAL_WORDS[name];
  return {
    text: false,
    unit: partialWordsLength(widths[0]!, 128),
    numeric: true,
    digits: true,
    encode: (value) => widths.map((digit) => whole(writePartialWords(toBigint(value), digit))),
  };
}

const digitRows = Object.fromEntries(
  (Object.keys(PARTIAL_WORDS) as PartialWordName[]).map((name) => [name, digitRow(name)]),
) as Record<PartialWordName, Omit<Encoding, 'name'>>;

const rows: { [K in EncodingName]: Omit<Encoding, 'name'> } = {
  'bytes-be': {
    text: false,
    unit: 16,
    numeric: false,
    encode: (value) => [whole(value)],
  },
  'limbs-le': {
    text: false,
    unit: 16,
    numeric: true,
    encode: (value) => [whole(Uint8Array.from(value).reverse())],
  },
  'int32-msw': {
    text: false,
    unit: 16,
    numeric: true,
    encode: (value) => [whole(swapWords(value))],
  },
  ...digitRows,
  base64: {
    text: true,
    unit: 22,
    numeric: false,
    encode: (value) => base64Phases(value, 'base64'),
  },
  base64url: {
    text: true,
    unit: 22,
    numeric: false,
    encode: (value) => base64Phases(value, 'base64url'),
  },
  hex: {
    text: true,
    unit: 32,
    numeric: false,
    encode: (value) => {
      const text = Buffer.from(value).toString('hex');
      return [whole(ascii(text)), whole(ascii(text.toUpperCase()))];
    },
  },
  decimal: {
    text: true,
    unit: 39,
    numeric: true,
    encode: (value) => [whole(ascii(toBigint(value).toString()))],
  },
};

/** The table of encodings, binary ones first. */
export const ENCODINGS: readonly Encoding[] = (Object.keys(rows) as EncodingName[]).map((name) => ({
  name,
  ...rows[name],
}));
