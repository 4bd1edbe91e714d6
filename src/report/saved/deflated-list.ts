import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Bytes of one block before it is deflated: a few milliseconds of work. */
const BLOCK = 2 ** 20;
/** zlib's fastest level: findings resemble each other, so that an eighth is left. */
const LEVEL = 1;

/**
 * Values kept as deflated JSON: a finding takes 0.2 KB in place of 1.2 KB as text and 6 KB as an object. To
 * be read in order: each block is inflated once. Valid for values that `JSON.parse` has made.
 */
export class DeflatedList<Value> {
  readonly #blocks: Uint8Array[] = [];
  /** Three numbers a value: block, start and length. */
  readonly #places: number[] = [];
  #open: Buffer[] = [];
  #openLength = 0;
  /** The block that was read last. */
  #inflated: { block: number; bytes: Buffer } | undefined;
  /** Bytes of all values as JSON. */
  bytes = 0;

  get length(): number {
    return this.#places.length / 3;
  }

  add(value: Value): void {
    const text = Buffer.from(JSON.stringify(value));
    this.#places.push(this.#blocks.length, this.#openLength, text.length);
    this.#open.push(text);
    this.#openLength += text.length;
    this.bytes += text.length;
    if (this.#openLength >= BLOCK) this.#close();
  }

  at(index: number): Value {
    const [block, start, length] = this.#places.slice(index * 3, index * 3 + 3) as [number, number, number];
    if (block === this.#blocks.length) this.#close();
    if (this.#inflated?.block !== block)
      this.#inflated = { block, bytes: inflateRawSync(this.#blocks[block]!) };
    return JSON.parse(this.#inflated.bytes.toString('utf8', start, start + length)) as Value;
  }

  *[Symbol.iterator](): Generator<Value> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #close(): void {
    this.#blocks.push(deflateRawSync(Buffer.concat(this.#open), { level: LEVEL }));
    this.#open = [];
    this.#openLength = 0;
  }
}
