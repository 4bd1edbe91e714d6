import { wholeBlocks } from '../../../core/base/bytes/direct-reads.js';
import { lenient, openStorage, type Storage } from '../../../core/base/bytes/storage.js';

/** Bytes of a task. */
const TASK = 2 ** 20;

/** A range of a storage that one thread searches. */
export interface TaskRange {
  storage: Storage;
  from: number;
  to: number;
}

/** Splits a storage into ranges, in file order. */
export function* taskRanges(storage: Storage): Generator<TaskRange> {
  for (let from = 0; from < storage.length; from += TASK)
    yield { storage, from, to: Math.min(storage.length, from + TASK) };
}

/** Reads ranges into the same memory, one after the other. */
export class RangeReads {
  readonly #margin: number;
  #bytes: Uint8Array | undefined;

  /** `margin`: bytes around a range to which a match may reach. */
  constructor(margin: number) {
    this.#margin = margin;
  }

  /** A range with its margins: the memory, how many bytes of it are read, and the offset of the first. */
  read({ storage, from, to }: TaskRange): { bytes: Uint8Array; length: number; first: number } {
    this.#bytes ??= new Uint8Array(wholeBlocks(TASK + 2 * this.#margin));
    const bytes = this.#bytes;
    const first = Math.max(0, from - this.#margin);
    const target = bytes.subarray(0, Math.min(bytes.length, to + this.#margin - first));
    return { bytes, length: lenient(openStorage(storage)).read(first, target), first };
  }
}
