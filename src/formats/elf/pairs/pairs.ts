import { upperBound } from '../../../core/base/bytes/binary-search.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { ProcessFacts } from '../../../core/model/report.js';
import type { MayName, Owned, RandomRuns, Segment } from '../../memory/types.js';
import { AddressedMemory } from './addressed-memory.js';
import {
  GO,
  GO_HEAP,
  NATIVE,
  type PairLayout,
  RUNTIMES,
  type Runtime,
  type UnnamedFields,
} from './layouts.js';
import type { Text } from './texts.js';
import { type Goals, sweepWords } from './word-sweep.js';

/** Sweeps: for words that lead to the texts, and for those that lead to objects around such words. */
const ROUNDS = 2;
/** Bytes before a text where a reference may lead: the head of its object. */
const HEAD = 96;
/** Objects that are looked for in a second round. */
const MOST_HEADS = 2 ** 20;
/** Words of one round, and words to one text or object, that are looked at: about 9 us each. */
const MOST_WORDS = { all: 2 ** 21, each: 2 ** 16 - 1 };
/** Runs between two pauses. */
const SOME_RUNS = 64;
/** Owners of one value that are named: the rest says no more. */
const MOST_OWNERS = 8;
/** A name of an identifier's characters, perhaps an option. */
const NAME = /^-{0,2}[A-Za-z][A-Za-z0-9_.:-]{1,127}$/;

/** What a search did not do. */
export interface PairsEnd {
  /** Words and objects that were not followed, since there are too many. */
  left: number;
  /** What has names that the runtime keeps elsewhere. */
  unnamed?: UnnamedFields | undefined;
}

/** Memory of a process. */
export interface ProcessMemory {
  reader: ByteReader;
  /** Reads whole ranges faster; without it `reader` does. */
  ranges?: ByteReader;
  segments: readonly Segment[];
  /** Segments that the process may write to. */
  writable: readonly Segment[];
  process: ProcessFacts;
}

/**
 * {@link ParsedDump.owners} of a core: records of known runtimes that have a name beside their value. Fields
 * of objects are not among them: their names are in tables of the runtime.
 */
export function* pairsIn(
  memory: ProcessMemory,
  { offsets, lengths }: RandomRuns,
  mayName: MayName,
): Pausing<Owned, PairsEnd> {
  const runs = goalsOf(memory.segments, offsets, lengths);
  if (runs.starts.length === 0) return { left: 0 };
  const runtime = runtimeOf(memory);
  const search = new PairSearch(memory, runtime, mayName);
  return { left: yield* search.search(runs), unnamed: runtime.unnamed };
}

function runtimeOf({ segments, process: { modules = [] } }: ProcessMemory): Runtime {
  const known = RUNTIMES.find((each) => modules.some(({ path }) => each.modules.test(path)));
  return known ?? (segments.some(({ address }) => address === GO_HEAP) ? GO : NATIVE);
}

class PairSearch {
  readonly #reader: ByteReader;
  readonly #memory: AddressedMemory;
  readonly #writable: readonly Segment[];
  readonly #runtime: Runtime;
  readonly #mayName: MayName;
  /** Texts that have a name, with the number of those that may be a secret's. */
  readonly #settled = new Map<number, number>();

  constructor(
    { reader, ranges = reader, segments, writable }: ProcessMemory,
    runtime: Runtime,
    mayName: MayName,
  ) {
    this.#reader = ranges;
    this.#memory = new AddressedMemory(reader, segments);
    this.#writable = writable;
    this.#runtime = runtime;
    this.#mayName = mayName;
  }

