import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { RunFacts, ScanEvent } from '../../core/model/report.js';
import {
  type ChildLimits,
  checkChildLimits,
  checkEachOptions,
  checkScannerOptions,
  type ScannerOptions,
} from '../../core/options/check-options.js';
import { chunksOf } from '../../source/streams.js';
import type { GivenSource, SourceInput } from '../../source/types.js';
import type { EachOptions } from '../scanner.js';
import { ChildHandle } from './child-process.js';
import { writeFrames } from './frames.js';
import {
  AHEAD,
  type FromChild,
  noFolder,
  type ScannerRequest,
  type SealedSource,
  type SentSource,
} from './messages.js';

/** Seconds in which a child must have opened its scanner. */
const OPENING = 60;

/** What a {@link ScanChild} scans: what a scanner does, and what its caller has put into its spool. */
export type ChildSource = SourceInput | SealedSource;

/** Descriptors of this process that a child gets. */
export interface ChildDescriptors {
  /** What the source `-` reads, for one scan. */
  stdin?: number;
  /** A file that sealed sources are read from. */
  spool?: number;
}

/**
 * A scanner in a process of its own, for dumps that may make their scanner crash. The process takes one
 * source at a time and dies at a limit of time or memory; the next source gets a new process. Its arguments
 * and environment hold nothing of the caller; it ends with the caller.
 */
export class ScanChild {
  /** What opens each of its processes: with the working folder of the first one. */
  readonly #opening: ScannerRequest;
  readonly #start: ChildDescriptors;
  readonly #limits: ChildLimits;
  #child: ChildHandle | undefined;
  #state: 'idle' | 'busy' | 'closed' = 'idle';
  #tool: RunFacts['tool'] | undefined;

  private constructor(options: ScannerOptions, limits: ChildLimits, start: ChildDescriptors) {
    this.#opening = { type: 'open', folder: workingFolder(), options };
    this.#limits = limits;
    this.#start = start;
  }

  /** Throws a {@link DumpsieveError} as the `open` of a scanner does, and if the child dies meanwhile. */
  static open(options: ScannerOptions = {}, limits: ChildLimits = {}): Promise<ScanChild> {
    return ScanChild.within(options, limits);
  }

  /** {@link open} with descriptors that each of its processes inherits. The caller closes them. */
  static async within(
    options: ScannerOptions,
    limits: ChildLimits,
    start: ChildDescriptors = {},
  ): Promise<ScanChild> {
    checkScannerOptions(options);
    checkChildLimits(limits);
    const child = new ScanChild(options, limits, start);
    await child.#started();
    return child;
  }

  /** Process id of the child; undefined if there is none now. */
  get pid(): number | undefined {
    return this.#child?.isOver ? undefined : this.#child?.pid;
  }

  /** The program and the rules of its scanner, as the event `run` of a scan has them. */
  get tool(): RunFacts['tool'] {
    // `open` has resolved: the first process has answered.
    return this.#tool!;
  }

