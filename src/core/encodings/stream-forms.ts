/** Index of the deflate data of a stream that begins at an index; -1 if none does. */
type DataAt = (bytes: Uint8Array, at: number) => number;

/** Longest name or comment of a gzip stream: that of the longest path. */
const LONGEST_NAME = 4096;
/** Bytes of the longest header: name and extra field of a file in a ZIP archive. */
export const LONGEST_HEADER = 2 ** 17 + 2 ** 6;

const FLAGS = { header: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 };

/** RFC 1952: magic, method 8, flags, 6 bytes; extra field, name, comment, check of the header. */
const gzip: DataAt = (bytes, at) => {
  if (bytes[at + 1] !== 0x8b || bytes[at + 2] !== 8) return -1;
  const flags = bytes[at + 3] ?? 0xff;
  if ((flags & FLAGS.reserved) !== 0) return -1;
  let data = at + 10;
  if ((flags & FLAGS.extra) !== 0) data += 2 + (bytes[data] ?? 0) + 256 * (bytes[data + 1] ?? 0);
  for (const flag of [FLAGS.name, FLAGS.comment])
    if ((flags & flag) !== 0) {
      const nul = bytes.subarray(data, data + LONGEST_NAME).indexOf(0);
      if (nul < 0) return -1;
      data += nul + 1;
    }
  return (flags & FLAGS.header) === 0 ? data : data + 2;
};

/** RFC 1950: method 8, a window of up to 32 KiB, a check of both bytes; without a dictionary. */
const zlib: DataAt = (bytes, at) => {
  const [method, flags] = [bytes[at]!, bytes[at + 1] ?? 0];
  return (256 * method + flags) % 31 === 0 && (flags & 0x20) === 0 ? at + 2 : -1;
};

/** A local header of a ZIP file (APPNOTE 4.3.7) with method 8. */
const zip: DataAt = (bytes, at) => {
  if (bytes[at + 1] !== 0x4b || bytes[at + 2] !== 3 || bytes[at + 3] !== 4) return -1;
  if (bytes[at + 8] !== 8 || bytes[at + 9] !== 0) return -1;
  const length = (index: number): number => (bytes[index] ?? 0) + 256 * (bytes[index + 1] ?? 0);
  return at + 30 + length(at + 26) + length(at + 28);
};

/** A form of text that encodes bytes, and the characters that a stream has in it. */
export type StreamText = 'base64' | 'hex';

/** A compressed stream. */
export interface StreamForm {
  name: string;
  /** The bytes that every stream begins with: one of these. */
  begins: readonly (readonly number[])[];
  data: DataAt;
  /** Forms of text in which it is looked for. */
  within: readonly StreamText[];
}

/** A zlib header of a smaller window than 32 KiB is rare, and chance is not: RFC 1950, 2.2, by level. */
const LEVELS = [0x01, 0x5e, 0x9c, 0xda];

/** The streams that are looked for in memory and in printed text. */
export const STREAM_FORMS: readonly StreamForm[] = [
  { name: 'gzip', begins: [[0x1f, 0x8b, 8]], data: gzip, within: ['base64', 'hex'] },
  { name: 'zlib', begins: LEVELS.map((level) => [0x78, level]), data: zlib, within: ['base64', 'hex'] },
  { name: 'zip', begins: [[...Buffer.from('PK\x03\x04', 'latin1')]], data: zip, within: [] },
];

const BY_FIRST: Readonly<Record<number, DataAt>> = Object.fromEntries(
  STREAM_FORMS.map(({ begins, data }) => [begins[0]![0]!, data]),
);

/**
 * False if the bytes at an index begin no deflate stream (RFC 1951, 3.2.3): a header by chance is then left
 * at once. True if there are too few to tell.
 */
