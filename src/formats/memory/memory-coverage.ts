import type { MissingMemory } from '../../core/model/report.js';

/** Ranges of missing memory listed one by one; one further entry sums up the rest. */
const MAX_LISTED = 256;
const REASON = 'beyond the end of the file';

/**
 * Bytes of memory described by headers, and present in the file. described = present + sum of missing
 * lengths.
 */
export class MemoryCoverage {
  described = 0;
  present = 0;
  readonly #missing: { address: bigint; length: number }[] = [];
  #rest: { address: bigint; length: number; ranges: number } | undefined;

  /** A range of `length` bytes at `address`, of which the first `inFile` bytes are in the file. */
  add(address: bigint, length: number, inFile: number): void {
    // A header can claim 2^64 bytes: the sum is capped at the largest exact integer.
    const described = Math.min(length, Number.MAX_SAFE_INTEGER - this.described);
    const present = Math.min(inFile, described);
    this.described += described;
    this.present += present;
    if (present < described) this.#addMissing(address + BigInt(present), described - present);
  }

  #addMissing(address: bigint, length: number): void {
    const last = this.#missing.at(-1);
    if (last !== undefined && this.#rest === undefined && last.address + BigInt(last.length) === address) {
      last.length += length;
    } else if (this.#missing.length < MAX_LISTED) {
      this.#missing.push({ address, length });
    } else {
      this.#rest ??= { address, length: 0, ranges: 0 };
      this.#rest.length += length;
      this.#rest.ranges++;
    }
  }

  /** `coverage.memory` of the report. */
  facts(): { described: number; present: number; missing: MissingMemory[] } {
    const missing = this.#missing.map(({ address, length }) => entry(address, length, REASON));
    if (this.#rest !== undefined) {
      const { address, length, ranges } = this.#rest;
      missing.push(entry(address, length, `${REASON}, in ${ranges} ranges from this address on`));
    }
    return { described: this.described, present: this.present, missing };
  }
}

function entry(address: bigint, length: number, reason: string): MissingMemory {
  return { address: `0x${address.toString(16)}`, length, reason };
}
