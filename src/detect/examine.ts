import { formLength, isWideForm, literalIndex } from '../core/base/bytes/literal-id.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import type { Limit } from '../core/limits/limit.js';
import { budgetOf, type Scale } from '../core/model/effort.js';
import type { View } from '../formats/memory/types.js';
import type { Rule, RuleSet } from '../rules/types.js';
import type { Detected, Detector, Hit, HitGroup } from './core/types.js';
import { maxReachOf, type Reach, reachOf } from './core/windows.js';
import { DuplicateFilter } from './duplicates.js';
import { mergeOrders } from './merge-orders.js';
import { detectorStep, type ExamineObserver, timed } from './observer.js';
import { RepeatSkip } from './repeat-skip.js';
import { RuleBudget } from './rule-budget.js';
import { detectors } from './table.js';

/** Literal hits of one range or seam, ascending by offset; ids as in base/bytes/literal-id.ts. */
export interface Hits {
  offsets: ArrayLike<number>;
  ids: ArrayLike<number>;
}

/**
 * Upper bound in bytes from the first hit of a group to its last; together with the reach it fits a window.
 */
const MAX_SPAN = 64 * 1024;

/** The literal form of an id, and the rules that it triggers. */
interface Form {
  length: number;
  wide: boolean;
  anchor: Uint8Array;
  states: readonly RuleState[];
}

interface RuleState {
  rule: Rule;
  detector: Detector;
  reach: Reach;
  /** The open group: hits not examined yet. */
  open: Hit[];
  /** The last periodic range of failed hits. */
  repeats: RepeatSkip | undefined;
  quota: RuleBudget;
}

export interface ExaminerOptions {
  /** Budgets for matches and failed hits of one rule; by default the usual ones. */
  budget?: Scale;
  /** Matches of one rule, instead of those of the budget. */
  maxMatches?: number;
  table?: ReadonlyMap<string, Detector>;
  observer?: ExamineObserver | undefined;
}

/** Tables of detectors by the rules that were checked with them: there is an examiner for each artifact. */
const checked = new WeakMap<RuleSet, ReadonlyMap<string, Detector>>();

/** Examines one artifact. Groups stay open across batches until `finish`. */
export class Examiner {
  /** View of the artifact for the next hits. */
  view: View;
  readonly #literals: RuleSet['literals'];
  /** Forms by id; filled at the first hit. */
  readonly #forms: Form[] = [];
  readonly #rules: RuleSet['rules'];
  /** State by index of the rule; made at its first hit. */
  readonly #states: (RuleState | undefined)[] = [];
  /** All that were made, in the order of the rules. */
  #used: readonly RuleState[] = [];
  readonly #make: (rule: Rule) => RuleState;
  readonly #duplicates = new DuplicateFilter();
  readonly #observer: ExamineObserver | undefined;

