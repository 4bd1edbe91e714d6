import type { MissingMemory } from '../../model/report.js';

/** Ranges of missing memory that are listed one by one; the rest goes into one entry more. */
const LISTED = 256;
const REASON = 'beyond the end of the file';

/** Sums what headers describe and what of it the file holds: described = present + the lengths of missing. */
export class MemoryCoverage {
  described = 0;
  present = 0;
  readonly #missing: { address: bigint; length: number }[] = [];
  #rest: { address: bigint; length: number; ranges: number } | undefined;

  /** A range of `length` bytes at `address`, of which the first `inFile` lie in the file. */
  add(address: bigint, length: number, inFile: number): void {
    // Headers may claim 2^64 bytes each: the sums stop where they would no longer be exact.
    const told = Math.min(length, Number.MAX_SAFE_INTEGER - this.described);
    const present = Math.min(inFile, told);
    this.described += told;
    this.present += present;
    if (present < told) this.#addMissing(address + BigInt(present), told - present);
  }

  #addMissing(address: bigint, length: number): void {
    const last = this.#missing.at(-1);
    if (last !== undefined && this.#rest === undefined && last.address + BigInt(last.length) === address) {
      last.length += length;
    } else if (this.#missing.length < LISTED) {
      this.#missing.push({ address, length });
    } else {
      this.#rest ??= { address, length: 0, ranges: 0 };
      this.#rest.length += length;
      this.#rest.ranges++;
    }
  }

  /** As `coverage.memory` of the report. */
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
