import { spellBytes } from '../../core/base/text/spell.js';
import type { Confidence, Severity } from '../../core/model/report.js';
import type { RuleSet } from '../../rules/types.js';
import type { ExamineObserver } from '../observer.js';

/** What a rule does on a corpus. */
export interface RuleCost {
  ruleId: string;
  /** Hits of its literals that came to its detector; most others were dropped beside the kernel. */
  hits: number;
  /** Matches, before those of one secret are merged. */
  candidates: number;
  /** Milliseconds of its detector. */
  milliseconds: number;
  millisecondsPerGb: number;
  /** Findings by severity and confidence: `high medium`. */
  findings: Readonly<Record<string, number>>;
}

/** What a literal does on a corpus. */
export interface LiteralCost {
  /** The literal as text in quotes, or in hex. */
  literal: string;
  caseless: boolean;
  rules: string[];
  /** Exact hits of the kernel, wide forms included. */
  hits: number;
  hitsPerGb: number;
  /** Hits that came to a detector. */
  examined: number;
}

interface Counts {
  candidates: number;
  milliseconds: number;
  findings: Map<string, number>;
}

const newCounts = (): Counts => ({ candidates: 0, milliseconds: 0, findings: new Map() });
const GB = 1e9;

/** Counts what the rules of a scan do, by rule and by literal. It keeps no bytes of the corpus. */
export class CorpusTally {
  readonly #rules = new Map<string, Counts>();
  readonly #set: RuleSet;
  /** Hits by literal. */
  readonly #every: Float64Array;
  readonly #examined: Float64Array;

  constructor(set: RuleSet) {
    this.#set = set;
    this.#every = new Float64Array(set.literals.length);
    this.#examined = new Float64Array(set.literals.length);
    for (const { id } of set.rules) this.#rules.set(id, newCounts());
  }

  /** Counts what comes to the detectors in a scan with the hit filter. */
  examining(): ExamineObserver {
    return {
      hit: (index) => {
        this.#examined[index]!++;
        return true;
      },
      spent: ({ id }, milliseconds) => {
        this.#of(id).milliseconds += milliseconds;
      },
    };
  }

  /** Of a scan without the hit filter: every hit of the kernel, none of which is examined. */
  counting(): ExamineObserver {
    return {
      countsOnly: true,
      hit: (index) => {
        this.#every[index]!++;
        return false;
      },
      spent() {},
    };
  }

  candidate(ruleId: string): void {
    this.#of(ruleId).candidates++;
  }

  finding(ruleId: string, severity: Severity, confidence: Confidence): void {
    count(this.#of(ruleId).findings, `${severity} ${confidence}`);
  }

  /** The dearest first: by time, then by hits. */
  rules(bytes: number): RuleCost[] {
    const hits = new Map<string, number>();
    for (const [index, { rules }] of this.#set.literals.entries())
      for (const rule of rules) {
        const { id } = this.#set.rules[rule]!;
        hits.set(id, (hits.get(id) ?? 0) + this.#examined[index]!);
      }
    return [...this.#rules]
      .map(([ruleId, { findings, milliseconds, candidates }]) => ({
        ...{ ruleId, hits: hits.get(ruleId) ?? 0, candidates, milliseconds },
        millisecondsPerGb: (milliseconds * GB) / bytes,
        findings: Object.fromEntries([...findings].sort()),
      }))
      .sort((a, b) => b.milliseconds - a.milliseconds || b.hits - a.hits || b.candidates - a.candidates);
  }

  /** The dearest first: by hits. */
  literals(bytes: number): LiteralCost[] {
    return this.#set.literals
      .map(({ bytes: literal, caseless, rules }, index) => {
        const hits = this.#every[index]!;
        return {
          ...{ literal: spellBytes(literal), caseless },
          rules: rules.map((rule) => this.#set.rules[rule]!.id),
          ...{ hits, hitsPerGb: (hits * GB) / bytes, examined: this.#examined[index]! },
        };
      })
      .sort((a, b) => b.hits - a.hits);
  }

  #of(ruleId: string): Counts {
    const known = this.#rules.get(ruleId) ?? newCounts();
    this.#rules.set(ruleId, known);
    return known;
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
