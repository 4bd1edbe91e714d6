import type { Pausing } from '../../../core/base/runtime/turns.js';
import { defineJob } from '../../../sweep/job.js';
import type { Threads } from '../../memory/types.js';
import type { Classes } from '../records/classes.js';
import type { HprofFile } from '../records/file.js';
import type { IdTable } from './id-table.js';
import { type FieldColumns, FieldTable, type Layouts } from './layouts.js';
import type { ObjectIndex } from './object-index.js';
import { type ReferenceList, ReversePass } from './reverse-pass.js';
import { type PassTask, referencesIn } from './reverse-pass-job.js';
import { walkObjects } from './walk-objects.js';

const PASS_JOB = defineJob<typeof import('./reverse-pass-job.js')>(
  new URL('./reverse-pass-job.js', import.meta.url),
);

/** Bytes of a task: some hundredths of a second. */
const TASK = 2 ** 24;
/** Bytes from which on a part, which then has a large array, is walked with pauses. */
const LONG = 4 * TASK;
/** Classes between two pauses. */
const SOME = 16;

/** Passes over all objects, in tasks whose outputs are merged in file order. */
export class HeapPasses {
  readonly #file: HprofFile;
  readonly #classes: Classes;
  readonly #layouts: Layouts;
  readonly #index: ObjectIndex;
  readonly #threads: Threads | undefined;

  /** `index`: of all objects, once it is complete. `threads`: without them all tasks run on this one. */
  constructor(
    file: HprofFile,
    classes: Classes,
    layouts: Layouts,
    index: ObjectIndex,
    threads: Threads | undefined,
  ) {
    this.#file = file;
    this.#classes = classes;
    this.#layouts = layouts;
    this.#index = index;
    this.#threads = threads;
  }

  /** References to objects, those of static fields first. */
  *references(targets: IdTable): Pausing<never, ReferenceList> {
    const fields = this.#layouts.columns();
    const all = yield* this.#statics(targets, fields);
    let short: PassTask[] = [];
    for (const part of this.#index.parts(this.#threads?.taskSize ?? TASK)) {
      const isLong = part.until - part.from.offset >= LONG;
      if (!isLong) short.push({ part, targets: targets.share(), fields });
      else {
        yield* this.#run(short, all);
        short = [];
        const pass = new ReversePass(this.#file, targets, new FieldTable(fields, this.#isWide));
        yield* walkObjects(this.#file, part.from, part.until, pass);
        all.append(pass.hits.columns());
      }
    }
    yield* this.#run(short, all);
    return all;
  }

  get #isWide(): boolean {
    return this.#file.header.idSize === 8;
  }

  *#statics(targets: IdTable, fields: FieldColumns): Pausing<never, ReferenceList> {
    const pass = new ReversePass(this.#file, targets, new FieldTable(fields, this.#isWide));
    let count = 0;
    for (const offset of this.#classes.offsets()) {
      pass.statics(this.#file, offset);
      if (++count % SOME === 0) yield;
    }
    return pass.hits;
  }

  *#run(tasks: readonly PassTask[], all: ReferenceList): Pausing<never> {
    const here = (task: PassTask) => referencesIn(this.#file, task);
    if (this.#threads === undefined)
      for (const task of tasks) {
        all.append(here(task));
        yield;
      }
    else {
      const { storage, tasks: pool } = this.#threads;
      const { header } = this.#file;
      const inputs = tasks.map((task) => ({ ...task, storage, header })).values();
      for (const output of pool.map(PASS_JOB, inputs, here)) {
        if (output !== undefined) all.append(output);
        yield;
      }
    }
  }
}
