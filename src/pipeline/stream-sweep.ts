import { createHash, type Hash } from 'node:crypto';
import { openStorage, PAGE, type Reader } from '../base/bytes/storage.js';
import { furthestOf, type Reach } from '../detect/core/windows.js';
import { detectors } from '../detect/table.js';
import { formatOf } from '../formats/formats.js';
import type { Streaming } from '../formats/memory/types.js';
import type { Extent } from '../model/report.js';
import type { Rule, RuleSet } from '../rules/types.js';
import { TEXTS_REACH as AROUND_TOKEN } from '../search/hmac/texts-near-tokens.js';
import type { DecodableContent } from '../source/decodable-content.js';
import type { DecodingProgress } from '../source/decode-thread.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import type { HitBatch } from '../sweep/types.js';
import { bytesOf, type ContainerSweep } from './container-sweep.js';
import { RunReads } from './run-prefetch.js';
import type { ScanSession } from './scan-session.js';

/** Content that is swept while it is decoded. */
export interface Decoded {
  artifact: Artifact<PageCache>;
  /** In file order, without a gap; of a stream that ends with the last. */
  batches: AsyncIterable<HitBatch> | Iterable<HitBatch>;
  /** SHA-256 of all bytes, lower-case hex, when the batches have ended; undefined where nobody asked for it. */
  sha256(): string | undefined;
}

/** Bytes of batches that are kept in memory until the content has ended; a greater flood is read back from a spool. */
const MOST_HELD = 48 * 1024 * 1024;
/** Bytes at both ends that are kept: where formats have their headers. No detector reads so far before a hit. */
const ENDS = 1024 * 1024;

/**
 * Sweeps content while it is decoded, without a spool: only pages around hits are kept. Bytes that no format claims give their batches as
 * they come; a core's come when its end is known. Its container is swept `beside` it. Undefined where that is not for this content or this run: the content then comes
 * as an artifact, from a spool.
 */
export async function sweepStream(
  content: DecodableContent,
  run: ScanSession,
  beside: ContainerSweep,
): Promise<Decoded | undefined> {
  const { streaming } = formatOf(content.head);
  if (streaming === undefined) return undefined;
  const artifact = content.take(content.keep());
  const stream = new Stream(content, artifact, streaming, run, beside);
  const sha256 = () => stream.sha256();
  const batches = stream.batches();
  if (!streaming.segmented) return { artifact, batches, sha256 };
  const all: HitBatch[] = [];
  let held = 0;
  try {
    for await (const batch of batches) {
      all.push(batch);
      held += bytesOf(batch);
      content.taken = held <= MOST_HELD;
      if (!content.taken) break;
    }
  } catch (error) {
    content.taken = false;
    artifact.close();
    throw error;
  }
  if (content.taken) return { artifact, batches: all, sha256 };
  artifact.close();
  return undefined;
}

/** The sweep of content under way: keeps pages, and reads others as long as they are at hand. */
class Stream {
  readonly #artifact: Artifact<PageCache>;
  readonly #head: Uint8Array;
  readonly #streaming: Streaming;
  readonly #run: ScanSession;
  readonly #beside: ContainerSweep;
  readonly #decoding: DecodingProgress;
  readonly #ring: Reader;
  /** What opening the dump will read. */
  readonly #wanted: readonly Extent[];
  /** What the search for bare numbers will read, where there is one. */
  readonly #runReads: RunReads | undefined;
  readonly #hash: Hash | undefined;
  /** Bytes before it are not at hand any more. */
  #released = 0;