  /** Throws `unknown-detector` if a rule's detector is not in the table. */
  constructor(
    rules: RuleSet,
    view: View,
    { budget = budgetOf({}), maxMatches: most, table = detectors, observer }: ExaminerOptions = {},
  ) {
    this.view = view;
    this.#observer = observer;
    this.#literals = rules.literals;
    this.#rules = rules.rules;
    const detectorOf = (rule: Rule): Detector => {
      const detector = table.get(rule.detector);
      if (detector !== undefined) return detector;
      throw new DumpsieveError({
        code: 'unknown-detector',
        message: `${rule.source}: rule ${rule.id} names the detector "${rule.detector}"`,
        hint: `detectors: ${[...table.keys()].join(', ')}`,
      });
    };
    if (checked.get(rules) !== table) rules.rules.forEach(detectorOf);
    checked.set(rules, table);
    this.#make = (rule) => {
      const detector = detectorOf(rule);
      const quota = new RuleBudget(budget, most);
      return { rule, detector, reach: reachOf(rule, detector.reach), open: [], repeats: undefined, quota };
    };
  }

  #state(index: number): RuleState {
    const known = this.#states[index];
    if (known !== undefined) return known;
    const state = this.#make(this.#rules[index]!);
    this.#states[index] = state;
    this.#used = Object.values(this.#states) as RuleState[];
    return state;
  }

  #form(id: number): Form | undefined {
    const literal = this.#literals[literalIndex(id)];
    if (literal === undefined) return undefined;
    const { bytes, rules } = literal;
    const wide = isWideForm(id);
    const length = formLength(bytes.length, wide);
    const form: Form = { length, wide, anchor: bytes, states: rules.map((index) => this.#state(index)) };
    this.#forms[id] = form;
    return form;
  }

  /** Adds the hits [start, end) of a batch; yields the detections of groups that no later hit can join. */
  *push({ offsets, ids }: Hits, start = 0, end = offsets.length): Iterable<Detected> {
    for (let i = start; i < end; i++) {
      const form = this.#forms[ids[i]!] ?? this.#form(ids[i]!);
      if (form === undefined) continue;
      const { length, wide, anchor, states } = form;
      const offset = offsets[i]!;
      if (this.#observer?.hit(literalIndex(ids[i]!), offset, wide, anchor) === false) continue;
      // Last offset whose hit is a copy of failed hits for every rule of this literal.
      let lastCopy = Number.POSITIVE_INFINITY;
      for (const state of states) {
        if (state.open.length > 0 && !joins(state, offset, length)) yield* this.#close(state);
        if (state.repeats?.covers(offset, length, this.view)) {
          lastCopy = Math.min(lastCopy, state.open.length > 0 ? 0 : state.repeats.lastCovered(length));
          continue;
        }
        lastCopy = 0;
        if (state.quota.isSpentAt(offset)) state.quota.skip(offset, length);
        else state.open.push({ offset, length, wide, anchor });
      }
      // Skips millions of hits in a flood of one literal.
      if (lastCopy > offset)
        for (const id = ids[i]; i + 1 < end && ids[i + 1] === id && offsets[i + 1]! <= lastCopy; ) i++;
    }
    const lastOffset = offsets[end - 1];
    if (lastOffset === undefined) return;
    for (const state of this.#used)
      if (state.open.length > 0 && !joins(state, lastOffset, 0)) yield* this.#close(state);
  }

  /** Detections of the open groups. */
  *finish(): Iterable<Detected> {
    for (const state of this.#used) yield* this.#close(state);
  }

  *#close(state: RuleState): Iterable<Detected> {
    const hits = state.open;
    if (hits.length === 0) return;
    state.open = [];
    let failed = true;
    for (const detected of this.#observed(state, hits)) {
      failed = false;
      if (!this.#duplicates.add(detected)) continue;
      state.quota.addMatch(detected);
      yield detected;
    }
    if (!failed) return;
    state.quota.addFailed(failures(state.detector, hits));
    state.repeats = RepeatSkip.of(hits, this.view, maxReachOf(state.rule, state.detector)) ?? state.repeats;
  }

  #observed(state: RuleState, hits: readonly Hit[]): Iterable<Detected> {
    const group = this.#group(state, hits);
    if (this.#observer === undefined) return group;
    const found = timed(this.#observer, group, () => state.rule);
    this.#observer.explain?.(detectorStep(state.rule, found.length));
    return found;
  }

  /** Hits that the quotas skipped. */
  limits(): Limit[] {
    return this.#used.flatMap(({ rule, quota }) => [...quota.skippedHits(rule)]);
  }

  /** Hits around which not all was read. */
  shortened(): Limit[] {
    return this.#used.flatMap(({ rule, quota }) => [...quota.shortenedHits(rule)]);
  }

  /** Examines a group in memory order, and in file order too if that differs. */
  *#group({ rule, detector, reach, quota }: RuleState, hits: readonly Hit[]): Iterable<Detected> {
    const group: HitGroup = {
      ...{ rule, hits, view: this.view, order: 'memory' },
      shortened: ({ offset, length }) => quota.shorten(offset, length),
      explain: this.#observer?.explain,
    };
    const [firstHit, lastHit] = [hits[0]!, hits[hits.length - 1]!];
    const span = lastHit.offset + lastHit.length - firstHit.offset;
    if (this.view.sameInBothOrders(firstHit.offset, reach.before, span + reach.after)) {
      yield* detector.examine(group);
      return;
    }
    const memory = [...detector.examine(group)];
    const file = [...detector.examine({ rule, hits, view: this.view, order: 'file' })];
    yield* mergeOrders(memory, file);
  }
}

/** Detections of a single batch. */
export function* examine(hits: Hits, rules: RuleSet, view: View): Iterable<Detected> {
  const examiner = new Examiner(rules, view);
  yield* examiner.push(hits);
  yield* examiner.finish();
}

/** True if the hit shares a window with the open group. A hit before the group (of a seam) starts another. */
function joins({ open, reach }: RuleState, offset: number, length: number): boolean {
  const [firstHit, lastHit] = [open[0], open[open.length - 1]];
  if (firstHit === undefined || lastHit === undefined) return true;
  return (
    offset >= lastHit.offset &&
    offset - reach.before <= lastHit.offset + lastHit.length + reach.after &&
    offset + length - firstHit.offset <= MAX_SPAN
  );
}

/** What failed hits count for in the quota. */
function failures({ bytesOfHit }: Detector, hits: readonly Hit[]): number {
  const span = hits.at(-1)!.offset - hits[0]!.offset;
  return bytesOfHit === undefined ? hits.length : Math.min(hits.length, 1 + Math.floor(span / bytesOfHit));
}
