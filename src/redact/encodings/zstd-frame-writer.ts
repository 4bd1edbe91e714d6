import { Xxh64 } from '../../source/containers/zstd/xxh64.js';
import type { Encoder } from './encoder.js';

/** Block_Maximum_Size (RFC 8878, section 3.1.1.2.4). */
const BLOCK = 128 * 1024;

/** Magic_Number; 8 bytes of Frame_Content_Size and a checksum; a window of one block (section 3.1.1.1). */
const FRAME = Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0xc4, 0x38);

/** Block_Type (section 3.1.1.2.2). */
const RAW = 0;
const RLE = 1;

/** Block_Header. */
function blockHeader(isLast: boolean, type: number, size: number): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((isLast ? 1 : 0) | (type << 1) | (size << 3), 0, 3);
  return header;
}

/**
 * One zstd frame without compression, for versions of Node that cannot write zstd: blocks as they are, and
 * those of one repeated byte, which a redacted dump has many of, in 4 bytes.
 */
export class ZstdFrameWriter implements Encoder {
  readonly #length: number;
  readonly #sum = new Xxh64();
  readonly #block = Buffer.alloc(BLOCK);
  #filled = 0;
  #taken = 0;
  #started = false;

  /** `length`: bytes of the whole content. */
  constructor(length: number) {
    this.#length = length;
  }

  async push(bytes: Uint8Array): Promise<Uint8Array[]> {
    const parts = this.#head();
    this.#sum.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(BLOCK - this.#filled, bytes.length - at);
      this.#block.set(bytes.subarray(at, at + count), this.#filled);
      this.#filled += count;
      this.#taken += count;
      at += count;
      // The last block says so: it waits for the end.
      if (this.#filled === BLOCK && this.#taken < this.#length) parts.push(...this.#takeBlock(false));
    }
    return parts;
  }

  async end(): Promise<Uint8Array[]> {
    if (this.#taken !== this.#length) throw new Error('the content has another length');
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(Number(BigInt.asUintN(32, this.#sum.digest())), 0);
    return [...this.#head(), ...this.#takeBlock(true), sum];
  }

  close(): void {
    this.#filled = 0;
  }

  #head(): Uint8Array[] {
    if (this.#started) return [];
    this.#started = true;
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(this.#length), 0);
    return [FRAME, size];
  }

  #takeBlock(isLast: boolean): Uint8Array[] {
    const block = this.#block.subarray(0, this.#filled);
    this.#filled = 0;
    const isRepeated = block.length > 1 && block.subarray(1).equals(block.subarray(0, -1));
    return isRepeated
      ? [blockHeader(isLast, RLE, block.length), Buffer.from(block.subarray(0, 1))]
      : [blockHeader(isLast, RAW, block.length), Buffer.from(block)];
  }
}
