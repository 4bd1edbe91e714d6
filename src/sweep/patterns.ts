import { widen } from '../base/bytes/field-reader.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { Literal } from '../rules/types.js';

/** What a kernel looks for: a literal, its wide form, or a needle. */
export interface Pattern {
  /** 2 * index + (wide ? 1 : 0). */
  id: number;
  bytes: Uint8Array;
  caseless: boolean;
}

/** Fewer bytes are no key of the literal kernel. */
const SHORTEST = 3;
/** The confirm records hold lengths and offsets of wide forms in 16 bits. */
const LONGEST = 16_384;

const isPrintable = (byte: number) => byte >= 0x20 && byte < 0x7f;
const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** The bits of `byte` that must agree: all but the case bit of a caseless ASCII letter. */
export function caseMask(byte: number, caseless: boolean): number {
  return caseless && isLetter(byte) ? 0xdf : 0xff;
}

/** The forms in which `byte` may lie in the data. */
export function foldings(byte: number, caseless: boolean): number[] {
  return caseless && isLetter(byte) ? [byte | 0x20, byte & 0xdf] : [byte];
}

/** The form of a byte that stands for all of them. */
export function fold(byte: number, caseless: boolean): number {
  return foldings(byte, caseless)[0]!;
}

/** The literal as it is and, where asked for, its wide form. */
export function patternsOf(literal: Literal, index: number): Pattern[] {
  const { bytes, caseless, wide } = literal;
  const fault =
    bytes.length < SHORTEST || bytes.length > LONGEST
      ? `has ${bytes.length} bytes; expected ${SHORTEST} to ${LONGEST}`
      : wide && !bytes.every(isPrintable)
        ? 'has a wide form but is not printable ASCII'
        : undefined;
  if (fault !== undefined) {
    throw new DumpsieveError({
      code: 'bad-literal',
      message: `literal ${index} ${fault}`,
      hint: 'mend the anchor in its rule',
    });
  }
  const plain = { id: 2 * index, bytes, caseless };
  return wide ? [plain, { id: 2 * index + 1, bytes: widen(bytes), caseless }] : [plain];
}

/** A copy that all threads share. */
export function shared(source: ArrayBufferView | Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(source.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  return buffer;
}

/** Bytes of one entry of the directory in a patterns image: u32 id and flags, u32 position, u32 length. */
const ENTRY = 12;
const CASELESS = 0x8000_0000;

/** The patterns as one image: u32 count, the directory, then the bytes; the needle kernel compares with it. */
export function packPatterns(patterns: readonly Pattern[]): SharedArrayBuffer {
  let at = 4 + ENTRY * patterns.length;
  const image = new SharedArrayBuffer(patterns.reduce((sum, { bytes }) => sum + bytes.length, at));
  const view = new DataView(image);
  view.setUint32(0, patterns.length, true);
  for (const [i, { id, bytes, caseless }] of patterns.entries()) {
    const entry = 4 + ENTRY * i;
    view.setUint32(entry, caseless ? id + CASELESS : id, true);
    view.setUint32(entry + 4, at, true);
    view.setUint32(entry + 8, bytes.length, true);
    new Uint8Array(image, at).set(bytes);
    at += bytes.length;
  }
  return image;
}

/** The patterns that {@link packPatterns} wrote; copies, so that they may go where shared memory may not. */
export function unpackPatterns(image: SharedArrayBuffer): Pattern[] {
  const view = new DataView(image);
  return Array.from({ length: view.getUint32(0, true) }, (_, i) => {
    const entry = 4 + ENTRY * i;
    const id = view.getUint32(entry, true);
    const at = view.getUint32(entry + 4, true);
    const bytes = new Uint8Array(image).slice(at, at + view.getUint32(entry + 8, true));
    return { id: id & ~CASELESS, bytes, caseless: id >= CASELESS };
  });
}
