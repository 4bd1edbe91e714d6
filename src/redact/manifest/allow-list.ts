import type { PlanFacts } from '../core/planner.js';
import type { WordCounts } from '../core/word-filter.js';
import type { AllowList, FillValues } from './manifest.js';

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
