import type { BigIntStats } from 'node:fs';
import { escapeText } from '../core/base/text/escape.js';
import { FIFO_LOOKS, type Meeting } from './file-events.js';
import { VisitedFiles } from './file-system.js';
import { names, type WalkName } from './names.js';
import { type InputOpener, SourceLister, SourceOpener, type UnopenedFile } from './opener.js';
import { FileSelection } from './selection.js';
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

/** One file or stream, or bytes that a caller has, with its members: not opened yet. */
interface SingleSource {
  type: 'source';
  /** The path that its artifacts begin with. */
  path: string;
  /** To be read to its end before the next source is asked for. */
  open(): AsyncGenerator<SourceEvent>;
  /** After an abort: the source, if it was not opened. */
  left(): AsyncGenerator<UnopenedFile | NoticeEvent>;
}

/** A notice of the walk, which belongs to no file. */
const noticeSource = (event: NoticeEvent): SingleSource => ({
  type: 'source',
  path: event.notice.path,
  async *open() {
    yield event;
  },
  async *left() {},
});

/** Yields what a walk finds source by source, so that each can be concluded before the next is opened. */
class SingleOpener implements InputOpener<SingleSource> {
  readonly #opener: SourceOpener;
  readonly #lister: SourceLister;

  constructor(opener: SourceOpener, lister: SourceLister) {
    this.#opener = opener;
    this.#lister = lister;
  }

  async *file(name: WalkName, meeting: Meeting, stats: BigIntStats): AsyncGenerator<SingleSource> {
    yield this.#single(
      names.show(name),
      () => this.#opener.file(name, meeting, stats),
      () => this.#lister.file(name, meeting, stats),
    );
  }

  async *pipe(
    name: WalkName,
    inherited: number | undefined,
    stats: BigIntStats,
  ): AsyncGenerator<SingleSource> {
    yield this.#single(
      names.show(name),
      () => this.#opener.pipe(name, inherited, stats),
      () => this.#lister.pipe(name, inherited, stats),
    );
  }

  async *standardInput(shown: string): AsyncGenerator<SingleSource> {
    yield this.#single(
      shown,
      () => this.#opener.standardInput(shown),
      () => this.#lister.standardInput(shown),
    );
  }

  async *given(source: GivenSource): AsyncGenerator<SingleSource> {
    yield this.#single(
      escapeText(source.name),
      () => this.#opener.given(source),
      () => this.#lister.given(source),
    );
  }

  #single(
    path: string,
    open: SingleSource['open'],
    left: () => AsyncGenerator<UnopenedFile | NoticeEvent>,
  ): SingleSource {
    const passed = () => this.#opener.passed();
    return {
      type: 'source',
      path,
      open,
      async *left() {
        yield* left();
        passed();
      },
    };
  }
}
