import type { PlanFacts } from '../core/planner.js';
import type { WordCounts } from '../core/word-filter.js';
import type { AllowList, Fill } from './manifest.js';

/** What is filled of a dump of which only the allow list stays. */
export function fillOf({ word }: PlanFacts): Fill {
  return { byte: 0, word: `0x${'0defaced'.repeat(word / 4)}` };
}

/** The plan of `--keep backtrace`. */
export function allowListOf(kept: number, facts: PlanFacts, words: WordCounts): AllowList {
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
