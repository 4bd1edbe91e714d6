import { formLength, isWideForm, literalIndex } from '../base/bytes/literal-id.js';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { View } from '../formats/memory/types.js';
import type { Limit } from '../model/report.js';
import type { Rule, RuleSet } from '../rules/types.js';
import type { Detected, Detector, Hit, HitGroup } from './core/types.js';
import { furthestOf, type Reach, reachOf } from './core/windows.js';
import { mergeOrders, placeOf } from './merge-orders.js';
import { MOST_MATCHES, Quota } from './quota.js';
import { RepeatSkip } from './repeat-skip.js';
import { detectors } from './table.js';

/** From literal hits to what the detectors make of them, each thing once for each place. */

/** Hits of one range or seam, ascending by offset; ids are 2 * literal index + (wide ? 1 : 0), as the sweep gives them. */
export interface Hits {
  offsets: ArrayLike<number>;
  ids: ArrayLike<number>;
}

/** From the first hit of a group to its last, in bytes: with the reach of a detector it fits a window. */
const SPAN_MOST = 64 * 1024;
/** Places that are remembered to tell a second sight from a first. */
const REMEMBERED = 65_536;

/** What a hit with one id is, and who looks at it. */
interface Call {
  length: number;
  wide: boolean;
  anchor: Uint8Array;
  rows: readonly Row[];
}

interface Row {
  rule: Rule;
  detector: Detector;
  reach: Reach;
  /** Hits that no detector has seen yet. */
  open: Hit[];
  /** The last bytes that were seen to repeat what came to nothing. */
  stretch: RepeatSkip | undefined;
  quota: Quota;
}

export interface ExaminerOptions {
  /** Matches of one rule that are examined; default {@link MOST_MATCHES}. */
  most?: number;
  table?: ReadonlyMap<string, Detector>;
}

/** Examines one artifact. Groups stay open from one batch to the next; `finish` examines the last of them. */
export class Examiner {
  /** Where hits are looked at from now on. */
  view: View;
  readonly #literals: RuleSet['literals'];
  /** By id, of those that were hit. */
  readonly #calls: Call[] = [];
  readonly #rows: Row[];
  readonly #seen = new RecentPlaces();

