import { lowerBound } from '../base/bytes/binary-search.js';
import {
  bytesOf,
  type Digits,
  digitsOf,
  readBase32,
  readBase64,
  readDecimal,
  readEscaped,
  readHex,
  readQuotedPrintable,
  readSeparated,
  readWide,
} from './decoders.js';
import { BASE64_VALUES, HEX_VALUES } from './digits.js';
import { readAscii85, readUuencode } from './groups.js';
import { inflate } from './inflate.js';
import { readCells, readListings } from './listings.js';
import { readLists } from './lists.js';
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

/** Where a form is read: in the memory of a dump that is copied, and in text that is about to be printed. */
type TextUse = 'fill' | 'mask';

/** How bytes are printed as text. */
interface TextForm {
  /** Decodes a text, from every character at which encoded bytes may begin. */
  read(text: Reading, use: TextUse): Iterable<Reading>;
  uses: readonly TextUse[];
  /** What it reads: bytes (by default), one text, or the text itself with its words joined. */
  yields?: 'text' | 'words';
}

/** Least share of the digits of a list in memory that its numbers have. */
const LIST_SHARE = 0.5;

const BOTH = ['fill', 'mask'] as const;

/** The forms by their names in docs/redact.md. In memory every form is read in ASCII and in UTF-16. */
const FORMS = {
  wide: { read: readWide, uses: ['mask'] },
  escapes: { read: readEscaped, uses: BOTH, yields: 'text' },
  base64: { read: readBase64, uses: BOTH },
  hex: { read: readHex, uses: BOTH },
  // The windows of a key have its decimal digits.
  decimal: { read: readDecimal, uses: ['mask'] },
  separated: { read: readSeparated, uses: ['mask'], yields: 'words' },
  list: { read: (text, use) => readLists(text, use === 'fill' ? LIST_SHARE : 0), uses: BOTH },
  listing: { read: readListings, uses: BOTH },
  cells: { read: readCells, uses: BOTH },
  base32: { read: readBase32, uses: BOTH },
  ascii85: { read: readAscii85, uses: BOTH },
  uuencode: { read: readUuencode, uses: BOTH },
  // Compressed streams in memory are a search of their own.
  stream: { read: readStreams, uses: ['mask'] },
  'quoted-printable': { read: readQuotedPrintable, uses: ['mask'], yields: 'text' },
} as const satisfies Readonly<Record<string, TextForm>>;

type TextFormName = keyof typeof FORMS;

/** A form with its name and its bit, by which sets of forms are numbers. */
export interface NamedForm extends TextForm {
  name: TextFormName;
  bit: number;
}

const NAMED: readonly NamedForm[] = Object.entries<TextForm>(FORMS).map(([name, form], index) => ({
  ...form,
  name: name as TextFormName,
  bit: 1 << index,
}));

/** The bits of the forms. */
export const FORM = Object.fromEntries(NAMED.map(({ name, bit }) => [name, bit])) as Readonly<
  Record<TextFormName, number>
>;

/** The forms of a use. */
export const textFormsFor = (use: TextUse): readonly NamedForm[] =>
  NAMED.filter(({ uses }) => uses.includes(use));
