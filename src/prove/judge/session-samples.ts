import type { StoredSession } from './session-store.js';
import { DerivedKeys } from './session-verification.js';

/** Tokens of one framework that texts are tried on. */
const EACH = 2;
/** Units of a derivation from which on it is slow: PBKDF2. */
const SLOW = 100;
/** Share of the work for slow derivations. */
const SLOW_SHARE = 1 / 2;

/** Which slow derivations of a token are tried. The first is that of the framework's own settings. */
export type SlowTrials = 'none' | 'first' | 'all';

/** Session tokens of which no secret is known, two of each framework, for trials of many texts. */
export class SessionSamples {
  #open: readonly StoredSession[];
  #left: number;
  #slowLeft: number;
  /** Slow derivations that were left out. */
  skipped = 0;

  /** `sessions`: in the order of trial. `units`: as in session-verification.ts. */
  constructor(sessions: readonly StoredSession[], units: number) {
    const counts = new Map<string, number>();
    this.#open = sessions.filter(({ token: { name } }) => {
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      return count < EACH;
    });
    this.#left = units;
    this.#slowLeft = units * SLOW_SHARE;
  }

  /** Nothing is left to be tried, or no work. */
  get isDone(): boolean {
    return this.#open.length === 0 || this.#left <= 0;
  }

  get isSolved(): boolean {
    return this.#open.length === 0;
  }

  /**
   * A token that verifies under the key; those of its framework then have a known secret. `slow`: the keys
   * that take a millisecond to derive.
   */
  signedWith(key: Uint8Array, slow: SlowTrials): StoredSession | undefined {
    const keys = new DerivedKeys(key);
    const signed = this.#open.find((session) => this.#verifies(session, keys, slow));
    if (signed === undefined) return undefined;
    this.#open = this.#open.filter(({ token }) => token.name !== signed.token.name);
    return signed;
  }

  #verifies({ token }: StoredSession, keys: DerivedKeys, slow: SlowTrials): boolean {
    let slowTrials = 0;
    return token.trials.some(({ derivation, verify }) => {
      const cost = keys.costOf(derivation);
      if (derivation.units >= SLOW) {
        if (slow === 'none' || (slow === 'first' && slowTrials++ > 0)) return false;
        if (!this.#affords(cost)) return false;
      }
      this.#left -= cost;
      const derived = keys.of(derivation);
      if (derived === undefined) return false;
      this.#left--;
      return verify(derived);
    });
  }

  #affords(cost: number): boolean {
    if (this.#slowLeft < cost) {
      this.skipped++;
      return false;
    }
    this.#slowLeft -= cost;
    return true;
  }
}
