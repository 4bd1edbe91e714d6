import { FIFO_LOOKS } from './fifo.js';
import { VisitedFiles } from './file-system.js';
import { type InputOpener, SourceLister, SourceOpener, type UnopenedFile } from './opener.js';
import { FileSelection } from './selection.js';
import { noticeSource, SingleOpener, type SingleSource } from './single-sources.js';
import { SpoolMemory } from './spool.js';
import { EXPANSION, type Expansion, LARGE } from './stored-bytes.js';
import type { GivenSource, NoticeEvent, SourceEvent, SourceInput, SourceOptions } from './types.js';
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
 * Opens all inputs, one after the other: what paths name (files, folders, globs and `-`), and bytes that the
 * caller has. An error with one of them (a missing path, no permission, a device) is a notice, and the rest
 * follows. The consumer closes each artifact; it may do so at once. Order: that of inputs, folder by folder,
 * each folder by the bytes of its names, targets of links at the end. An abort closes artifacts not yielded
 * yet, and is thrown.
 */
export class Sources {
  readonly #inputs: readonly SourceInput[];
  readonly #options: SourceOptions;
  readonly #visited = new VisitedFiles();
  readonly #selection: FileSelection | undefined;
  readonly #opener: SourceOpener;
  #ended = false;

  constructor(inputs: readonly SourceInput[], options: SourceOptions, tuning: Tuning = {}) {
    const { spoolDir, stdin, signal, password } = options;
    this.#inputs = inputs;
    this.#options = options;
    this.#selection = FileSelection.of(options.include, options.exclude);
    this.#opener = new SourceOpener(stdin, {
      budget: new SpoolMemory(tuning.memory),
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
    yield* this.#each(this.#opener, this.#options, this.#visited);
    this.#ended = true;
  }

  /** The same source by source: a folder has many, and each may be concluded before the next is opened. */
  async *each(): AsyncGenerator<SingleSource> {
    const lister = new SourceLister(this.#opener, () => true);
    const opener = new SingleOpener(this.#opener, lister);
    for await (const found of this.#each(opener, this.#options, this.#visited))
      yield found.type === 'source' ? found : noticeSource(found);
    this.#ended = true;
  }

  /**
   * After an abort: walks the paths again and lists what was not opened. A large tree takes long: `patience`
   * aborts the walk, and is thrown.
   */
  async *left(patience: AbortSignal): AsyncGenerator<UnopenedFile | NoticeEvent> {
    if (this.#ended) return;
    const listing = new SourceLister(this.#opener, (stats) => this.#visited.has(stats));
    yield* this.#each(listing, { ...this.#options, signal: patience }, new VisitedFiles());
  }

  async *#each<T>(
    opener: InputOpener<T>,
    options: SourceOptions,
    visited: VisitedFiles,
  ): AsyncGenerator<T | NoticeEvent> {
    const walker = new Walker(options, opener, visited, this.#selection);
    for (const input of this.#inputs) yield* isGiven(input) ? opener.given(input) : walker.argument(input);
    yield* walker.links();
    if (this.#inputs.length === 0) yield* walker.noFiles('nothing to scan was named', '');
  }
}

const isGiven = (input: SourceInput): input is GivenSource => typeof input === 'object' && 'bytes' in input;