  /** Throws `unknown-detector` where a rule names one that is not in the table. */
  constructor(rules: RuleSet, view: View, { most = MOST_MATCHES, table = detectors }: ExaminerOptions = {}) {
    this.view = view;
    this.#literals = rules.literals;
    this.#rows = rules.rules.map((rule) => {
      const detector = table.get(rule.detector);
      if (detector === undefined)
        throw new DumpsieveError({
          code: 'unknown-detector',
          message: `${rule.source}: rule ${rule.id} names the detector "${rule.detector}"`,
          hint: `detectors: ${[...table.keys()].join(', ')}`,
        });
      return {
        rule,
        detector,
        reach: reachOf(rule, detector.reach),
        open: [],
        stretch: undefined,
        quota: new Quota(most),
      };
    });
  }

  #call(id: number): Call | undefined {
    const literal = this.#literals[literalIndex(id)];
    if (literal === undefined) return undefined;
    const { bytes, rules } = literal;
    const wide = isWideForm(id);
    const length = formLength(bytes.length, wide);
    const call: Call = { length, wide, anchor: bytes, rows: rules.map((index) => this.#rows[index]!) };
    this.#calls[id] = call;
    return call;
  }

  /** What the hits of this batch, or those of it from `start` to `end`, give, as far as no later hit can belong to them. */
  *push({ offsets, ids }: Hits, start = 0, end = offsets.length): Iterable<Detected> {
    for (let i = start; i < end; i++) {
      const call = this.#calls[ids[i]!] ?? this.#call(ids[i]!);
      if (call === undefined) continue;
      const { length, wide, anchor, rows } = call;
      const offset = offsets[i]!;
      // The last hit that is a copy for all who look at it.
      let last = Number.POSITIVE_INFINITY;
      for (const row of rows) {
        if (row.open.length > 0 && !joins(row, offset, length)) yield* this.#close(row);
        if (row.stretch?.holds(offset, length, this.view)) {
          last = Math.min(last, row.open.length > 0 ? 0 : row.stretch.lastOf(length));
          continue;
        }
        last = 0;
        if (row.quota.spentAt(offset)) row.quota.skip(offset, length);
        else row.open.push({ offset, length, wide, anchor });
      }
      // A flood is millions of hits of one literal.
      if (last > offset)
        for (const id = ids[i]; i + 1 < end && ids[i + 1] === id && offsets[i + 1]! <= last; ) i++;
    }
    const last = offsets[end - 1];
    if (last === undefined) return;
    for (const row of this.#rows) if (row.open.length > 0 && !joins(row, last, 0)) yield* this.#close(row);
  }

  /** What the hits that are left give. */
  *finish(): Iterable<Detected> {
    for (const row of this.#rows) yield* this.#close(row);
  }

  *#close(row: Row): Iterable<Detected> {
    const hits = row.open;
    if (hits.length === 0) return;
    row.open = [];
    let idle = true;
    for (const detected of this.#group(row, hits)) {
      idle = false;
      if (!this.#seen.add(detected)) continue;
      row.quota.take(detected);
      yield detected;
    }
    if (!idle) return;
    row.quota.idle(hits.length);
    row.stretch = RepeatSkip.of(hits, this.view, furthestOf(row.rule, row.detector)) ?? row.stretch;
  }

  /** Hits that were counted and not examined. */
  limits(): Limit[] {
    return this.#rows.flatMap(({ rule, quota }) => [...quota.limits(rule)]);
  }

  /** In memory's order first; in the file's where it is another, for what is whole only there. */
  *#group({ rule, detector, reach }: Row, hits: readonly Hit[]): Iterable<Detected> {
    const group: HitGroup = { rule, hits, view: this.view, order: 'memory' };
    const [first, last] = [hits[0]!, hits[hits.length - 1]!];
    const span = last.offset + last.length - first.offset;
    if (this.view.plain(first.offset, reach.before, span + reach.after)) {
      yield* detector.examine(group);
      return;
    }
    const memory = [...detector.examine(group)];
    const file = [...detector.examine({ ...group, order: 'file' })];
    yield* mergeOrders(memory, file);
  }
}

/** The hits of one batch by themselves. */
export function* examine(hits: Hits, rules: RuleSet, view: View): Iterable<Detected> {
  const examiner = new Examiner(rules, view);
  yield* examiner.push(hits);
  yield* examiner.finish();
}

/** One window serves the hit and the open group. A hit before the group (a seam's batch) begins another. */
function joins({ open, reach }: Row, offset: number, length: number): boolean {
  const [first, last] = [open[0], open[open.length - 1]];
  if (first === undefined || last === undefined) return true;
  return (
    offset >= last.offset &&
    offset - reach.before <= last.offset + last.length + reach.after &&
    offset + length - first.offset <= SPAN_MOST
  );
}

/** What decides whether a finding counts. */
function standingOf(detected: Detected): string {
  if (detected.type === 'public') return '';
  const { kind, severity, confidence, rule } = detected;
  return `${kind ?? rule.kind} ${severity ?? rule.severity} ${confidence}`;
}

/** The last places that something was found at, in two generations, so that a flood costs no more memory than they do. */
class RecentPlaces {
  #young = new Set<string>();
  #old = new Set<string>();

  /** False where what counts in the same cases was found at the same place before. Which of two rules does is not known here. */
  add(detected: Detected): boolean {
    const place = `${standingOf(detected)} ${placeOf(detected)}`;
    if (this.#young.has(place) || this.#old.has(place)) return false;
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(place);
    return true;
  }
}
