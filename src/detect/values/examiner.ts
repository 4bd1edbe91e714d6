import { Secret } from '../../core/base/crypto/secret.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import { makeupText, type Step } from '../../core/base/text/steps.js';
import type { Limit } from '../../core/limits/limit.js';
import { budgetOf, type Scale } from '../../core/model/effort.js';
import type { View, Window } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import type { Accepts } from '../../sweep/values/name-search.js';
import { NarrowedRun } from '../../sweep/values/narrow.js';
import { looksRandom as isRandom, LONGEST_RUN, SHORTEST_RUN } from '../../sweep/values/random.js';
import { compileTables, type Tables, unpackTables } from '../../sweep/values/tables.js';
import { type JoinedValue, ValueJoin } from '../../sweep/values/value-join.js';
import { CONTEXT, isCutRun, isWideRun, runLength } from '../../sweep/values/value-run.js';
import type { SecretCandidate } from '../core/types.js';
import { type ExamineObserver, timed } from '../observer.js';
import { RuleBudget } from '../rule-budget.js';
import { placeholderStep } from '../text/steps.js';
import { NOT_ADJACENT } from '../text/window.js';
import { madeUp, madeUpBy } from './made-up.js';
import { FormPatterns } from './patterns.js';
import { previewOf } from './preview.js';
import { RuleQuotas } from './quotas.js';
import { byteOrder, type TextRun, textRun, windowIndex } from './text-run.js';

/** Runs of characters that look random, ascending by offset; ids as in values/value-run.ts. */
export interface ValueRunBatch {
  offsets: ArrayLike<number>;
  ids: ArrayLike<number>;
}

/** Whether `length` characters of `stride` bytes at `start` look random. */
export type LooksRandom = (bytes: Uint8Array, start: number, length: number, stride: 1 | 2) => boolean;

export interface ValueExaminerOptions {
  /** The tables of the rules, packed, if they are known: to make them takes a tenth of a second. */
  tables?: SharedArrayBuffer;
  budget?: Scale;
  /** Tests runs that the sweep did not see whole; by default as the sweep does. */
  looksRandom?: LooksRandom;
  observer?: ExamineObserver | undefined;
}

/** Runs without a name count as hits of all rows together. */
const ALL_ROWS = { id: 'named-secret:*' };

type Order = 'memory' | 'file';

/** Makes candidates of values that have a name beside them or the form of a service named near them. */
export class ValueExaminer {
  /** View of the artifact for the next runs. */
  view: View;
  readonly #rules: readonly Rule[];
  readonly #tables: Tables;
  readonly #looksRandom: LooksRandom;
  readonly #quotas: RuleQuotas;
  readonly #unnamed: RuleBudget;
  readonly #patterns = new FormPatterns();
  readonly #join = new ValueJoin();
  readonly #narrowed = new NarrowedRun();
  readonly #observer: ExamineObserver | undefined;

  constructor(
    rules: readonly Rule[],
    view: View,
    { budget = budgetOf({}), looksRandom = isRandom, tables, observer }: ValueExaminerOptions = {},
  ) {
    this.view = view;
    this.#observer = observer;
    this.#rules = rules;
    this.#tables = tables ? unpackTables(new Uint8Array(tables)) : compileTables(rules);
    this.#looksRandom = looksRandom;
    this.#quotas = new RuleQuotas(rules, budget);
    this.#unnamed = new RuleBudget(budget);
  }

  /** The candidates among the runs [start, end) of a batch. */
  *push({ offsets, ids }: ValueRunBatch, start = 0, end = offsets.length): Iterable<SecretCandidate> {
    const observer = this.#observer;
    if (observer?.countsOnly) return;
    for (let i = start; i < end; i++) {
      const run = this.#run(offsets[i]!, ids[i]!);
      yield* observer ? timed(observer, run, (found) => found[0]?.rule ?? ALL_ROWS) : run;
    }
  }

  /** Nothing is kept between batches. */
  *finish(): Iterable<SecretCandidate> {}

