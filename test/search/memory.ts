import { SeededRandom } from '../../fixtures/random.js';

/** Digit encodings written the plain way, apart from the code that reads them. */
export const LAYOUTS: Readonly<Record<string, (bigEndian: Buffer) => Buffer>> = {
  'limbs-le': (value) => Buffer.from([...value].reverse()),
  'bytes-be': (value) => Buffer.from(value),
  'int32-msw': (value) => {
    const words = Buffer.alloc(value.length);
    for (let i = 0; i < value.length; i += 4) words.writeUInt32LE(value.readUInt32BE(i), i);
    return words;
  },
};

/**
 * A heap: values in chunks of their own, each behind its size and number of 32-bit integers, among chunks of
 * pointers and text.
 */
export class Memory {
  readonly #parts: Buffer[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Offset of the value. */
  chunk(value: Buffer): number {
    const header = Buffer.alloc(8);
    header.writeUInt32LE(value.length + 9);
    header.writeUInt32LE(Math.ceil(value.length / 4), 4);
    const padding = Buffer.alloc((8 - (value.length % 8)) % 8);
    this.#push(header);
    const at = this.#length;
    this.#push(value);
    this.#push(padding);
    this.#push(header);
    return at;
  }

  /** Random numbers of `words` words, each in a chunk, as in any heap. */
  noise(random: SeededRandom, count: number, words: number): void {
    for (let i = 0; i < count; i++) this.chunk(random.bytes(words * 8));
  }

  /** Pointers, zeros and text. */
  filler(length: number): void {
    const filler = Buffer.alloc(length, 'the quick brown fox jumps over\0\0');
    for (let i = 0; i + 8 <= length; i += 48) filler.writeBigUInt64LE(0x7f12_3456_7000n + BigInt(i), i);
    this.#push(filler);
  }

  bytes(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.alloc(64)]);
  }

  #push(part: Buffer): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

/** A heap with these chunks, in order, each among `noise` random numbers of 4 and of 6 words. */
export function heapOf(seed: string, chunks: readonly Buffer[], noise: number): Buffer {
  const memory = new Memory();
  const random = new SeededRandom(seed);
  memory.filler(2048);
  for (const chunk of chunks) {
    memory.noise(random, noise, 4);
    memory.chunk(chunk);
    memory.noise(random, noise, 6);
  }
  return memory.bytes();
}
