import type { SkippedWork } from '../../core/skipped-work.js';

/** Limits of the search for keys of tokens, and what each counts. */
const LIMITS = {
  'hmac-keys': 'pairs of a number and a token were not tried',
  'hmac-texts': 'pairs of a text and a token were not tried',
  'hmac-tokens': 'pairs of a token and a text farther from it were not tried (an estimate)',
  'hmac-states': 'pairs of midstates of a hash were not tried',
} as const;

export type PairLimit = keyof typeof LIMITS;

/** Pairs of a possible key and a token that were not tried, as limits of the artifact. */
export class UntriedPairs {
  readonly #skippedWork: SkippedWork;
  readonly #tokens: { size: number; units(): number };

  constructor(skippedWork: SkippedWork, tokens: { size: number; units(): number }) {
    this.#skippedWork = skippedWork;
    this.#tokens = tokens;
  }

  /** `units`: blocks of SHA-256 to try them. */
  add(search: PairLimit, place: { from: number; to: number }, pairs: number, units: number): void {
    if (pairs <= 0) return;
    const { from, to } = place;
    this.#skippedWork.add(search, { target: 'blind', left: pairs, work: units }, LIMITS[search], from, to);
  }

  /** A candidate that found no room, for each token. */
  candidate(search: PairLimit, offset: number, length: number): void {
    this.add(search, { from: offset, to: offset + length }, this.#tokens.size, this.#tokens.units());
  }
}
