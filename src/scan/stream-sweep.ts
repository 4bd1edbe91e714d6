import { createHash, type Hash } from 'node:crypto';
import { type ByteReader, openStorage, PAGE } from '../core/base/bytes/storage.js';
import { finish } from '../core/base/runtime/turns.js';
import type { EntropyFacts, Extent } from '../core/model/report.js';
import { maxReachOf, type Reach } from '../detect/core/windows.js';
import { detectors } from '../detect/table.js';
import { formatOf } from '../formats/formats.js';
import type { Audit, Streaming } from '../formats/memory/types.js';
import type { Rule, RuleSet } from '../rules/types.js';
import { TEXTS_REACH as AROUND_TOKEN } from '../search/secrets/hmac/texts-near-tokens.js';
import type { DecodableContent } from '../source/decodable-content.js';
import type { DecodingProgress } from '../source/decode-thread.js';
import type { PageCache } from '../source/page-cache.js';
import type { Artifact } from '../source/types.js';
import type { HitBatch } from '../sweep/types.js';
import { LONGEST_RUN } from '../sweep/values/random.js';
import { CONTEXT } from '../sweep/values/value-run.js';
import type { ByteProgress } from './byte-progress.js';
import { bytesOf, type ContainerSweep } from './container-sweep.js';
import { EntropySamples } from './entropy-samples.js';
import type { Opened } from './opened.js';
import { RunPrefetch } from './run-prefetch.js';

/** What the sweep needs of a report. */
interface StreamSetup {
  opened: Pick<Opened, 'pool' | 'book' | 'bareKeyRules' | 'options'>;
  progress: ByteProgress;
  signal: AbortSignal | undefined;
}

/** The sweep of content while it is decoded. */
export interface DecodedSweep {
  artifact: Artifact<PageCache>;
  /** In file order, without gaps. The content ends with the last one. */
  batches: AsyncIterable<HitBatch> | Iterable<HitBatch>;
  /** SHA-256 of all bytes after the last batch, lower-case hex; undefined without --hash. */
  sha256(): string | undefined;
  /** Samples of all bytes; undefined without --regions. */
  entropy(): EntropyFacts | undefined;
}

/** Bytes of batches held in memory until the content ends. With more, the content is swept from a spool. */
const MOST_HELD = 48 * 1024 * 1024;
/** Bytes kept at both ends, where formats have their headers. No detector reads this far before a hit. */
const ENDS = 1024 * 1024;

/**
 * Sweeps content while it is decoded, without a spool: only pages around hits are kept. Raw bytes yield their
 * batches at once, a core after its end is known. A `container` is swept at the same time. Returns
 * undefined if the content's format or the number of hits does not allow it: the content is then an artifact
 * in a spool.
 */
export async function sweepStream(
  content: DecodableContent,
  setup: StreamSetup,
  container: ContainerSweep | undefined,
): Promise<DecodedSweep | undefined> {
  const { streaming, audit } = formatOf(content.head);
  if (streaming === undefined) return undefined;
  const artifact = content.toArtifact(content.openPageCache());
  const stream = new Stream(content, artifact, { ...streaming, audit: audit?.() }, setup, container);
  const sha256 = () => stream.sha256();
  const entropy = () => stream.entropy();
  const batches = stream.batches();
  if (!streaming.segmented) return { artifact, batches, sha256, entropy };
  const all: HitBatch[] = [];
  let held = 0;
  try {
    for await (const batch of batches) {
      all.push(batch);
      held += bytesOf(batch);
      if (held > MOST_HELD) break;
    }
  } catch (error) {
    content.giveUp();
    throw error;
  }
  if (held <= MOST_HELD) return { artifact, batches: all, sha256, entropy };
  content.giveUp();
  return undefined;
}

/** Bytes around the first one of a value that its examination reads, in UTF-16. */
const AROUND_VALUE = { before: 2 * CONTEXT, after: 2 * (2 * LONGEST_RUN + CONTEXT) };

