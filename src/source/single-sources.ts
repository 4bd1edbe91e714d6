import type { BigIntStats } from 'node:fs';
import { escapeText } from '../core/base/text/escape.js';
import type { Meeting } from './file-events.js';
import { names, type WalkName } from './names.js';
import type { InputOpener, SourceLister, SourceOpener, UnopenedFile } from './opener.js';
import type { GivenSource, NoticeEvent, SourceEvent } from './types.js';

/** One file or stream, or bytes that a caller has, with its members: not opened yet. */
export interface SingleSource {
  type: 'source';
  /** The path that its artifacts begin with. */
  path: string;
  /** To be read to its end before the next source is asked for. */
  open(): AsyncGenerator<SourceEvent>;
  /** After an abort: the source, if it was not opened. */
  left(): AsyncGenerator<UnopenedFile | NoticeEvent>;
}

/** A notice of the walk, which belongs to no file. */
export const noticeSource = (event: NoticeEvent): SingleSource => ({
  type: 'source',
  path: event.notice.path,
  async *open() {
    yield event;
  },
  async *left() {},
});

/** Yields what a walk finds source by source, so that each can be concluded before the next is opened. */
export class SingleOpener implements InputOpener<SingleSource> {
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
