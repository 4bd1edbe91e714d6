import type { KeyFacts } from '../model/report.js';
import type { ProofResult } from './types.js';

/**
 * How much arithmetic the proofs of one artifact may do. Counted in work, never by the clock, so that the same dump gives
 * the same result under any load. One unit is a modular exponentiation of 1,024 bits, about a millisecond.
 */
export class ProofBudget {
  #left: number;
  #spent = 0;
  #refused = 0;

  constructor(units: number) {
    this.#left = units;
  }

  /** Proofs that were not made: each needs a word in `coverage.limits`. */
  get refused(): number {
    return this.#refused;
  }

  /** True while some is left; counts a refusal otherwise. The last proof may overdraw it. */
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

/** Units of one modular exponentiation of so many bits. */
export function exponentiation(bits: number): number {
  return (bits / 1_024) ** 3;
}

/** The parts of a key contradict each other. */
class Contradicted extends Error {}
/** Too little is there, or too much to compute. */
class Undecided extends Error {}

/** One proof under way: what was shown so far, and the ways out. */
export class Attempt {
  readonly statements: string[] = [];
  /** Public identity, as soon as it is known: a contradicted or undecided key is still recognised by it. */
  facts: Omit<KeyFacts, 'encoding'> | undefined;
  readonly #budget: ProofBudget | undefined;
  #assumption: string | undefined;

  constructor(budget: ProofBudget | undefined) {
    this.#budget = budget;
  }

  /** From here on a contradiction may be the assumption's fault: it leaves the key undecided. */
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

  /** Called before slow arithmetic. */
  begin(): void {
    if (this.#budget && !this.#budget.open()) throw new Undecided("the artifact's budget of proofs is spent");
  }

  /** Called after it, with what it cost. */
  charge(units: number): void {
    this.#budget?.charge(units);
  }
}

const outcomes = [
  { cause: Contradicted, status: 'contradicted' },
  { cause: Undecided, status: 'unproven' },
] as const;

/** Runs one proof; a contradiction or a lack met on the way becomes its result. */
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
    return {
      status: outcome.status,
      why: (error as Error).message,
      ...(proof.facts && { facts: proof.facts }),
    };
  }
}
