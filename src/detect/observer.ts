import { milliseconds } from '../base/runtime/clock.js';
import type { Rule } from '../rules/types.js';

/** Watches an {@link Examiner}, to say what each rule costs. Without one nothing is counted or timed. */
export interface ExamineObserver {
  /** A hit of the literal with this index. Returns false to leave it unexamined. */
  hit(literal: number): boolean;
  /** Some hits of a rule were examined. */
  spent(rule: Rule, milliseconds: number): void;
}

/** All results of a detector, which runs to its end, so that the time of their consumer is not counted. */
export function timed<T>(observer: ExamineObserver, rule: Rule, results: Iterable<T>): readonly T[] {
  const start = milliseconds();
  const all = [...results];
  observer.spent(rule, milliseconds() - start);
  return all;
}