export function mayInflate(bytes: Uint8Array, data: number): boolean {
  if (data + 5 > bytes.length) return true;
  const [first, second, third] = [bytes[data]!, bytes[data + 1]!, bytes[data + 2]!];
  const type = (first >> 1) & 3;
  // The length of a stored block comes twice, the second time inverted.
  if (type === 0) return (second ^ bytes[data + 3]!) === 0xff && (third ^ bytes[data + 4]!) === 0xff;
  // Numbers of codes, of which the last two are never used.
  if (type === 2) return first >> 3 < 30 && (second & 0x1f) < 30;
  return type === 1;
}

/** How a stream begins in a form of text. */
interface TextStart {
  within: StreamText;
  begin: Buffer;
}

/** Bytes of a whole number of characters of base64. */
const GROUP = 3;

/** All ways in which some bytes begin in a form of text. */
function textStarts(bytes: readonly number[], within: StreamText): TextStart[] {
  const written = (all: readonly number[]): string => Buffer.from(all).toString(within);
  // The last character of base64 encodes bits of the next byte too.
  const texts =
    within === 'hex'
      ? [written(bytes), written(bytes).toUpperCase()]
      : bytes.length % GROUP === 0
        ? [written(bytes)]
        : Array.from({ length: 256 }, (_, next) => written([...bytes, next]).slice(0, bytes.length + 1));
  return [...new Set(texts)].map((text) => ({ within, begin: Buffer.from(text, 'latin1') }));
}

const TEXT_STARTS = STREAM_FORMS.flatMap(({ begins, within }) =>
  within.flatMap((text) => begins.flatMap((bytes) => textStarts(bytes, text))),
);

const pairAt = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** Pairs of first bytes, of which few are in most memory: 1 for each that may begin a stream. */
const PAIRS = new Uint8Array(2 ** 16);
for (const begin of STREAM_FORMS.flatMap(({ begins }) => begins))
  PAIRS[pairAt(Uint8Array.from(begin), 0)] = 1;
/** Indexed by the pair of first characters. */
const TEXTS_BY_PAIR = new Map<number, TextStart[]>();
for (const start of TEXT_STARTS) {
  const pair = pairAt(start.begin, 0);
  TEXTS_BY_PAIR.set(pair, [...(TEXTS_BY_PAIR.get(pair) ?? []), start]);
  PAIRS[pair] = 1;
}

/** True if the bytes at an index may begin a stream; false for most others. */
export const mayBeginAt = (bytes: Uint8Array, at: number): boolean => PAIRS[pairAt(bytes, at)] === 1;

/** Index of the deflate data of a stream that begins at an index; -1 if none does. */
export const headerAt = (bytes: Uint8Array, at: number): number => BY_FIRST[bytes[at]!]?.(bytes, at) ?? -1;

/** The form of text in which a stream may begin at an index. */
export function textAt(bytes: Uint8Array, at: number): StreamText | undefined {
  const starts = TEXTS_BY_PAIR.get(pairAt(bytes, at));
  return starts?.find(({ begin }) => begin.every((byte, index) => bytes[at + index] === byte))?.within;
}

/** Characters of the longest text that shows a header. */
const LONGEST_TEXT = Math.max(...TEXT_STARTS.map(({ begin }) => begin.length));

/** Numbers of a stream that begins: its offset, and the bytes of its header. */
export const HEADER_COLUMNS = 2;

/** Streams that may begin at an index in [from, to) of some bytes. */
export function startsIn(
  bytes: Uint8Array,
  from: number,
  to: number,
  found: (at: number, header: number) => void,
): void {
  const end = Math.min(to, bytes.length - 1);
  let pair = bytes[from] ?? 0;
  for (let at = from; at < end; at++) {
    pair = ((pair << 8) | bytes[at + 1]!) & 0xffff;
    if (PAIRS[pair] === 0) continue;
    if (textAt(bytes, at) !== undefined) found(at, LONGEST_TEXT);
    else {
      const data = headerAt(bytes, at);
      if (data >= 0) found(at, data - at);
    }
  }
}
