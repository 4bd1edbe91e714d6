import { hexIn } from './hex.js';
import type { RecordList } from './records.js';
import { hasLengthBefore, memberIn } from './texts.js';

/**
 * Records of numbers decoded from texts, in file order. The kernel of the sweep decodes texts that lie, with
 * their surroundings, in one of its calls (src/sweep/kernel/text-records.as.ts, which describes the bytes);
 * {@link decodeText} decodes the others.
 */

/** The kernel's kinds. */
const KINDS = ['none', 'member', 'hex', 'point', 'compressed'] as const;
export type TextKind = Exclude<(typeof KINDS)[number], 'none'>;
/** Octets of a coordinate of a bare point, and form octets of points (SEC 1, 2.3.3). */
const BARE = 32;
const FORMS = { even: 2, odd: 3, uncompressed: 4 } as const;
/** Octets of private scalars, seeds and x that may follow another octet. */
const BEHIND_OCTET: readonly number[] = [32, 48];

const HEADER = 16;

/** The record at the cursor. */
export interface TextRecord {
  /** File offset of the first character. */
  offset: number;
  kind: TextKind;
  /** `member`, `hex`: 1 if the text follows its length, or is hexadecimal; `compressed`: the form octet. */
  detail: number;
  /** Octets, of points those of a coordinate. */
  size: number;
  /** All records, as bytes and as 32-bit words. */
  bytes: Buffer;
  words: Uint32Array;
  /** Index in the bytes of the number padded to whole words of 8 bytes, a multiple of 8. */
  at: number;
  /** Bytes of these words. */
  width: number;
}

/** The number's octets, without padding: a view. */
export const octetsOf = ({ bytes, at, width, size }: TextRecord): Buffer =>
  bytes.subarray(at + width - size, at + width);

/** Reads records one by one. */
export class TextReader {
  readonly #doubles: Float64Array;
  readonly #record: TextRecord;
  #next = 0;

  constructor(records: ArrayBuffer) {
    const [bytes, words] = [Buffer.from(records), new Uint32Array(records)];
    this.#doubles = new Float64Array(records);
    this.#record = { offset: 0, kind: 'hex', detail: 0, size: 0, bytes, words, at: 0, width: 0 };
  }

  /** Passes on the records that begin before `limit`; each is valid until the next one. */
  takeTo(limit: number, take: (record: TextRecord) => void): void {
    const record = this.#record;
    const { bytes, words } = record;
    while (this.#next < bytes.length) {
      record.offset = this.#doubles[this.#next / 8]!;
      if (record.offset >= limit) return;
      record.kind = KINDS[bytes[this.#next + 8]!] as TextKind;
      record.detail = bytes[this.#next + 9]!;
      record.size = words[this.#next / 4 + 3]!;
      record.at = this.#next + HEADER;
      const octets = record.kind === 'point' ? 2 * record.size : record.size;
      record.width = (octets + 7) & ~7;
      this.#next = record.at + record.width;
      take(record);
    }
  }
}

/** The number in a run of base64url at `at` of `bytes`, with margins as for {@link memberIn}. */
export function decodeText(bytes: Buffer, at: number, run: number, offset: number, into: RecordList): void {
  const member = memberIn(bytes, at, run);
  if (member !== undefined) {
    const { skip, length } = member;
    const detail = hasLengthBefore(bytes, at + skip, length) ? 1 : 0;
    const octets = Buffer.from(bytes.toString('latin1', at + skip, at + skip + length), 'base64url');
    append(into, offset + skip, 'member', detail, octets.length, octets);
    return;
  }
  const hex = hexIn(bytes, at, run);
  if (hex === undefined) return;
  const from = at + hex.skip;
  const octets = Buffer.from(bytes.toString('latin1', from, from + hex.length), 'hex');
  appendHex(into, offset + hex.skip, octets);
}

function appendHex(into: RecordList, offset: number, octets: Buffer): void {
  if (octets.length === 2 * BARE) append(into, offset, 'point', 0, BARE, octets);
  else if (octets.length % 2 === 0) append(into, offset, 'hex', 1, octets.length, octets);
  else {
    const [form, rest] = [octets[0]!, octets.subarray(1)];
    const isNumber = BEHIND_OCTET.includes(rest.length);
    // Signed integers have a zero octet before a set top bit (X.690, 8.3).
    if (form === 0 && isNumber) append(into, offset + 2, 'hex', 1, rest.length, rest);
    else if (form === FORMS.uncompressed && !isNumber)
      append(into, offset, 'point', 0, rest.length / 2, rest);
    else if ((form === FORMS.even || form === FORMS.odd) && isNumber)
      append(into, offset, 'compressed', form, rest.length, rest);
  }
}

function append(
  into: RecordList,
  offset: number,
  kind: TextKind,
  detail: number,
  size: number,
  octets: Uint8Array,
): void {
  const record = Buffer.alloc(HEADER + ((octets.length + 7) & ~7));
  record.writeDoubleLE(offset);
  record[8] = KINDS.indexOf(kind);
  record[9] = detail;
  record.writeUInt32LE(size, 12);
  record.set(octets, record.length - octets.length);
  into.append(record);
}

/** Characters of the text of a member of `octets` octets, and of hexadecimal digits. */
export const memberLength = (octets: number): number => Math.ceil((octets * 8) / 6);
