import type { CauseTally } from '../all/fills.js';
import type { Fill } from '../core/fill.js';
import type { WordCounts } from '../core/plan.js';
import type { PlanFacts } from '../core/planner.js';
import {
  type AllowList,
  type FillCause,
  type FillList,
  type FillValues,
  fillList,
  type ManifestDetail,
} from './manifest.js';

/** The plan of `--keep all`. `extents`: ascending and disjoint. */
export function fillListOf(
  detail: ManifestDetail,
  tallies: readonly CauseTally[],
  extents: Iterable<Fill>,
): FillList {
  const causes = new Map<string, Required<FillCause>>(
    tallies.map(({ cause, places, bytes }) => [cause, { cause, places, bytes, extents: [] }]),
  );
  for (const { cause, offset, length } of extents) {
    const { extents: ofCause } = causes.get(cause)!;
    const last = ofCause.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += length;
    else ofCause.push({ offset, length });
  }
  return fillList(detail, [...causes.values()]);
}

/** What is filled of a dump of which only the allow list stays. */
export function fillOf({ word, heap, textFill: text }: PlanFacts): FillValues {
  if (heap !== undefined) return { byte: 0, ...(text === undefined ? {} : { text }) };
  return { byte: 0, word: `0x${'0defaced'.repeat(word / 4)}` };
}

/** The plan of `--keep backtrace`. */
export function allowListOf(kept: number, facts: PlanFacts, words: WordCounts): AllowList {
  if (facts.heap !== undefined) return { kind: 'allow-list', kept, counts: { ...facts.heap } };
  return {
    kind: 'allow-list',
    kept,
    counts: {
      threads: facts.threads,
      threadsWithoutStack: facts.withoutStack,
      modules: facts.modules,
      stackWords: words.words,
      codeAddresses: words.code,
      stackAddresses: words.stack,
      replacedWords: words.dropped,
    },
  };
}