  /** Returns the number of words and objects that were not followed. */
  *search(runs: Goals): Pausing<Owned, number> {
    const { heads, word } = this.#runtime;
    let goals = runs;
    let writable = this.#writable;
    let left = yield* this.#packed(runs);
    for (let hops = 0; hops < ROUNDS && goals.starts.length > 0; hops++) {
      const words = new WordList(goals.starts.length);
      writable = yield* sweepWords(this.#reader, writable, goals, word, (address, goal) =>
        words.push(address, goal),
      );
      left += words.left;
      /** Objects, with the texts that they lead to. */
      const found = new Map<number, number>();
      for (const address of words.addresses) {
        yield* this.#named(address, runs, hops);
        for (const { at, text } of hops + 1 < ROUNDS ? heads : []) {
          const head = address - at;
          const value = text(this.#memory, head);
          if (value === undefined || !isIn(runs, value)) continue;
          if (found.size < MOST_HEADS) found.set(head, value.address);
          else left++;
        }
        yield;
      }
      const open = [...found].filter(([, value]) => !this.#settled.has(value));
      const starts = Float64Array.from(open, ([head]) => head).sort();
      goals = { starts, ends: starts.map((head) => head + 1) };
    }
    return left;
  }

  /** Values in blocks that have names before them. Returns the number of runs that were not looked at. */
  *#packed({ starts }: Goals): Pausing<Owned, number> {
    const { packed } = this.#runtime;
    const blocks = packed?.open(this.#memory, starts.length);
    if (packed === undefined || blocks === undefined) return 0;
    for (const [i, start] of starts.entries()) {
      if (!blocks.goesOn) return starts.length - i;
      const found = blocks.pairAt(start + HEAD);
      const name = found && this.#nameIn(found.name);
      if (name !== undefined) yield* this.#owned(found!.value, name, packed.of, 0);
      else if (i % SOME_RUNS === 0) yield;
    }
    return 0;
  }

  /** The value that a word leads to, if a record around the word names it. */
  *#named(address: number, runs: Goals, hops: number): Generator<Owned> {
    for (const layout of this.#runtime.pairs) {
      const value = layout.value(this.#memory, address);
      if (value === undefined || !isIn(runs, value)) continue;
      const name = this.#nameOf(layout, address);
      if (name === undefined) continue;
      yield* this.#owned(value, name, layout.of, hops);
    }
  }

  *#owned(value: Text, name: string, of: string, hops: number): Generator<Owned> {
    const owners = this.#settled.get(value.address) ?? 0;
    const isNamed = owners < MOST_OWNERS && this.#mayName(name);
    this.#settled.set(value.address, owners + (isNamed ? 1 : 0));
    const extent = this.#memory.extent(value.address, value.length);
    if (extent === undefined || !isNamed) return;
    yield { value: extent, form: 'latin1', owner: { kind: 'key', name, of }, hops, generic: false };
  }

  #nameOf({ name, nameAt, isPair }: PairLayout, address: number): string | undefined {
    if (isPair?.(this.#memory, address, address + nameAt) === false) return undefined;
    const found = name(this.#memory, address + nameAt);
    return found && this.#nameIn(found);
  }

  #nameIn(found: Text): string | undefined {
    const bytes = this.#memory.bytes(found.address, found.length);
    const text = bytes && Buffer.from(bytes).toString('latin1');
    return text !== undefined && NAME.test(text) ? text.replace(/^-+/, '') : undefined;
  }
}

/** Addresses of words that lead to goals, up to a number for each and for all. */
class WordList {
  readonly addresses: number[] = [];
  left = 0;
  readonly #counts: Uint16Array;

  constructor(goals: number) {
    this.#counts = new Uint16Array(goals);
  }

  push(address: number, goal: number): void {
    if (this.addresses.length >= MOST_WORDS.all || this.#counts[goal]! >= MOST_WORDS.each) this.left++;
    else {
      this.#counts[goal]!++;
      this.addresses.push(address);
    }
  }
}

/** True if a text has a part of a run. */
function isIn({ starts, ends }: Goals, { address, length }: Text): boolean {
  const start = starts[upperBound(ends, address)];
  return start !== undefined && start + HEAD < address + length;
}

/** Where references to texts with a run may lead, ascending by address. `offsets`: ascending. */
function goalsOf(segments: readonly Segment[], offsets: Float64Array, lengths: Uint32Array): Goals {
  const addresses = new Float64Array(offsets.length);
  const ends = new Float64Array(offsets.length);
  let count = 0;
  let next = 0;
  for (const [i, offset] of offsets.entries()) {
    while (next < segments.length && segments[next]!.offset + segments[next]!.length <= offset) next++;
    const segment = segments[next];
    if (segment === undefined || segment.offset > offset) continue;
    addresses[count] = Number(segment.address) + offset - segment.offset;
    ends[count] = addresses[count]! + lengths[i]!;
    count++;
  }
  const starts = addresses
    .subarray(0, count)
    .sort()
    .map((address) => address - HEAD);
  // Runs do not overlap: in the order of their starts, ends ascend too.
  return { starts, ends: ends.subarray(0, count).sort() };
}
