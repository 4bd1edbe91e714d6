import { hash } from 'node:crypto';
import type { Pausing } from '../../core/base/runtime/turns.js';
import type { EvidenceNear } from '../../detect/chance/evidence-near.js';
import { atLeast, attainable } from '../../detect/chance/poisson.js';
import { oddsOf } from '../../detect/chance/rule-odds.js';
import type { ValueCount } from '../../detect/chance/value-census.js';
import type { SecretCandidate } from '../../detect/core/types.js';
import type { View } from '../../formats/memory/types.js';
import type { Rule } from '../../rules/types.js';
import type { Settled } from './key-judge.js';

/** Probability up to which chance does not explain the matches of a rule. */
const SIGNIFICANCE = 0.05;
/**
 * Matches by chance, of all rules together, up to which {@link SIGNIFICANCE} alone decides: 2,400 ids have no
 * more. Beyond, {@link FAMILY} bounds false alarms.
 */
const FEW = 0.15;
/**
 * Expected false alarms of an artifact with many random values, all rules together. Each of 200 rules has its
 * unlikely matches: with 0.05 divided by the expected matches there were 0.35 in 200,000 values.
 */
const FAMILY = 0.01;
/** Matches of one artifact that wait for its census; further ones are reported as they are. */
const MOST_WAITING = 20_000;

/** The matches of one rule whose only evidence is its pattern. */
interface Group {
  rule: Rule;
  waiting: Settled[];
  /** Digests of the distinct values. */
  values: Set<string>;
}

/** How many distinct matches of a rule there are, how many chance explains, and of how many values. */
interface Test {
  rule: Rule;
  found: number;
  expected: number;
  values: number;
  /** Probability of at least as many by chance. */
  probability: number;
}

/** True if only the pattern of its rule says that a candidate is a secret, and random text may match it. */
function restsOnPattern({ candidate, verdict }: Settled): boolean {
  const { rule, confidence, evidence, material } = candidate;
  if (rule.detector !== 'text' || material !== undefined) return false;
  if (confidence !== 'medium' || evidence.length > 0) return false;
  return verdict.proof === undefined && !verdict.verifiesToken && oddsOf(rule).isWeak;
}

/**
 * Judges matches of short prefixes by the random values that the artifact holds: if these alone are likely to
 * have as many matches, confidence and severity are low.
 */
export class ChanceJudge {
  readonly #near: () => EvidenceNear;
  readonly #rules: readonly Rule[];
  readonly #groups = new Map<Rule, Group>();
  #waiting = 0;

  /** `near`: called at the first match, which most artifacts lack. `rules`: all that are in use. */
  constructor(near: () => EvidenceNear, rules: readonly Rule[]) {
    this.#near = near;
    this.#rules = rules;
  }

  /** True if it keeps the candidate until {@link settle}. */
  keeps(settled: Settled, view: View): boolean {
    const { candidate } = settled;
    if (!restsOnPattern(settled) || this.#waiting >= MOST_WAITING) return false;
    if (this.#near().has(candidate, view)) return false;
    const { rule } = candidate;
    const group = this.#groups.get(rule) ?? { rule, waiting: [], values: new Set() };
    this.#groups.set(rule, group);
    group.waiting.push(settled);
    group.values.add(hash('sha256', candidate.secret.reveal(), 'base64'));
    this.#waiting++;
    return true;
  }

  /** The candidates that were kept, judged by the values of the whole artifact. */
  *settle(census: () => readonly ValueCount[]): Pausing<Settled> {
    if (this.#waiting === 0) return;
    const counts = census();
    const tests = new Map(Array.from(this.#groups.values(), (group) => [group.rule, testOf(group, counts)]));
    const expected = yield* this.#expectedOf(tests, counts);
    for (const { rule, waiting } of this.#groups.values()) {
      const test = tests.get(rule)!;
      const explained = isExplained(test, expected);
      for (const settled of waiting)
        yield explained ? { ...settled, candidate: byChance(settled.candidate, test) } : settled;
    }
    this.#groups.clear();
    this.#waiting = 0;
  }

  /**
   * Expected matches of each rule that is in use. The odds of all rules take 0.2 s, and are computed only if
   * they decide.
   */
  *#expectedOf(tests: ReadonlyMap<Rule, Test>, counts: readonly ValueCount[]): Pausing<never, number[]> {
    const expected = Array.from(tests.values(), (test) => test.expected);
    // With more rules there are more false alarms, but at most the probability itself of each rule.
    const isOpen = (test: Test) =>
      !isExplained(test, expected) && test.probability > FAMILY / (expected.length + this.#rules.length);
    if (![...tests.values()].some(isOpen)) return expected;
    for (const rule of this.#rules) {
      if (tests.has(rule) || rule.detector !== 'text') continue;
      const odds = oddsOf(rule);
      if (odds.isWeak) expected.push(odds.expectedIn(counts).expected);
      yield;
    }
    return expected;
  }
}

/** True if chance explains the matches of a rule, in an artifact with these expected matches of each rule. */
function isExplained({ probability }: Test, expected: readonly number[]): boolean {
  if (probability > SIGNIFICANCE) return true;
  if (expected.reduce((sum, each) => sum + each, 0) <= FEW) return false;
  // Tarone 1990: what each rule contributes is the greatest probability up to this one that it can have.
  return expected.reduce((sum, mean) => sum + attainable(probability, mean), 0) > FAMILY;
}

function testOf({ rule, values: { size: found } }: Group, counts: readonly ValueCount[]): Test {
  const { expected, values } = oddsOf(rule).expectedIn(counts);
  return { rule, found, expected, values, probability: atLeast(found, expected) };
}

function byChance(candidate: SecretCandidate, test: Test): SecretCandidate {
  const isInfo = (candidate.severity ?? candidate.rule.severity) === 'info';
  return {
    ...candidate,
    confidence: 'low',
    severity: isInfo ? 'info' : 'low',
    isSecret: true,
    notes: [...candidate.notes, reasonOf(test)],
  };
}

function reasonOf({ found, expected, values }: Test): string {
  const here = found === 1 ? 'this is the only one' : `${found} are here`;
  const among = `${values.toLocaleString('en')} random-looking values of its form`;
  return `chance explains it: ${among} have ${shown(expected)} matches on average, and ${here}`;
}

/** Two significant digits, and no exponent. */
const shown = (expected: number): string =>
  expected >= 100 ? Math.round(expected).toLocaleString('en') : `${Number(expected.toPrecision(2))}`;
