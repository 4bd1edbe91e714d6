import { detectors } from '../detect/table.js';
import { type Reach, reachOf } from '../detect/windows.js';
import { formatOf } from '../dump/formats.js';
import type { Rule, RuleSet } from '../rules/types.js';
import type { Content } from '../source/content.js';
import type { Decoding } from '../source/decoding.js';
import { type Kept, PAGE } from '../source/kept.js';
import type { Artifact } from '../source/types.js';
import { openStorage, type Reader } from '../storage.js';
import type { HitBatch } from '../sweep/types.js';
import type { Run } from './run.js';

/** Content that was swept while it was decoded: its hits, and the pages that they will be looked at in. */
export interface Decoded {
  artifact: Artifact<Kept>;
  /** In file order, without a gap. */
  batches: HitBatch[];
}

/** Hits that are kept in memory until the content has ended; a greater flood is read back from a spool. */
const MOST_HITS = 4_000_000;
/** Bytes at both ends that are kept: where formats have their headers. No detector reads so far before a hit. */
const ENDS = 1024 * 1024;
/**
 * Sweeps content while it is decoded, without writing it anywhere. Undefined where that is not for this content or this run: the
 * content then comes as an artifact, from a spool.
 */
export async function sweepDecoded(content: Content, run: Run): Promise<Decoded | undefined> {
  const { signal, hash } = run.options;
  // What these read cannot be foretold, and is much.
  if (run.numberRules !== undefined || hash || !isSuited(content.head)) return undefined;
  const decoding = content.decode();
  const kept = content.keep();
  let done: Decoded | undefined;
  try {
    const batches = await sweepAndKeep(decoding, kept, content.head, run);
    if (batches === undefined) return undefined;
    done = { artifact: content.take(decoding, kept), batches };
    return done;
  } finally {
    await decoding.close();
    if (done === undefined) kept.close();
    signal?.throwIfAborted();
  }
}

/** Formats that are walked from end to end when they are opened (heap dumps, tables of ranges) are better spooled. */
function isSuited(head: Uint8Array): boolean {
  const name = formatOf(head);
  return name === 'raw' || name === 'elf-core';
}

async function sweepAndKeep(
  decoding: Decoding,
  kept: Kept,
  head: Uint8Array,
  run: Run,
): Promise<HitBatch[] | undefined> {
  const { pool, book, options } = run;
  const { signal } = options;
  const reaches = reachesOf(book.rules);
  const pages = new Keeper(openStorage(decoding.storage), kept);
  const modules = formatOf(head) === 'elf-core';
  const batches: HitBatch[] = [];
  let hits = 0;
  const sweep = pool.sweep(
    decoding.storage,
    book.net,
    { from: 0, to: Number.MAX_SAFE_INTEGER },
    { feed: decoding, ...(signal ? { signal } : {}) },
  );
  for await (const batch of sweep) {
    const { from, to, offsets, ids } = batch;
    hits += offsets.length;
    if (hits > MOST_HITS) return undefined;
    batches.push(batch);
    if (from < ENDS) await pages.keep(from, Math.min(to, ENDS));
    if (modules) await pages.keepModules(from, to);
    for (let i = 0; i < offsets.length; i++) {
      const { before, after } = reaches[ids[i]!]!;
      await pages.keep(offsets[i]! - before, offsets[i]! + after);
    }
    if (decoding.ended && to === decoding.written) await pages.keep(to - ENDS, to);
    decoding.release(Math.max(0, to - ENDS));
    run.expect(to - from);
    run.advance(to - from);
  }
  await kept.finish(decoding.written);
  return batches;
}

/** Bytes before and after a hit's first byte that its detectors look at, by pattern id. */
function reachesOf({ literals, rules }: RuleSet): Reach[] {
  return literals.flatMap(({ bytes, rules: indices }) => {
    const all = indices.map((index) => reachOfDetector(rules[index]!));
    const before = Math.max(0, ...all.map((reach) => reach.before));
    const after = 2 * bytes.length + Math.max(0, ...all.map((reach) => reach.after));
    return [
      { before, after },
      { before, after },
    ];
  });
}

function reachOfDetector(rule: Rule): Reach {
  const { reach, widest = reach } = detectors.get(rule.detector) ?? {};
  const { before, after } = rule.window;
  const within = rule.near?.within ?? 0;
  return reachOf(
    { ...rule, window: { before: Math.max(before, within), after: Math.max(after, within) } },
    widest,
  );
}

/** "\x7fELF" as a little-endian number. */
const ELF = 0x464c457f;

/** Copies pages from a ring to where they are kept. */
class Keeper {
  readonly #reader: Reader;
  readonly #kept: Kept;
  readonly #magic = Buffer.alloc(4);

  constructor(reader: Reader, kept: Kept) {
    this.#reader = reader;
    this.#kept = kept;
  }

  /** The pages that these bytes lie in. */
  async keep(from: number, to: number): Promise<void> {
    for (let page = Math.floor(Math.max(0, from) / PAGE); page * PAGE < to; page++) {
      if (this.#kept.has(page)) continue;
      await this.#kept.add(page, (target) => this.#reader.read(page * PAGE, target));
    }
  }

  /** First pages of programs and libraries, which a core's modules are known by. */
  async keepModules(from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += PAGE) {
      this.#reader.read(at, this.#magic);
      if (this.#magic.readUInt32LE(0) === ELF) await this.keep(at, at + PAGE);
    }
  }
}
