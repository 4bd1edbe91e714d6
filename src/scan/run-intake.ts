import type { Pausing } from '../core/base/runtime/turns.js';
import type { NumberSearch } from '../search/session/number-search.js';
import { TEXT_RUNS } from '../sweep/runs/hex.js';
import { RecordReader } from '../sweep/runs/records.js';
import { type JoinedRun, RunJoiner } from '../sweep/runs/run-joiner.js';
import { TextReader } from '../sweep/runs/text-records.js';
import { SHORTEST_TEXT } from '../sweep/runs/texts.js';
import type { HitBatch } from '../sweep/types.js';

/** A batch: records extracted by the sweep, and runs not extracted yet, all in file order. */
export type Batch = Pick<HitBatch, 'runs' | 'digits' | 'texts' | 'numbers' | 'decoded' | 'to'>;

/** Bytes of the file whose records are passed on between two pauses. */
const STEP = 1 << 16;

/** Passes numbers and texts of batches to a search, with the runs that the batches have cut joined. */
export class RunIntake {
  readonly #joiner = new RunJoiner();
  readonly #digitJoiner = new RunJoiner();
  readonly #textJoiner = new RunJoiner({ unit: 1, shortest: SHORTEST_TEXT });
  /** Opened at its first use. */
  readonly #search: () => NumberSearch;

  constructor(search: () => NumberSearch) {
    this.#search = search;
  }

  *push({ runs, digits, texts, numbers, decoded, to }: Batch): Pausing<never> {
    const records = numbers && numbers.byteLength > 0 ? new RecordReader(numbers) : undefined;
    for (const run of runs ? this.#joiner.push(runs, to) : []) {
      if (records) yield* this.#take(records, run.offset);
      this.#search().add(run);
    }
    if (records) yield* this.#take(records);
    for (const run of digits ? this.#digitJoiner.push(digits, to) : []) this.#search().addEngineDigits(run);
    const members = decoded && decoded.byteLength > 0 ? new TextReader(decoded) : undefined;
    for (const text of texts ? this.#textJoiner.push(texts, to) : []) {
      if (members) this.#search().takeTexts(members, text.offset);
      this.#addText(text);
    }
    if (members) this.#search().takeTexts(members);
  }

  /** Records of the runs that begin before `limit`. */
  *#take(records: RecordReader, limit = Number.POSITIVE_INFINITY): Pausing<never> {
    for (let at = records.next; at !== undefined && at < limit; at = records.next) {
      this.#search().take(records, Math.min(limit, at + STEP));
      yield;
    }
  }

  /** Runs at the end of the last batch. */
  finish(): void {
    for (const run of this.#joiner.finish()) this.#search().add(run);
    for (const run of this.#digitJoiner.finish()) this.#search().addEngineDigits(run);
    for (const text of this.#textJoiner.finish()) this.#addText(text);
  }

  #addText({ offset, words: characters }: JoinedRun): void {
    if (TEXT_RUNS[characters]) this.#search().addText(offset, characters);
  }
}
