import { upperBound } from '../../../base/bytes/binary-search.js';
import type { ByteReader } from '../../../base/bytes/storage.js';
import type { Pausing } from '../../../base/runtime/turns.js';
import type { ProcessFacts } from '../../../model/report.js';
import { SegmentMap } from '../../memory/segment-map.js';
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
/** A name of an identifier's characters, perhaps an option. */
const NAME = /^-{0,2}[A-Za-z][A-Za-z0-9_.:-]{1,127}$/;

/** What a search did not do. */
export interface PairsEnd {
  /** Objects that were not followed, since there are too many. */
  left: number;
  /** What has names that the runtime keeps elsewhere. */
  unnamed?: UnnamedFields | undefined;
}

/** Memory of a process. */
export interface ProcessMemory {
  reader: ByteReader;
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
  /** Texts that have a name, or that are no secret by it. */
  readonly #settled = new Set<number>();

  constructor({ reader, segments, writable }: ProcessMemory, runtime: Runtime, mayName: MayName) {
    this.#reader = reader;
    this.#memory = new AddressedMemory(reader, segments);
    this.#writable = writable;
    this.#runtime = runtime;
    this.#mayName = mayName;
  }

  /** Returns the number of objects that were not followed. */
  *search(runs: Goals): Pausing<Owned, number> {
    const { heads, word } = this.#runtime;
    let goals = runs;
    let writable = this.#writable;
    let left = 0;
    for (let hops = 0; hops < ROUNDS && goals.starts.length > 0; hops++) {
      const words: number[] = [];
      writable = yield* sweepWords(this.#reader, writable, goals, word, (address) => words.push(address));
      /** Objects, with the texts that they lead to. */
      const found = new Map<number, number>();
      for (const address of words) {
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

  /** The value that a word leads to, if a record around the word names it. */
  *#named(address: number, runs: Goals, hops: number): Generator<Owned> {
    for (const layout of this.#runtime.pairs) {
      const value = layout.value(this.#memory, address);
      if (value === undefined || !isIn(runs, value)) continue;
      const name = this.#nameOf(layout, address);
      if (name === undefined) continue;
      this.#settled.add(value.address);
      const extent = this.#memory.extent(value.address, value.length);
      if (extent === undefined || !this.#mayName(name)) continue;
      const owner = { kind: 'key', name, of: layout.of } as const;
      yield { value: extent, form: 'latin1', owner, hops, generic: false };
    }
  }

  #nameOf({ name, nameAt }: PairLayout, address: number): string | undefined {
    const found = name(this.#memory, address + nameAt);
    const bytes = found && this.#memory.bytes(found.address, found.length);
    const text = bytes && Buffer.from(bytes).toString('latin1');
    return text !== undefined && NAME.test(text) ? text.replace(/^-+/, '') : undefined;
  }
}

/** True if a text has a part of a run. */
function isIn({ starts, ends }: Goals, { address, length }: Text): boolean {
  const start = starts[upperBound(ends, address)];
  return start !== undefined && start + HEAD < address + length;
}

/** Where references to texts with a run may lead, ascending by address. */
function goalsOf(segments: readonly Segment[], offsets: Float64Array, lengths: Uint32Array): Goals {
  const map = SegmentMap.of(segments);
  const found: [address: number, length: number][] = [];
  for (const [i, offset] of offsets.entries()) {
    const segment = map.segments[map.indexAt(offset)];
    if (segment !== undefined) found.push([Number(segment.address) + offset - segment.offset, lengths[i]!]);
  }
  found.sort(([a], [b]) => a - b);
  return {
    starts: Float64Array.from(found, ([address]) => address - HEAD),
    ends: Float64Array.from(found, ([address, length]) => address + length),
  };
}
