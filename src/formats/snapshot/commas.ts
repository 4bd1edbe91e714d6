const COMMA = 0x2c;
const COMMAS = 0x2c2c2c2c;
const LOW_BITS = 0x7f7f7f7f;
/** Words after which the counts of 8 bits in a lane could overflow. */
const LANE = 255;

/** Counts commas, four bytes at a time: heap snapshots have gigabytes of numbers. */
export class Commas {
  count = 0;

  push(bytes: Uint8Array, from: number, to: number): void {
    const toWord = (4 - ((bytes.byteOffset + from) % 4)) % 4;
    const start = Math.min(to, from + toWord);
    const length = (to - start) >> 2;
    this.#pushBytes(bytes, from, start);
    if (length > 0) {
      const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, length);
      for (let first = 0; first < length; first += LANE)
        this.count += inWords(words, first, Math.min(length, first + LANE));
    }
    this.#pushBytes(bytes, start + 4 * length, to);
  }

  #pushBytes(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to; at++) if (bytes[at] === COMMA) this.count++;
  }
}

/** Commas in at most {@link LANE} words: one counter for each of the four bytes of a word. */
function inWords(words: Uint32Array, from: number, to: number): number {
  let lanes = 0;
  for (let i = from; i < to; i++) {
    const word = words[i]! ^ COMMAS;
    // The top bit of each byte that is 0 (Hacker's Delight, section 6-1).
    const zeros = ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
    lanes = (lanes + (zeros >>> 7)) | 0;
  }
  return (lanes & 0xff) + ((lanes >>> 8) & 0xff) + ((lanes >>> 16) & 0xff) + (lanes >>> 24);
}
