import type { TextEncoding } from '../../core/types.js';

/** A record: an index and a length in the bytes, and what it is. */
export interface TextPlace {
  at: number;
  length: number;
  kind: number;
}

/** Octets that may be a symmetric key. */
export interface HmacSecret {
  key: Buffer;
  /** File offset and length of what is stored. */
  offset: number;
  length: number;
  /** What is stored: the key itself, or the padded key of HMAC's inner or outer hash. */
  form: 'key' | Pad;
  /** How the octets are written. */
  reading: 'bytes-be' | 'base64' | TextEncoding;
}

/** A key stored as its own bytes. */
export const plainKey = (key: Buffer, offset: number): HmacSecret => ({
  key,
  offset,
  length: key.length,
  form: 'key',
  reading: 'bytes-be',
});

/** Keys XORed with a pad of HMAC (RFC 2104, section 2): 0x36 for the inner hash, 0x5c for the outer one. */
const PADS = { 'inner pad': 0x36, 'outer pad': 0x5c } as const;
type Pad = keyof typeof PADS;
export const PAD_ENTRIES = Object.entries(PADS) as [Pad, number][];
/** Octets of a block of SHA-256 and of SHA-384 and SHA-512: padded keys are as long as a block. */
export const BLOCKS = [64, 128] as const;

/** What inner and outer padded key differ by, in every byte. */
export const PAD_DIFFERENCE = PADS['inner pad'] ^ PADS['outer pad'];
export const DIFFERENCE_WORD = PAD_DIFFERENCE * 0x0101_0101;

/** The bytes XORed with a pad's byte. */
export function unpad(padded: Uint8Array, byte: number): Buffer {
  const key = Buffer.from(padded);
  for (let i = 0; i < key.length; i++) key[i]! ^= byte;
  return key;
}

/** The key of a padded block, for either pad. */
export const unpadded = (block: Uint8Array): { key: Buffer; length: number; form: Pad }[] =>
  PAD_ENTRIES.map(([form, byte]) => ({ key: unpad(block, byte), length: block.length, form }));

/** A padded key that no run of random words shows: of a text, or of few octets. */
interface PaddedText {
  key: Buffer;
  /** Index of the block, and its bytes. */
  at: number;
  length: number;
  form: Pad;
}

const FORMS: ReadonlyMap<number, Pad> = new Map(PAD_ENTRIES.map(([form, byte]) => [byte, form]));
/**
 * The byte after a block may equal the pad: the outer padded key after the inner one does if the key begins
 * with `j`.
 */
const MAX_EXTRA_BYTES = 1;

/**
 * Padded keys of any nonempty text before these fillers: runs of at least 16 bytes of a pad alone, which do
 * not show a text that (nearly) fills its block.
 */
export function* paddedTexts(bytes: Buffer, fillers: Iterable<TextPlace>): Generator<PaddedText> {
  for (const { at, length: run, kind: byte } of fillers) {
    const tail = at + Math.min(run, BLOCKS[1] + MAX_EXTRA_BYTES);
    for (const length of BLOCKS)
      for (let end = tail; end >= tail - MAX_EXTRA_BYTES; end--) {
        const start = end - length;
        if (start < 0 || start >= at) continue;
        yield { key: unpad(bytes.subarray(start, at), byte), at: start, length, form: FORMS.get(byte)! };
      }
  }
}

/**
 * Both padded keys of one that fills its block, adjacent in either order and aligned to 8 bytes, in
 * words[from, to). Whatever the key is, they differ by the same byte everywhere: `places` has every block-th
 * word that differs so, and one of them lies in any pair of blocks.
 */
export function* padPairs(
  words: Uint32Array,
  places: Iterable<TextPlace>,
  from: number,
  to: number,
): Generator<PaddedText> {
  for (const { at, length } of places) {
    const count = length / 4;
    const differ = (i: number) => (words[i]! ^ words[i + count]!) === DIFFERENCE_WORD;
    const i = at / 4;
    let start = i;
    while (start > from && start > i - count + 1 && differ(start - 1)) start--;
    start += start & 1;
    if (start >= to) continue;
    let same = 0;
    while (same < count && start + same + count < words.length && differ(start + same)) same++;
    if (same < count) continue;
    const block = Buffer.from(words.slice(start, start + count).buffer);
    for (const padded of unpadded(block)) yield { ...padded, at: start * 4 };
  }
}