  constructor(
    content: DecodableContent,
    artifact: Artifact<PageCache>,
    streaming: Streaming,
    run: ScanSession,
    beside: ContainerSweep,
  ) {
    this.#artifact = artifact;
    this.#head = content.head;
    this.#streaming = streaming;
    this.#run = run;
    this.#beside = beside;
    this.#decoding = content.decode();
    this.#ring = openStorage(this.#decoding.storage);
    this.#wanted = streaming.prefetch(content.head);
    this.#runReads = run.numberRules && new RunReads();
    this.#hash = run.options.hash ? createHash('sha256') : undefined;
    artifact.storage.follow((offset, target) => this.#read(offset, target));
  }

  async *batches(): AsyncGenerator<HitBatch> {
    const { pool, book, options } = this.#run;
    const { signal } = options;
    const decoding = this.#decoding;
    const kept = this.#artifact.storage;
    const numbers = this.#runReads !== undefined;
    try {
      const sweep = pool.sweep(
        decoding.storage,
        book.net,
        { from: 0, to: Number.MAX_SAFE_INTEGER },
        {
          feed: decoding,
          runs: numbers,
          numbers,
          ...(signal ? { signal } : {}),
          // Without segments memory goes on as the file does.
          ...(this.#streaming.segmented ? {} : { seams: new Float64Array(0) }),
        },
      );
      const reaches = reachesOf(book.rules, numbers);
      for await (const batch of sweep) {
        const { from, to } = batch;
        await this.#keep(batch, reaches);
        if (this.#hash) for (const bytes of decoding.bytes(from, to)) this.#hash.update(bytes);
        this.#run.expect(to - from);
        this.#run.advance(to - from);
        yield batch;
        this.#released = Math.max(0, to - ENDS);
        decoding.release(this.#released);
        this.#beside.passed(decoding.passed);
      }
      const { written } = decoding;
      await new Keeper(this.#ring, kept).keep(written - ENDS, written);
      await this.#keepReads(this.#runReads?.finish());
    } finally {
      await decoding.close();
      await kept.finish(decoding.written);
      this.#artifact.unread.push(...(decoding.account?.unread ?? []));
      this.#artifact.warnings.unshift(...(decoding.account?.warnings ?? []));
    }
  }

  sha256(): string | undefined {
    return this.#hash?.digest('hex');
  }

  #read(offset: number, target: Uint8Array): number | undefined {
    const end = offset + target.length;
    if (end <= this.#head.length) {
      target.set(this.#head.subarray(offset, end));
      return target.length;
    }
    return offset < this.#released ? undefined : this.#ring.read(offset, target);
  }

  /** What is at hand of them; the rest costs a second decoding, if it is read. */
  async #keepReads(reads: readonly Extent[] = []): Promise<void> {
    const pages = new Keeper(this.#ring, this.#artifact.storage);
    const { written } = this.#decoding;
    for (const { offset, length } of reads)
      if (offset >= this.#released) await pages.keep(offset, Math.min(offset + length, written));
  }

  async #keep(batch: HitBatch, reaches: readonly Reach[]): Promise<void> {
    const { from, to, offsets, ids } = batch;
    const pages = new Keeper(this.#ring, this.#artifact.storage);
    if (from < ENDS) await pages.keep(from, Math.min(to, ENDS));
    const { pageMagic } = this.#streaming;
    if (pageMagic !== undefined) await pages.keepPages(pageMagic, from, to);
    for (const { offset, length } of this.#wanted) {
      if (offset < to && offset + length > from)
        await pages.keep(Math.max(from, offset), Math.min(to, offset + length));
    }
    for (let i = 0; i < offsets.length; i++) {
      const { before, after } = reaches[ids[i]!]!;
      await pages.keep(offsets[i]! - before, offsets[i]! + after);
    }
    await this.#keepReads(this.#runReads?.push(batch));
  }
}

/** Bytes before and after a hit's first byte that its detectors look at, by pattern id, and where `numbers` are searched for, that search. */
function reachesOf({ literals, rules }: RuleSet, numbers: boolean): Reach[] {
  return literals.flatMap(({ bytes, rules: indices }) => {
    const all = indices.map((index) => reachOfDetector(rules[index]!, numbers));
    const before = Math.max(0, ...all.map((reach) => reach.before));
    const after = 2 * bytes.length + Math.max(0, ...all.map((reach) => reach.after));
    return [
      { before, after },
      { before, after },
    ];
  });
}

function reachOfDetector(rule: Rule, numbers: boolean): Reach {
  const { before, after } = furthestOf(rule, detectors.get(rule.detector) ?? {});
  // Its key may be a text that stands near it.
  const around = numbers && rule.detector === 'jwt' ? AROUND_TOKEN : 0;
  return { before: Math.max(before, around), after: Math.max(after, around) };
}

/** Smallest page in which programs and libraries are mapped, in bytes. */
const MODULE_ALIGNMENT = 4096;

/** Copies pages from a ring to where they are kept. */
class Keeper {
  readonly #reader: Reader;
  readonly #kept: PageCache;
  readonly #magic = Buffer.alloc(4);

  constructor(reader: Reader, kept: PageCache) {
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

  /** Pages that begin with these 4 bytes (a little-endian number). */
  async keepPages(magic: number, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += MODULE_ALIGNMENT) {
      this.#reader.read(at, this.#magic);
      if (this.#magic.readUInt32LE(0) === magic) await this.keep(at, at + MODULE_ALIGNMENT);
    }
  }
}
