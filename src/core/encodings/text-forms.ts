import {
  readBase32,
  readBase64,
  readDecimal,
  readEscaped,
  readHex,
  readQuotedPrintable,
  readSeparated,
  readWide,
} from './decoders.js';
import { readAscii85, readUuencode } from './groups.js';
import { readCells, readListings } from './listings.js';
import { readLists } from './lists.js';
import type { Reading } from './reading.js';
import { readStreams } from './streams.js';

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
