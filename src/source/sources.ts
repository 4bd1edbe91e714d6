import { FIFO_LOOKS } from './fifo.js';
import { VisitedFiles } from './file-system.js';
import { SourceLister, SourceOpener, type UnopenedFile } from './opener.js';
import { Selection } from './selection.js';
import { MemoryBudget } from './spool.js';
import { EXPANSION, type Expansion, LARGE } from './stored-bytes.js';
import type { NoticeEvent, SourceEvent, SourceOptions } from './types.js';
import { Walker } from './walker.js';

/** Limits that tests narrow. */
export interface Tuning {
  /** Bytes of memory that all spools share. */
  memory?: number;
  expansion?: Expansion;
  /** Stored bytes of a large container. */
  large?: number;
  /** Looks for a writer of a FIFO, 50 ms apart. */
  fifoLooks?: number;
}

/**
 * Opens everything that `paths` name, one after the other: files, folders, globs and `-`. An error with one
 * of them (a missing path, no permission, a device) is a notice, and the rest follows.
 * The consumer closes each artifact; it may do so at once. Order: that of `paths`, folder by folder, each
 * folder by the bytes of its names, targets of links at the end. An abort closes artifacts not yielded yet,
 * and is thrown.
 */
export class Sources {
  readonly #paths: readonly (string | Uint8Array)[];
  readonly #options: SourceOptions;
  readonly #visited = new VisitedFiles();
  readonly #selection: Selection | undefined;
  readonly #opener: SourceOpener;
  #ended = false;

  constructor(paths: readonly (string | Uint8Array)[], options: SourceOptions, tuning: Tuning = {}) {
    const { spoolDir, stdin, signal, password } = options;
    this.#paths = paths;
    this.#options = options;
    this.#selection = Selection.of(options.include, options.exclude);
    this.#opener = new SourceOpener(stdin, {
      budget: new MemoryBudget(tuning.memory),
      expansion: tuning.expansion ?? EXPANSION,
      large: tuning.large ?? LARGE,
      fifoLooks: tuning.fifoLooks ?? FIFO_LOOKS,
      spoolDir,
      signal,
      selection: this.#selection,
      password,
    });
  }

  async *open(): AsyncGenerator<SourceEvent> {
    yield* this.#walk(new Walker(this.#options, this.#opener, this.#visited, this.#selection));
    this.#ended = true;
  }

  /**
   * After an abort: walks the paths again and lists the files that were not opened. A large tree takes long:
   * `patience` aborts the walk, and is thrown.
   */
  async *left(patience: AbortSignal): AsyncGenerator<UnopenedFile | NoticeEvent> {
    if (this.#ended) return;
    const listing = new SourceLister(this.#opener, (stats) => this.#visited.has(stats));
    const options = { ...this.#options, signal: patience };
    yield* this.#walk(new Walker(options, listing, new VisitedFiles(), this.#selection));
  }

  async *#walk<T>(walker: Walker<T>): AsyncGenerator<T | NoticeEvent> {
    for (const path of this.#paths) yield* walker.argument(path);
    yield* walker.links();
    if (this.#paths.length === 0) yield* walker.noFiles('nothing to scan was named', '');
  }
}
