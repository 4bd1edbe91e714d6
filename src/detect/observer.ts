import { milliseconds } from '../base/runtime/clock.js';
import type { Rule } from '../rules/types.js';
import type { Explain, Step } from './core/steps.js';

/** Watches an {@link Examiner}, to say what each rule costs. Without one nothing is counted or timed. */
export interface ExamineObserver {
  /** A hit of the literal with this index. Returns false to leave it unexamined. */
  hit(literal: number, offset: number, wide: boolean, anchor: Uint8Array): boolean;
  /** Some hits of a rule were examined. */
  spent(rule: Rule, milliseconds: number): void;
  /** Receives the steps of each decision. */
  explain?: Explain;
}

/** All results of a detector, which runs to its end, so that the time of their consumer is not counted. */
export function timed<T>(observer: ExamineObserver, rule: Rule, results: Iterable<T>): readonly T[] {
  const start = milliseconds();
  const all = [...results];
  observer.spent(rule, milliseconds() - start);
  if (observer.explain) observer.explain(detectorStep(rule, all.length));
  return all;
}

const detectorStep = ({ detector }: Rule, found: number): Step => ({
  name: 'detector',
  passed: found > 0,
  text: found > 0 ? `${detector} has ${found} candidates` : `${detector} has no candidate`,
});