/** A sweep in progress: keeps some pages, and reads others until the decoder's ring releases them. */
class Stream {
  readonly #content: DecodableContent;
  readonly #artifact: Artifact<PageCache>;
  readonly #head: Uint8Array;
  readonly #streaming: Streaming & { audit: Audit | undefined };
  readonly #setup: StreamSetup;
  readonly #container: ContainerSweep | undefined;
  readonly #decoding: DecodingProgress;
  readonly #ring: ByteReader;
  /** Ranges that opening the dump will read. */
  readonly #prefetch: readonly Extent[];
  /** Ranges that the search for bare keys will read; undefined if that search is off. */
  readonly #runReads: RunPrefetch | undefined;
  readonly #hash: Hash | undefined;
  readonly #entropy: EntropySamples | undefined;
  /** The ring has released the bytes before this offset. */
  #released = 0;

  constructor(
    content: DecodableContent,
    artifact: Artifact<PageCache>,
    streaming: Streaming & { audit: Audit | undefined },
    setup: StreamSetup,
    container: ContainerSweep | undefined,
  ) {
    this.#content = content;
    this.#artifact = artifact;
    this.#head = content.head;
    this.#streaming = streaming;
    this.#setup = setup;
    this.#container = container;
    this.#decoding = content.decode();
    this.#ring = openStorage(this.#decoding.storage);
    this.#prefetch = streaming.prefetch(content.head);
    this.#runReads = setup.opened.bareKeyRules && new RunPrefetch();
    this.#hash = setup.opened.options.hash ? createHash('sha256') : undefined;
    this.#entropy = setup.opened.options.regions ? new EntropySamples() : undefined;
    artifact.storage.follow((offset, target) => this.#read(offset, target));
  }

  async *batches(): AsyncGenerator<HitBatch> {
    const { opened, progress, signal } = this.#setup;
    const { pool, book } = opened;
    const decoding = this.#decoding;
    const kept = this.#artifact.storage;
    const bareKeys = this.#runReads !== undefined;
    try {
      const sweep = pool.sweep(
        decoding.storage,
        book.net,
        { from: 0, to: Number.MAX_SAFE_INTEGER },
        {
          feed: decoding,
          runs: bareKeys,
          numbers: bareKeys,
          ...(this.#streaming.owners && { randomRuns: 'all' }),
          ...(signal ? { signal } : {}),
          // Without segments, memory is adjacent wherever the file is.
          ...(this.#streaming.segmented ? {} : { seams: new Float64Array(0) }),
        },
      );
      const reaches = reachesOf(book.rules, bareKeys);
      for await (const batch of sweep) {
        const { from, to } = batch;
        await this.#keep(batch, reaches);
        this.#takeWhole(from, to);
        if (this.#entropy) finish(this.#entropy.sample(this.#ring, to, false));
        progress.expect(to - from);
        progress.advance(to - from);
        yield batch;
        this.#released = Math.max(0, to - ENDS);
        decoding.release(this.#released);
        this.#container?.passed(decoding.consumed);
      }
      const { written } = decoding;
      if (this.#entropy) finish(this.#entropy.sample(this.#ring, written, true));
      await new Keeper(this.#ring, kept).keep(written - ENDS, written);
      await this.#keepReads(this.#runReads?.finish());
      this.#artifact.unread.push(...(this.#streaming.audit?.end() ?? []));
    } finally {
      await decoding.close();
      await kept.finish(decoding.written);
      this.#content.recogniseDecoded();
      this.#artifact.unread.push(...(decoding.report?.unread ?? []));
      this.#artifact.warnings.unshift(...(decoding.report?.warnings ?? []));
    }
  }

  /** Passes bytes on to what needs all of them in file order. */
  #takeWhole(from: number, to: number): void {
    const { audit } = this.#streaming;
    if (this.#hash === undefined && audit === undefined) return;
    for (const bytes of this.#decoding.bytes(from, to)) {
      this.#hash?.update(bytes);
      audit?.push(bytes);
    }
  }

  sha256(): string | undefined {
    return this.#hash?.digest('hex');
  }

  entropy(): EntropyFacts | undefined {
    return this.#entropy?.facts();
  }

  #read(offset: number, target: Uint8Array): number | undefined {
    const end = offset + target.length;
    if (end <= this.#head.length) {
      target.set(this.#head.subarray(offset, end));
      return target.length;
    }
    return offset < this.#released ? undefined : this.#ring.read(offset, target);
  }

  /** Keeps what the ring still holds of the ranges. The rest needs a second decoding if it is read. */
  async #keepReads(reads: readonly Extent[] = []): Promise<void> {
    const pages = new Keeper(this.#ring, this.#artifact.storage);
    const { written } = this.#decoding;
    for (const { offset, length } of reads)
      if (offset >= this.#released) await pages.keep(offset, Math.min(offset + length, written));
  }

  async #keep(batch: HitBatch, reaches: readonly Reach[]): Promise<void> {
    const { from, to, offsets, ids, values } = batch;
    const pages = new Keeper(this.#ring, this.#artifact.storage);
    if (this.#streaming.owners) {
      await pages.keep(from, to);
      await this.#keepReads(this.#runReads?.push(batch));
      return;
    }
    if (from < ENDS) await pages.keep(from, Math.min(to, ENDS));
    const { pageMagic } = this.#streaming;
    if (pageMagic !== undefined) await pages.keepPages(pageMagic, from, to);
    for (const { offset, length } of this.#prefetch) {
      if (offset < to && offset + length > from)
        await pages.keep(Math.max(from, offset), Math.min(to, offset + length));
    }
    for (let i = 0; i < offsets.length; i++) {
      const { before, after } = reaches[ids[i]!]!;
      await pages.keep(offsets[i]! - before, offsets[i]! + after);
    }
    for (const offset of values?.offsets ?? [])
      await pages.keep(offset - AROUND_VALUE.before, offset + AROUND_VALUE.after);
    await this.#keepReads(this.#runReads?.push(batch));
  }
}

/** By pattern id, the bytes around a hit's first byte that detectors and the search for bare keys read. */
function reachesOf({ literals, rules }: RuleSet, bareKeys: boolean): Reach[] {
  return literals.flatMap(({ bytes, rules: indices }) => {
    const all = indices.map((index) => reachOfDetector(rules[index]!, bareKeys));
    const before = Math.max(0, ...all.map((reach) => reach.before));
    const after = 2 * bytes.length + Math.max(0, ...all.map((reach) => reach.after));
    // Ids are in pairs: the plain form and the wide one.
    return [
      { before, after },
      { before, after },
    ];
  });
}

function reachOfDetector(rule: Rule, bareKeys: boolean): Reach {
  const { before, after } = maxReachOf(rule, detectors.get(rule.detector) ?? {});
  // Evidence beside a match (chance/evidence-near.ts).
  const beside = rule.detector === 'text' ? 2 * CONTEXT : 0;
  // The key of a token may be text near it.
  const around = bareKeys && rule.detector === 'jwt' ? AROUND_TOKEN : 0;
  return { before: Math.max(before + beside, around), after: Math.max(after + beside, around) };
}

/** Least page size in bytes at which programs and libraries are mapped. */
const MODULE_ALIGNMENT = 4096;

/** Copies pages from the decoder's ring to the page cache. */
class Keeper {
  readonly #reader: ByteReader;
  readonly #kept: PageCache;
  readonly #magic = Buffer.alloc(4);

  constructor(reader: ByteReader, kept: PageCache) {
    this.#reader = reader;
    this.#kept = kept;
  }

  /** Keeps the pages of these bytes. */
  async keep(from: number, to: number): Promise<void> {
    for (let page = Math.floor(Math.max(0, from) / PAGE); page * PAGE < to; page++) {
      if (this.#kept.has(page)) continue;
      await this.#kept.add(page, (target) => this.#reader.read(page * PAGE, target));
    }
  }

  /** Keeps the pages that begin with these 4 bytes (a little-endian number). */
  async keepPages(magic: number, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += MODULE_ALIGNMENT) {
      this.#reader.read(at, this.#magic);
      if (this.#magic.readUInt32LE(0) === magic) await this.keep(at, at + MODULE_ALIGNMENT);
    }
  }
}
