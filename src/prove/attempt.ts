import { definedFields } from '../core/base/runtime/defined.js';
import type { KeyFacts } from '../core/model/report.js';
import type { ProofResult } from './types.js';

/**
 * Budget for the proofs of one artifact, in work units: never by the clock, so that the same dump gives the
 * same result under any load. One unit is a modular exponentiation of 1,024 bits, about 1 ms.
 */
export class ProofBudget {
  #left: number;
  #spent = 0;
  #refused = 0;

  constructor(units: number) {
    this.#left = units;
  }

  /** Number of refused proofs, for `coverage.limits`. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * True if any units are left; counts a refusal otherwise. The last proof may overdraw the budget.
   */
  open(): boolean {
    if (this.#left > 0) return true;
    this.#refused++;
    return false;
  }

  charge(units: number): void {
    this.#left -= units;
    this.#spent += units;
  }

  get spent(): number {
    return this.#spent;
  }

  /** True if a proof of this cost would be refused at no step. */
  covers(units: number): boolean {
    return this.#left > units;
  }
}

/** Work units of one modular exponentiation, by modulus size in bits. */
export function exponentiation(bits: number): number {
  return (bits / 1_024) ** 3;
}

/** The parts of a key contradict each other. */
class Contradicted extends Error {}
/** Too little is known, or too much work is needed. */
class Undecided extends Error {
  /** The private half is made-up bytes (made-up-bytes.ts). */
  published?: string;
}

/** A proof in progress: the statements shown so far, and its exits. */
export class Attempt {
  readonly statements: string[] = [];
  /** Public identity once known: it identifies a contradicted or undecided key too. */
  facts: Omit<KeyFacts, 'encoding'> | undefined;
  readonly #budget: ProofBudget | undefined;
  #assumption: string | undefined;

  constructor(budget: ProofBudget | undefined) {
    this.#budget = budget;
  }

  /** From now on a contradiction may be due to the assumption: the key is then undecided. */
  assume(statement: string): void {
    if (this.#assumption === undefined) this.statements.push(`${statement} assumed`);
    this.#assumption = statement;
  }

  /** Ends the proof unless `holds`. */
  require(holds: boolean, contradiction: string): void {
    if (!holds) this.contradict(contradiction);
  }

  contradict(why: string): never {
    if (this.#assumption === undefined) throw new Contradicted(why);
    throw new Undecided(`${why}, with ${this.#assumption} assumed`);
  }

  undecided(why: string): never {
    throw new Undecided(why);
  }

  /** Ends the proof of a key whose private half is no secret, whatever its public half is. */
  placeholder(why: string): never {
    throw Object.assign(new Undecided(why), { published: why });
  }

  /** To be called before slow arithmetic. */
  begin(): void {
    if (this.#budget && !this.#budget.open())
      throw new Undecided("the artifact's budget for proofs is spent");
  }

  /** To be called afterwards, with the units spent. */
  charge(units: number): void {
    this.#budget?.charge(units);
  }
}

const outcomes = [
  { cause: Contradicted, status: 'contradicted' },
  { cause: Undecided, status: 'unproven' },
] as const;

/** Runs a proof and converts its exits to a result. */
export function attempt(
  budget: ProofBudget | undefined,
  steps: (proof: Attempt) => ProofResult,
): ProofResult {
  const proof = new Attempt(budget);
  try {
    return steps(proof);
  } catch (error) {
    const outcome = outcomes.find(({ cause }) => error instanceof cause);
    if (!outcome) throw error;
    const { message: why, published } = error as Undecided;
    return definedFields({ status: outcome.status, why, facts: proof.facts, published });
  }
}
