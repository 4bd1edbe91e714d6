import { milliseconds } from '../core/base/runtime/clock.js';
import type { Explain, Step } from '../core/base/text/steps.js';
import type { Rule } from '../rules/types.js';

/** Watches an {@link Examiner}, to say what each rule costs. Without one nothing is counted or timed. */
export interface ExamineObserver {
  /** A hit of the literal with this index. Returns false to leave it unexamined. */
  hit(literal: number, offset: number, wide: boolean, anchor: Uint8Array): boolean;
  /** Some hits of a rule were examined; of values without a name all rows together (`named-secret:*`). */
  spent(rule: Pick<Rule, 'id'>, milliseconds: number): void;
  /** It only counts hits: values are not examined. */
  countsOnly?: boolean;
  /** Receives the steps of each decision. */
  explain?: Explain;
}

/**
 * All results of a detector, which runs to its end, so that the time of their consumer is not counted.
 * `ruleOf`: whose time it is.
 */
export function timed<T>(
  observer: ExamineObserver,
  results: Iterable<T>,
  ruleOf: (results: readonly T[]) => Pick<Rule, 'id'>,
): readonly T[] {
  const start = milliseconds();
  const all = [...results];
  observer.spent(ruleOf(all), milliseconds() - start);
  return all;
}

/** Reports how many candidates a detector has, whatever its steps are. */
export const detectorStep = ({ detector }: Rule, found: number): Step => ({
  name: 'detector',
  passed: found > 0,
  text:
    found > 0
      ? `${detector} has ${found} candidate${found === 1 ? '' : 's'}`
      : `${detector} has no candidate`,
});