  /** Values that the quotas skipped. */
  limits(): Limit[] {
    return [...this.#unnamed.skippedHits(ALL_ROWS), ...this.#quotas.limits()];
  }

  *#run(offset: number, id: number): Iterable<SecretCandidate> {
    const stride = isWideRun(id) ? 2 : 1;
    const length = stride * runLength(id);
    if (this.#unnamed.isSpentAt(offset)) {
      this.#unnamed.skip(offset, length);
      return;
    }
    // A run that was cut may go on, and so may the longest one.
    const whole = !isCutRun(id) && runLength(id) < LONGEST_RUN;
    const before = stride * (CONTEXT + (whole ? 0 : LONGEST_RUN));
    const after = length + stride * (CONTEXT + (whole ? 0 : LONGEST_RUN));
    const memory = this.#examine(offset, { before, after, stride, order: 'memory' });
    if (memory === undefined) this.#unnamed.addFailed(1);
    else if (this.#isNew(memory)) yield memory;
    if (this.view.sameInBothOrders(offset, before, after)) return;
    const file = this.#examine(offset, { before, after, stride, order: 'file' });
    if (file === undefined || (memory !== undefined && overlap(memory, file))) return;
    file.notAdjacentInMemory = true;
    file.confidence = 'low';
    file.notes.push(NOT_ADJACENT);
    if (this.#isNew(file)) yield file;
  }

  /** False for a candidate that was seen before, or is beyond the quota of its rule. */
  #isNew(candidate: SecretCandidate): boolean {
    const admitted = this.#quotas.admit(candidate);
    // To find out which rule a run belongs to costs as much as a run without a name.
    if (admitted === 'spent') this.#unnamed.addFailed(1);
    return admitted === 'new';
  }

  #examine(
    offset: number,
    { before, after, stride, order }: { before: number; after: number; stride: 1 | 2; order: Order },
  ): SecretCandidate | undefined {
    const window = this.view.window(offset, before, after, order);
    const run = textRun(window, stride, this.#narrowed, this.view.textStart?.(window.bytes, window.at));
    if (run === undefined || run.end - run.start < SHORTEST_RUN) return undefined;
    const { text, start, end } = run;
    const textOf = (from: number, to: number): string =>
      Buffer.from(text.buffer, text.byteOffset + from, to - from).toString('latin1');
    const explain = this.#observer?.explain;
    explain?.(runStep(window.offsetOf(run.at), stride, textOf(start, end)));
    const accepts: Accepts = (rule, form, from, to) =>
      this.#patterns.accept(this.#rules[rule]!, form, textOf(from, to));
    const joined = this.#join.join(text, start, end, this.#tables, accepts, explain);
    if (joined === undefined) return undefined;
    const random = this.#looksRandom(window.bytes, run.at, end - start, stride);
    explain?.({ name: 'run', passed: random, text: random ? 'it looks random' : 'it does not look random' });
    if (!random) return undefined;
    const value = textOf(joined.start, joined.end);
    explain?.(joinStep(joined, value));
    const sign = madeUp(value) ?? madeUpBy(textOf(Math.max(0, joined.start - CONTEXT), joined.start));
    explain?.(placeholderStep(sign));
    return candidateOf(this.#rules[joined.rule]!, window, run, joined, value, sign);
  }
}

function candidateOf(
  rule: Rule,
  window: Window,
  run: TextRun,
  joined: JoinedValue,
  value: string,
  sign: string | undefined,
): SecretCandidate {
  const { start, end, confidence, shape, name } = joined;
  const wide =
    run.stride === 1 ? undefined : byteOrder(window, windowIndex(run, start), windowIndex(run, end));
  const first = windowIndex(run, start) - (wide === 'be' ? 1 : 0);
  const length = run.stride * (end - start);
  return {
    type: 'candidate',
    rule,
    ...{ offset: window.offsetOf(first), length, extents: window.extents(first, first + length) },
    notAdjacentInMemory: false,
    secret: new Secret(Buffer.from(value, 'latin1')),
    ...definedFields({ wide }),
    confidence: sign === undefined ? confidence : 'low',
    evidence: [`named ${name} in ${shape}`],
    notes: sign === undefined ? [] : [`looks like a placeholder: ${sign}`],
    partial: false,
    preview: previewOf(value),
  };
}

const runStep = (offset: number, stride: 1 | 2, value: string): Step => ({
  name: 'run',
  offset,
  text: `${makeupText(value)}, in ${stride === 1 ? 'single bytes' : 'UTF-16'}`,
});

/** Without the name itself, which may be part of another secret. */
const joinStep = ({ name, shape, confidence }: JoinedValue, value: string): Step => ({
  name: 'name',
  passed: true,
  text:
    `a name of ${name.length} characters in ${shape}; the value has ${makeupText(value)}; ` +
    `confidence ${confidence}`,
});

/** True if two candidates share a byte of the file. */
const overlap = (a: SecretCandidate, b: SecretCandidate): boolean =>
  a.extents.some((one) =>
    b.extents.some(
      (other) => one.offset < other.offset + other.length && other.offset < one.offset + one.length,
    ),
  );
