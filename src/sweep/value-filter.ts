import { lowerBound } from '../core/base/bytes/binary-search.js';
import { wipeAfterRuns } from '../core/base/runtime/scratch.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import { compileWasm } from '../core/base/runtime/wasm.js';
import type { HitList } from './hits.js';
import type { KeptRuns } from './types.js';
import { LONGEST_ESCAPE } from './values/context.js';
import { ENTRY, NEAREST_WORDS, type Tables, unpackTables } from './values/tables.js';
import { ValueJoin } from './values/value-join.js';
import { CONTEXT, isCutRun, isWideRun, runLength } from './values/value-run.js';

/** The tables of the rules used last on this thread. */
let prepared: { names: SharedArrayBuffer; tables: Tables; kernel: NameKernel } | undefined;
wipeAfterRuns(() => prepared?.kernel.wipe());

function prepare(names: SharedArrayBuffer) {
  if (prepared?.names !== names) {
    const tables = unpackTables(new Uint8Array(names));
    prepared = { names, tables, kernel: new NameKernel(tables) };
  }
  return prepared;
}

/** Drops values without a name. One whose surroundings are not known stays. */
export class ValueFilter {
  readonly #names: SharedArrayBuffer;
  readonly #seams: Float64Array | undefined;
  readonly #join = new ValueJoin();

  /** `seams`: as in SweepOptions; without them the surroundings of a value are those in the file. */
  constructor(names: SharedArrayBuffer, seams: Float64Array | undefined) {
    this.#names = names;
    this.#seams = seams;
  }

  /**
   * Filters the values from index `first` on; arguments as of the hit filter. `kept` takes the random runs
   * whose owners the format is asked for after the sweep.
   */
  apply(
    values: HitList,
    first: number,
    bytes: Uint8Array,
    at: number,
    base: number,
    kept?: { runs: HitList; which: KeptRuns },
  ): Pausing<never> {
    const { tables, kernel } = prepare(this.#names);
    return values.keep(first, (offset, id) => {
      const start = offset - base;
      const stride = isWideRun(id) ? 2 : 1;
      const length = runLength(id);
      const context = stride * CONTEXT;
      const isOpen =
        isCutRun(id) || this.#seamIn(at + start - context, at + start + stride * length + context);
      const isNamed =
        !isOpen &&
        kernel.mayHaveName(bytes, start, stride) &&
        this.#join.joins(bytes, start, length, stride, tables);
      if (kept !== undefined && (!isNamed || kept.which === 'all')) kept.runs.push(offset, id);
      return isOpen || isNamed;
    });
  }

  /** Does one lie in [from, to]? */
  #seamIn(from: number, to: number): boolean {
    const seams = this.#seams;
    if (seams === undefined) return false;
    const next = lowerBound(seams, from);
    return next < seams.length && seams[next]! <= to;
  }
}

interface Program {
  prepare(
    slots: number,
    slotCount: number,
    entries: number,
    entryCount: number,
    characters: number,
    heads: number,
    headCount: number,
    fronts: number,
  ): void;
  mayHoldName(from: number, length: number, text: number): number;
}

/** Memory layout: the kernel's own data lies below; then a text, its letters and digits, and the tables. */
const FRONTS = 4096;
const TEXT = FRONTS + 8192;
/** Characters that are read: those of words, and of an escape that begins before them. */
const READ = NEAREST_WORDS + LONGEST_ESCAPE;
const ROOM = TEXT + 128;
const TABLES = ROOM + 256;

let compiled: WebAssembly.Module | undefined;

/** The test of src/sweep/kernel/names.as.ts, cheaper than to split the words before a value. */
export class NameKernel {
  readonly #text: Uint8Array;
  readonly #room: Uint8Array;
  readonly #call: Program;

  constructor({ slots, entries, characters }: Tables) {
    compiled ??= compileWasm('src/sweep/kernel/names.wasm');
    const count = entries.length / ENTRY.size;
    const heads = 2 ** Math.ceil(Math.log2(4 * count + 4));
    const sizes = [slots.byteLength, entries.byteLength, 4 * heads, characters.byteLength];
    const [slotsAt, entriesAt, headsAt, charactersAt, end] = [0, 1, 2, 3, 4].map((i) =>
      sizes.slice(0, i).reduce((sum, size) => sum + size, TABLES),
    ) as [number, number, number, number, number];
    const memory = new WebAssembly.Memory({ initial: Math.ceil((end + 4) / 65_536) });
    new Int32Array(memory.buffer, slotsAt).set(slots);
    new Int32Array(memory.buffer, entriesAt).set(entries);
    new Uint8Array(memory.buffer, charactersAt).set(characters);
    this.#call = new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as Program;
    this.#call.prepare(slotsAt, slots.length, entriesAt, count, charactersAt, headsAt, heads, FRONTS);
    this.#text = new Uint8Array(memory.buffer, TEXT, READ + 1);
    this.#room = new Uint8Array(memory.buffer, TEXT, TABLES - TEXT);
  }

  /**
   * False if no name is before the value whose first character is `bytes[offset]`, with `stride` bytes from
   * one character to the next.
   */
  mayHaveName(bytes: Uint8Array, offset: number, stride: 1 | 2): boolean {
    const text = this.#text;
    const length = Math.min(READ, stride === 1 ? offset : offset >> 1);
    const first = offset - stride * length;
    // With the first character of the value, which may end an escape.
    if (stride === 1) text.set(bytes.subarray(first, offset + 1));
    else
      for (let i = 0; i <= length; i++)
        text[i] = bytes[first + 2 * i + 1] === 0 || i === length ? bytes[first + 2 * i]! : 0;
    return this.#call.mayHoldName(TEXT, length, ROOM) !== 0;
  }

  /** Overwrites the text. */
  wipe(): void {
    this.#room.fill(0);
  }
}
