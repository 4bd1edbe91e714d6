import { literalId } from '../core/base/bytes/literal-id.js';
import { widen } from '../core/base/bytes/utf.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { Literal } from '../rules/types.js';

/** A byte string that a kernel finds: a literal, its wide form, or a needle. */
export interface Pattern {
  /** The id that {@link literalId} makes. */
  id: number;
  bytes: Uint8Array;
  caseless: boolean;
}

/** Bytes of the literal kernel's key. */
const SHORTEST = 3;
/** The confirm tables hold lengths and offsets of wide forms in 16 bits. */
const LONGEST = 16_384;

const isPrintable = (byte: number) => byte >= 0x20 && byte < 0x7f;
const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** The bits of `byte` that must be equal: all but the case bit of a caseless ASCII letter. */
export function caseMask(byte: number, caseless: boolean): number {
  return caseless && isLetter(byte) ? 0xdf : 0xff;
}

/** The values that match `byte`. */
export function foldings(byte: number, caseless: boolean): number[] {
  return caseless && isLetter(byte) ? [byte | 0x20, byte & 0xdf] : [byte];
}

/** The representative of the values that match `byte`. */
export function fold(byte: number, caseless: boolean): number {
  return foldings(byte, caseless)[0]!;
}

/** The literal and, with `wide`, its wide form. */
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
      hint: 'correct the anchor in its rule',
    });
  }
  const plain = { id: literalId(index), bytes, caseless };
  return wide ? [plain, { id: literalId(index, true), bytes: widen(bytes), caseless }] : [plain];
}

/** A copy in shared memory. */
export function shared(source: ArrayBufferView | Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(source.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  return buffer;
}

/** Bytes of a directory entry in the patterns image: u32 id and flags, u32 offset, u32 length. */
const ENTRY = 12;
const CASELESS = 0x8000_0000;

/**
 * The patterns as one image: u32 count, the directory, then the bytes. The needle kernel compares with it.
 */
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

/** The patterns of {@link packPatterns}, as copies: some calls do not take shared memory. */
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
