import type { BigIntStats } from 'node:fs';
import fs from 'node:fs';
import { definedFields } from '../core/base/runtime/defined.js';
import { escapeText } from '../core/base/text/escape.js';
import { type Meeting, openFile, openGiven, openPipe, openStream } from './file-events.js';
import { FileWatch } from './file-watch.js';
import { names, type WalkName } from './names.js';
import type { SourceContext } from './stored-bytes.js';
import { readStandardInput } from './streams.js';
import type { GivenSource, NoticeEvent, SourceEvent } from './types.js';

/** Visitor of the files that a walk finds. */
export interface Opener<T> {
  /** A regular file. */
  file(name: WalkName, meeting: Meeting, stats: BigIntStats): AsyncGenerator<T | NoticeEvent>;
  /** A FIFO, or an inherited descriptor. */
  pipe(name: WalkName, inherited: number | undefined, stats: BigIntStats): AsyncGenerator<T | NoticeEvent>;
  standardInput(shown: string): AsyncGenerator<T | NoticeEvent>;
}

/** Visitor of everything that a scan is asked for. */
export interface InputOpener<T> extends Opener<T> {
  given(source: GivenSource): AsyncGenerator<T | NoticeEvent>;
}

type Events = AsyncGenerator<SourceEvent>;

/** Opens every file, and remembers the one being opened. */
export class SourceOpener implements InputOpener<SourceEvent> {
  readonly #stdin: NodeJS.ReadableStream | undefined;
  readonly #context: SourceContext;
  /** Inode of the file that is being opened, until its first event. */
  #pending: bigint | undefined;
  stdinOpened = false;
  readonly #given = new Set<GivenSource>();

  /** `stdin` defaults to process.stdin, opened on demand: that takes time. */
  constructor(stdin: NodeJS.ReadableStream | undefined, context: SourceContext) {
    this.#stdin = stdin;
    this.#context = context;
  }

  /** What was being opened is reported elsewhere. */
  passed(): void {
    this.#pending = undefined;
  }

  isPending({ ino }: BigIntStats): boolean {
    return ino === this.#pending;
  }

  file(name: WalkName, meeting: Meeting, stats: BigIntStats): AsyncGenerator<SourceEvent> {
    return this.#open(stats.ino, openFile(name, meeting, stats, this.#context));
  }

  pipe(name: WalkName, inherited: number | undefined, { ino }: BigIntStats): Events {
    return this.#open(ino, openPipe(name, inherited, this.#context));
  }

  async *standardInput(shown: string): Events {
    const chunks = readStandardInput(this.#stdin, this.#context.signal);
    const watch =
      this.#stdin === undefined || this.#stdin === process.stdin ? redirected()?.watch : undefined;
    for await (const event of openStream(shown, chunks, this.#context, watch)) {
      this.stdinOpened = true;
      yield event;
    }
  }

  async *given(source: GivenSource): AsyncGenerator<SourceEvent> {
    for await (const event of openGiven(source, this.#context)) {
      this.#given.add(source);
      yield event;
    }
  }

  wasOpened(source: GivenSource): boolean {
    return this.#given.has(source);
  }

  async *#open(inode: bigint, events: AsyncGenerator<SourceEvent>): Events {
    this.#pending = inode;
    for await (const event of events) {
      this.#pending = undefined;
      yield event;
    }
    this.#pending = undefined;
  }
}

/** The file that standard input is redirected from. */
export function redirected(): { stats: BigIntStats; watch: FileWatch } | undefined {
  try {
    const stats = fs.fstatSync(0, { bigint: true });
    return stats.isFile() ? { stats, watch: new FileWatch(0, stats) } : undefined;
  } catch {
    // Closed: reading it reports that.
    return undefined;
  }
}

/** A file found by the walk and not opened. */
export interface UnopenedFile {
  type: 'left';
  /** Path as shown. */
  path: string;
  /** Bytes; undefined if unknown. */
  size?: number;
  mtime?: Date;
}

/** Lists the files that `opener` has not opened, without opening them. */
export class SourceLister implements InputOpener<UnopenedFile> {
  readonly #opener: SourceOpener;
  readonly #wasVisited: (stats: BigIntStats) => boolean;

  /** `wasVisited`: by the walk of `opener`. */
  constructor(opener: SourceOpener, wasVisited: (stats: BigIntStats) => boolean) {
    this.#opener = opener;
    this.#wasVisited = wasVisited;
  }

  async *file(name: WalkName, _meeting: Meeting, stats: BigIntStats): AsyncGenerator<UnopenedFile> {
    if (this.#isOpened(stats)) return;
    const { size, mtime } = stats;
    // Files in /proc have size 0 and may have content.
    const known = size > 0n ? { size: Number(size) } : {};
    yield { type: 'left', path: names.show(name), mtime, ...known };
  }

  async *pipe(name: WalkName, _: number | undefined, stats: BigIntStats): AsyncGenerator<UnopenedFile> {
    if (!this.#isOpened(stats)) yield { type: 'left', path: names.show(name) };
  }

  async *standardInput(shown: string): AsyncGenerator<UnopenedFile> {
    if (!this.#opener.stdinOpened) yield { type: 'left', path: shown };
  }

  async *given(source: GivenSource): AsyncGenerator<UnopenedFile> {
    if (this.#opener.wasOpened(source)) return;
    const { name, mtime, bytes } = source;
    const size = 'length' in bytes ? { size: bytes.length } : {};
    yield { type: 'left', path: escapeText(name), ...size, ...definedFields({ mtime }) };
  }

  #isOpened(stats: BigIntStats): boolean {
    return this.#wasVisited(stats) && !this.#opener.isPending(stats);
  }
}