  /**
   * Scans a source in the child, as the `scan` of a scanner does. A buffer or a stream is sent to it, a path
   * is opened by it, a sealed source is read from its spool. After the events that came until then it throws
   * `scan-child-timed-out`, `scan-child-out-of-memory` or `scan-child-crashed` (exit 2), and the next call
   * starts a new child. A caller that stops reading ends the child.
   */
  async *scan(input: ChildSource, each: EachOptions = {}): AsyncGenerator<ScanEvent, void, void> {
    checkEachOptions(each);
    this.#begin();
    try {
      const { source, chunks } = sent(input, this.#start.spool !== undefined);
      const progress = each.onProgress !== undefined;
      const child = await this.#begun({ type: 'scan', folder: workingFolder(), source, progress });
      yield* this.#events(child, chunks, each);
    } finally {
      // Whatever has ended the scan here, an error of the caller too: the child may still work on it.
      if (this.#child?.isBusy) await this.#kill();
      else this.#child?.hold(false);
      if (this.#state === 'busy') this.#state = 'idle';
    }
  }

  async *#events(
    child: ChildHandle,
    chunks: AsyncIterable<Uint8Array> | undefined,
    { signal, onProgress }: EachOptions,
  ): AsyncGenerator<ScanEvent, void, void> {
    const { seconds } = this.#limits;
    const timer = seconds === undefined ? undefined : setTimeout(() => child.timeOut(), seconds * 1000);
    const abort = (): void => {
      const reason: unknown = signal?.reason;
      child.send({ type: 'abort', reason: typeof reason === 'string' ? reason : undefined });
    };
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    const written = chunks && child.channel && writeFrames(child.channel, chunks, finished);
    try {
      for (let taken = 0; ; ) {
        const message = await child.next();
        if (message.type === 'done') break;
        if (message.type === 'failed') throw errorOf(message);
        if (message.type === 'progress') onProgress?.(message.progress);
        if (message.type !== 'events') continue;
        for (const event of message.events) {
          yield event;
          if (++taken % (AHEAD / 2) === 0) child.send({ type: 'taken', count: AHEAD / 2 });
        }
      }
    } finally {
      finish();
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    await written;
  }

  /** A child that has begun a scan: a new one if the one from before has ended meanwhile. */
  async #begun(scan: ScannerRequest): Promise<ChildHandle> {
    for (let attempt = 0; ; attempt++) {
      const child = await this.#started();
      child.hold(true);
      child.request(scan);
      const answer = await child.next().catch((error: unknown) => {
        if (attempt > 0 || !child.isOver) throw error;
      });
      if (answer?.type === 'failed') throw errorOf(answer);
      if (answer?.type === 'started') return child;
    }
  }

  /** The child, with its scanner open. */
  async #started(): Promise<ChildHandle> {
    if (this.#state === 'closed') throw closed();
    if (this.#child !== undefined && !this.#child.isOver) return this.#child;
    const child = new ChildHandle({ ...this.#limits, ...this.#start });
    this.#child = child;
    child.request(this.#opening);
    const message = await child.within(OPENING, () => child.next());
    if (message.type === 'failed') {
      await this.#kill();
      throw errorOf(message);
    }
    if (message.type === 'opened') this.#tool = message.tool;
    child.hold(false);
    return child;
  }

  async #kill(): Promise<void> {
    const child = this.#child;
    await child?.kill();
    if (this.#child === child) this.#child = undefined;
  }

  #begin(): void {
    if (this.#state === 'idle') {
      this.#state = 'busy';
      return;
    }
    if (this.#state === 'closed') throw closed();
    const hint = 'read the events of a scan to their end before the next one, or open a child for each';
    throw new DumpsieveError({ code: 'scanner-busy', message: 'the child is scanning another source', hint });
  }

  /** Ends the child. A scan under way fails. */
  async close(): Promise<void> {
    this.#state = 'closed';
    await this.#kill();
  }
}

const errorOf = ({ notice, exit }: Extract<FromChild, { type: 'failed' }>): DumpsieveError =>
  new DumpsieveError(notice, exit);

const closed = (): DumpsieveError =>
  new DumpsieveError({ code: 'scanner-closed', message: 'the child is closed' });

function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw noFolder(error);
  }
}

/** An input as it is sent: a path alone, a name and what unseals its bytes, or a name, and its bytes. */
function sent(
  input: ChildSource,
  hasSpool: boolean,
): { source: SentSource; chunks?: AsyncIterable<Uint8Array> } {
  if (typeof input === 'string' || input instanceof Uint8Array) return { source: { path: input } };
  if ('sealed' in input) return { source: sealed(input, hasSpool) };
  const { bytes, ...source } = input;
  return { source, chunks: bytesOf(bytes) };
}

const KEY = 32;

/** A wrong key would make a scan of random bytes, which are clean. */
function sealed(source: SealedSource, hasSpool: boolean): SealedSource {
  const { key, length } = source.sealed;
  if (hasSpool && key.length === KEY && Number.isSafeInteger(length) && length >= 0) return source;
  throw new DumpsieveError({
    code: 'wrong-option',
    message: hasSpool ? 'a sealed source needs a key of 32 bytes and a length' : 'the child has no spool',
    hint: 'open the child with the descriptor of a spool: ScanChild.within(options, limits, { spool })',
  });
}

function bytesOf(bytes: GivenSource['bytes']): AsyncIterable<Uint8Array> {
  if (bytes instanceof Uint8Array) return chunksOf(bytes);
  if ('kind' in bytes)
    throw new DumpsieveError({
      code: 'wrong-option',
      message: 'a storage is memory or a descriptor of this process, which its child has not',
      hint: 'give a path, a buffer or a stream',
    });
  return bytes;
}
