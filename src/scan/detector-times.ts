import type { Stopwatch } from '../core/options/stopwatch.js';
import type { ExamineObserver } from '../detect/observer.js';
import type { Rulebook } from '../detect/rulebook/rulebook.js';

/** Adds the time of each group of hits to that of the detector of its rule. */
export function detectorTimes({ rules }: Rulebook, stopwatch: Stopwatch): ExamineObserver {
  const detectors = new Map(rules.rules.map(({ id, detector }) => [id, detector]));
  return {
    hit: () => true,
    spent: ({ id }, milliseconds) => stopwatch.add('detectors', [[detectors.get(id) ?? id, milliseconds]]),
  };
}
