import type { ByteReader } from '../../core/base/bytes/storage.js';
import { readBytes } from '../../formats/memory/read.js';
import { TEXT_FILL } from '../core/fill.js';
import type { Maker } from '../core/plan.js';
import { readAll } from '../core/planned-reader.js';
import type { PlanFacts, PlanRequest } from '../core/planner.js';
import { refusals } from '../core/refusals.js';
import { INVALID, StringSection } from './sections.js';
import { LONGEST, otherName, SnapshotSurvey } from './survey.js';

/** Plans a copy of a heap snapshot of V8: the graph and its names, without the texts of values. */
export async function planSnapshot({ reader, plan, hashNames, pause }: PlanRequest): Promise<PlanFacts> {
  const survey = await SnapshotSurvey.of(reader, hashNames, pause);
  plan.make({ offset: 0, length: reader.length }, new SnapshotCopy(reader, survey));
  return {
    word: 8,
    threads: 0,
    withoutStack: 0,
    modules: 0,
    memory: { described: reader.length, present: reader.length, missing: [] },
    heap: survey.heap,
    textFill: TEXT_FILL,
  };
}

const CHUNK = 2 ** 20;
const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/**
 * The copy of a snapshot: its numbers, and strings that are names; others are filled between their quotes.
 * Strings have no index: a read before the end of the last one starts again at the first string.
 */
class SnapshotCopy implements Maker {
  readonly #reader: ByteReader;
  readonly #survey: SnapshotSurvey;
  #section = this.#newSection();
  /** Offset of the next byte for the section. */
  #next: number;
  /** The bytes that the section reads and that are changed in place, and their offset. */
  #bytes: Uint8Array = new Uint8Array();
  #base = 0;
  #filled = 0;
  /** Of the string that was begun last: if it stays, what takes its place, and its offset. */
  #isKept = true;
  #other: Buffer | undefined;
  #start = 0;

  constructor(reader: ByteReader, survey: SnapshotSurvey) {
    this.#reader = reader;
    this.#survey = survey;
    this.#next = survey.strings.offset;
  }

  make(offset: number, target: Uint8Array): number {
    const { strings } = this.#survey;
    const from = Math.max(offset, strings.offset);
    const to = Math.min(offset + target.length, strings.offset + strings.length);
    readAll(this.#reader, offset, target);
    if (from >= to) return target.length;
    this.#seek(from);
    this.#filled = 0;
    this.#fill(from, target.subarray(from - offset, to - offset));
    return target.length - this.#filled;
  }

  #seek(offset: number): void {
    if (offset < this.#next) {
      this.#next = this.#survey.strings.offset;
      this.#section = this.#newSection();
    }
    while (this.#next < offset) {
      const skipped = new Uint8Array(Math.min(CHUNK, offset - this.#next));
      readAll(this.#reader, this.#next, skipped);
      this.#fill(this.#next, skipped);
    }
  }

  #fill(offset: number, bytes: Uint8Array): void {
    this.#base = offset;
    this.#bytes = bytes;
    this.#next = offset + bytes.length;
    const end = this.#section.feed(bytes, 0);
    if (end === INVALID || (end >= 0 && end < bytes.length)) throw refusals.snapshotForm(offset);
  }

  #newSection(): StringSection {
    return new StringSection({
      begin: (number, at) => {
        const { kept, replaced } = this.#survey;
        this.#start = this.#base + at;
        this.#other = replaced.has(number) ? this.#replacement(this.#start) : undefined;
        this.#isKept = kept.has(number) && (this.#other !== undefined || !replaced.has(number));
      },
      piece: (from, to) => {
        if (!this.#isKept) {
          this.#bytes.fill(TEXT_FILL, from, to);
          this.#filled += to - from;
        } else if (this.#other !== undefined) {
          const at = this.#base + from - this.#start;
          this.#bytes.set(this.#other.subarray(at, at + to - from), from);
        }
      },
      end: () => undefined,
    });
  }

  /** What takes the place of the string at an offset; undefined if it is too long for a name. */
  #replacement(offset: number): Buffer | undefined {
    const text = Buffer.from(readBytes(this.#reader, offset, LONGEST));
    let end = 0;
    while (end < text.length && text[end] !== QUOTE) end += text[end] === BACKSLASH ? 2 : 1;
    return end < text.length ? otherName(text.subarray(0, end)) : undefined;
  }
}
