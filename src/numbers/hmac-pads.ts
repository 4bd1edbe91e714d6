/** HMAC (RFC 2104, section 2): key XOR 0x36 and key XOR 0x5c, a block of the hash long. */
export const PADS = { 'inner pad': 0x36, 'outer pad': 0x5c } as const;
export type Pad = keyof typeof PADS;
export const BLOCKS = [64, 128] as const;

/** A text under the pad, which makes none of it: no run of random words shows where it is. */
export interface PaddedText {
  key: Buffer;
  /** Index of the block, and its bytes. */
  at: number;
  length: number;
  form: Pad;
}

/** Bytes of the pad alone that are looked for: of a text that is as long as a block or nearly so, none is told by them. */
const FILLER = 16;
const fillers = (Object.entries(PADS) as [Pad, number][]).map(([form, byte]) => ({
  form,
  byte,
  bytes: Buffer.alloc(FILLER, byte),
}));

const isPrintable = (byte: number): boolean => byte > 0x20 && byte < 0x7f;

/** Padded keys that are printable text of `least` bytes at least, whose filler begins in bytes[from, to). */
export function* paddedTexts(bytes: Buffer, from: number, to: number, least: number): Generator<PaddedText> {
  for (const { form, byte, bytes: filler } of fillers)
    for (let at = bytes.indexOf(filler, from); at >= 0 && at < to; ) {
      let tail = at + FILLER;
      const most = Math.min(bytes.length, at + BLOCKS[1]);
      while (tail < most && bytes[tail] === byte) tail++;
      for (const length of BLOCKS) {
        const start = tail - length;
        if (start < 0 || at - start < least) continue;
        const key = Buffer.from(bytes.subarray(start, at)).map((value) => value ^ byte) as Buffer;
        if (key.every(isPrintable)) yield { key, at: start, length, form };
      }
      at = bytes.indexOf(filler, tail);
    }
}
