import type { BigIntStats } from 'node:fs';
import { openFile, openPipe, openStream } from './file-events.js';
import { names, type WalkName } from './names.js';
import { readStream } from './streams.js';
import type { SourceEvent, NoticeEvent } from './types.js';
import type { SourceContext } from './unpack.js';

/** What a walk does with what it meets. */
export interface Opener<T> {
  /** A regular file; `named` on the command line: a link is followed. */
  file(name: WalkName, named: boolean, stats: BigIntStats): AsyncGenerator<T | NoticeEvent>;
  /** A FIFO, or what an inherited descriptor leads to. Returns whether no byte came. */
  pipe(name: WalkName, inherited: number | undefined, stats: BigIntStats): AsyncGenerator<T | NoticeEvent, boolean>;
  standardInput(shown: string): AsyncGenerator<T | NoticeEvent, boolean>;
}

/** Opens everything, and knows whose bytes it has not handed out yet. */
export class SourceOpener implements Opener<SourceEvent> {
  readonly #stdin: NodeJS.ReadableStream | undefined;
  readonly #workshop: SourceContext;
  /** The inode of what is being opened. */
  #pending: bigint | undefined;
  stdinOpened = false;

  /** `stdin`: default process.stdin, which costs to open. */
  constructor(stdin: NodeJS.ReadableStream | undefined, workshop: SourceContext) {
    this.#stdin = stdin;
    this.#workshop = workshop;
  }

  isPending({ ino }: BigIntStats): boolean {
    return ino === this.#pending;
  }

  file(name: WalkName, named: boolean, { ino }: BigIntStats): AsyncGenerator<SourceEvent> {
    return this.#open(ino, openFile(name, named, this.#workshop));
  }

  pipe(
    name: WalkName,
    inherited: number | undefined,
    { ino }: BigIntStats,
  ): AsyncGenerator<SourceEvent, boolean> {
    return this.#open(ino, openPipe(name, inherited, this.#workshop));
  }

  async *standardInput(shown: string): AsyncGenerator<SourceEvent, boolean> {
    const chunks = readStream(this.#stdin ?? process.stdin, this.#workshop.signal);
    let empty = false;
    for await (const event of openStream(shown, chunks, this.#workshop)) {
      this.stdinOpened = true;
      empty = isEmpty(event);
      yield event;
    }
    return empty;
  }

  async *#open(inode: bigint, events: AsyncGenerator<SourceEvent>): AsyncGenerator<SourceEvent, boolean> {
    this.#pending = inode;
    let empty = false;
    for await (const event of events) {
      this.#pending = undefined;
      empty = isEmpty(event);
      yield event;
    }
    this.#pending = undefined;
    return empty;
  }
}

/** An artifact without a byte, which could be read to its end. */
const isEmpty = (event: SourceEvent): boolean =>
  event.type === 'artifact' && event.artifact.storage.length === 0 && event.artifact.unread.length === 0;

/** A file that the walk has met and nobody has read. */
export interface Left {
  type: 'left';
  /** As shown. */
  path: string;
  /** Bytes; undefined where nothing says how many there are. */
  size?: number;
  mtime?: Date;
}

/** Opens nothing: names what `opening` has not opened. */
export class SourceLister implements Opener<Left> {
  readonly #opening: SourceOpener;
  readonly #met: (stats: BigIntStats) => boolean;

  /** `met`: by the walk that opens. */
  constructor(opening: SourceOpener, met: (stats: BigIntStats) => boolean) {
    this.#opening = opening;
    this.#met = met;
  }

  async *file(name: WalkName, _named: boolean, stats: BigIntStats): AsyncGenerator<Left> {
    if (this.#isOpened(stats)) return;
    const { size, mtime } = stats;
    // What /proc holds says that it is empty, and is not.
    const known = size > 0n ? { size: Number(size) } : {};
    yield { type: 'left', path: names.show(name), mtime, ...known };
  }

  async *pipe(
    name: WalkName,
    _inherited: number | undefined,
    stats: BigIntStats,
  ): AsyncGenerator<Left, boolean> {
    if (!this.#isOpened(stats)) yield { type: 'left', path: names.show(name) };
    return false;
  }

  async *standardInput(shown: string): AsyncGenerator<Left, boolean> {
    if (!this.#opening.stdinOpened) yield { type: 'left', path: shown };
    return false;
  }

  #isOpened(stats: BigIntStats): boolean {
    return this.#met(stats) && !this.#opening.isPending(stats);
  }
}
