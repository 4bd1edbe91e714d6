import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { LzmaKernel } from './lzma-kernel.js';

/** A check over the content of a block. */
export interface Check {
  update(bytes: Uint8Array): void;
  /** The check as stored. */
  digest(): Buffer;
}

class Crc32 implements Check {
  #sum = 0;

  update(bytes: Uint8Array): void {
    this.#sum = crc32(bytes, this.#sum);
  }

  digest(): Buffer {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(this.#sum);
    return sum;
  }
}

class Crc64 implements Check {
  readonly #kernel: LzmaKernel;
  #sum = 0n;

  constructor(kernel: LzmaKernel) {
    this.#kernel = kernel;
  }

  update(bytes: Uint8Array): void {
    this.#sum = this.#kernel.crc64(this.#sum, bytes);
  }

  digest(): Buffer {
    const sum = Buffer.alloc(8);
    sum.writeBigUInt64LE(this.#sum);
    return sum;
  }
}

/** Without a check. */
const NONE: Check = { update: () => {}, digest: () => Buffer.alloc(0) };

/** A new check by its ID (.xz format, 2.1.1.2); undefined if the ID is reserved. */
export function newCheck(id: number, kernel: LzmaKernel): Check | undefined {
  if (id === 0) return NONE;
  if (id === 1) return new Crc32();
  if (id === 4) return new Crc64(kernel);
  return id === 10 ? createHash('sha256') : undefined;
}
