/** HMAC (RFC 2104, section 2): key XOR 0x36 and key XOR 0x5c, a block of the hash long. */
export const PADS = { 'inner pad': 0x36, 'outer pad': 0x5c } as const;
export type Pad = keyof typeof PADS;
export const BLOCKS = [64, 128] as const;

/** A key under the pad that no run of random words shows: a text, or few octets. */
export interface PaddedText {
  key: Buffer;
  /** Index of the block, and its bytes. */
  at: number;
  length: number;
  form: Pad;
}

/** Bytes of the pad alone that are looked for: of a text that is as long as a block or nearly so, none is told by them. */
const FILLER_BYTES = 16;
const fillers = (Object.entries(PADS) as [Pad, number][]).map(([form, byte]) => ({
  form,
  byte,
  bytes: Buffer.alloc(FILLER_BYTES, byte),
}));
/** What follows a block may begin with the same byte: the outer pad's does behind the inner one's where the key begins with a `j`. */
const MAX_EXTRA_BYTES = 1;

/** Padded keys of any octets whose filler begins in bytes[from, to). No key is empty. */
export function* paddedTexts(bytes: Buffer, from: number, to: number): Generator<PaddedText> {
  for (const { form, byte, bytes: filler } of fillers)
    for (let at = bytes.indexOf(filler, from); at >= 0 && at < to; ) {
      let tail = at + FILLER_BYTES;
      const most = Math.min(bytes.length, at + BLOCKS[1] + MAX_EXTRA_BYTES);
      while (tail < most && bytes[tail] === byte) tail++;
      for (const length of BLOCKS)
        for (let end = tail; end >= tail - MAX_EXTRA_BYTES; end--) {
          const start = end - length;
          if (start < 0 || start >= at) continue;
          const key = Buffer.from(bytes.subarray(start, at)).map((value) => value ^ byte) as Buffer;
          yield { key, at: start, length, form };
        }
      at = bytes.indexOf(filler, tail);
    }
}

/** What padded keys differ by, in every byte. */
const DIFFERENCE = (PADS['inner pad'] ^ PADS['outer pad']) * 0x0101_0101;

/**
 * Both padded keys of one that fills its block, side by side in either order, at a multiple of 8 in words[from, to): whatever the key is,
 * they differ by the same byte everywhere, and so at the one place of them that is a multiple of the block.
 */
export function* padPairs(words: Uint32Array, from: number, to: number): Generator<PaddedText> {
  for (const length of BLOCKS) {
    const count = length / 4;
    const differ = (i: number) => (words[i]! ^ words[i + count]!) === DIFFERENCE;
    const last = Math.min(to + count, words.length - count);
    for (let i = from; i < last; i += count) {
      if ((words[i]! ^ words[i + count]!) !== DIFFERENCE) continue;
      let start = i;
      while (start > from && start > i - count + 1 && differ(start - 1)) start--;
      start += start & 1;
      if (start >= to) continue;
      let same = 0;
      while (same < count && start + same + count < words.length && differ(start + same)) same++;
      if (same < count) continue;
      const block = Buffer.from(words.slice(start, start + count).buffer);
      for (const [form, byte] of Object.entries(PADS) as [Pad, number][]) {
        const key = Buffer.from(block).map((value) => value ^ byte) as Buffer;
        yield { key, at: start * 4, length, form };
      }
    }
  }
}
