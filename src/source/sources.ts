import { Walker } from './walker.js';
import { VisitedFiles } from './file-system.js';
import { type Left, SourceLister, SourceOpener } from './opener.js';
import { MemoryBudget } from './spool.js';
import type { SourceEvent, SourceOptions, NoticeEvent } from './types.js';
import { EXPANSION, type Expansion, LARGE } from './unpack.js';

/** Limits that tests narrow. */
export interface Tuning {
  /** Bytes of memory that all spools share. */
  memory?: number;
  expansion?: Expansion;
  /** Stored bytes of a large container. */
  large?: number;
}

/**
 * Everything that `paths` name, opened one after the other: files, folders, globs and `-`. What is in the way of one
 * (a missing path, no permission, a device) is a notice, and the rest goes on.
 *
 * Whoever takes an artifact closes it; it may do so at once. Order: that of `paths`, folder by folder, each folder by
 * the bytes of its names, what links lead to at the end. An abort closes what is not handed out yet and is thrown.
 */
export function openSources(
  paths: readonly (string | Uint8Array)[],
  options: SourceOptions,
  tuning: Tuning = {},
): AsyncGenerator<SourceEvent> {
  return new Sources(paths, options, tuning).open();
}

/** The same, for who also asks what an abort has left unopened. */
export class Sources {
  readonly #paths: readonly (string | Uint8Array)[];
  readonly #options: SourceOptions;
  readonly #seen = new VisitedFiles();
  readonly #opening: SourceOpener;
  #ended = false;

  constructor(paths: readonly (string | Uint8Array)[], options: SourceOptions, tuning: Tuning = {}) {
    const { spoolDir, stdin, signal } = options;
    this.#paths = paths;
    this.#options = options;
    this.#opening = new SourceOpener(stdin, {
      budget: new MemoryBudget(tuning.memory),
      expansion: tuning.expansion ?? EXPANSION,
      large: tuning.large ?? LARGE,
      ...(spoolDir === undefined ? {} : { spoolDir }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async *open(): AsyncGenerator<SourceEvent> {
    yield* this.#walk(new Walker(this.#options, this.#opening, this.#seen));
    this.#ended = true;
  }

  /**
   * After an abort: the same walk once more, which opens nothing. Over a large tree it takes long, and says nothing of what was opened:
   * `patience` ends it, and is thrown.
   */
  async *left(patience: AbortSignal): AsyncGenerator<Left | NoticeEvent> {
    if (this.#ended) return;
    const listing = new SourceLister(this.#opening, (stats) => this.#seen.has(stats));
    yield* this.#walk(new Walker({ ...this.#options, signal: patience }, listing, new VisitedFiles()));
  }

  async *#walk<T>(walker: Walker<T>): AsyncGenerator<T | NoticeEvent> {
    for (const path of this.#paths) yield* walker.argument(path);
    yield* walker.links();
    if (this.#paths.length === 0) yield* walker.noFiles('nothing was named to scan', '');
  }
}
