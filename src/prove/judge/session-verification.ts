import { partitionPoint } from '../../core/base/bytes/binary-search.js';
import type { Secret } from '../../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../../core/base/runtime/turns.js';
import type { Derivation, SessionTrial } from '../sessions/derivations.js';
import { isText } from '../sessions/readings.js';
import type { StoredSession } from './session-store.js';

/**
 * Work of one artifact, in units of one HMAC, about 2 us. A secret gets a part of what is left, so that the
 * first of a flood of secrets do not use it up. All keys that Rails derives take 7,000.
 */
export const UNITS = 1_250_000;
const PART = 1 / 16;
const LEAST = 20_000;
/** Bytes of a token that take as long as the rest of a verification. */
const BYTES_EACH = 1 << 10;
/** Tokens that are tried between two pauses; that of a Rails application takes milliseconds. */
const PACE = 4;
/** Tokens next to the secret that are tried first, on either side. */
const NEAREST = 8;

/** The keys derived from one secret, each once. */
export class DerivedKeys {
  readonly #secret: Uint8Array;
  readonly #isText: boolean;
  readonly #keys = new Map<Derivation, Uint8Array | undefined>();

  constructor(secret: Uint8Array) {
    this.#secret = secret;
    this.#isText = isText(secret);
  }

  /** Units that the key takes now. */
  costOf(derivation: Derivation): number {
    const { units, textOnly } = derivation;
    return this.#keys.has(derivation) || (textOnly && !this.#isText) ? 0 : units;
  }

  of(derivation: Derivation): Uint8Array | undefined {
    if (!this.#keys.has(derivation)) {
      const fits = derivation.textOnly !== true || this.#isText;
      this.#keys.set(derivation, fits ? derivation.derive(this.#secret) : undefined);
    }
    return this.#keys.get(derivation);
  }
}

/** Verifications of the session tokens of one artifact under secrets, within a budget of work. */
export class SessionVerification {
  readonly #ordered: readonly StoredSession[];
  readonly #byOffset: readonly StoredSession[];
  readonly #skipped: (tokens: number) => void;
  readonly #pace = new Pace(PACE);
  #left: number;

  /** `sessions`: in the order of trial. */
  constructor(sessions: readonly StoredSession[], skipped: (tokens: number) => void, units = UNITS) {
    this.#ordered = [...onePerName(sessions), ...sessions];
    this.#byOffset = [...sessions].sort((a, b) => a.offset - b.offset);
    this.#skipped = skipped;
    this.#left = units;
  }

  /**
   * Tokens that verify under one of these readings of a secret, at most `most`. Tried in this order: those
   * next to `near`, one of each framework, then all others.
   */
  *verified(readings: readonly Secret[], most: number, near?: number): Pausing<never, StoredSession[]> {
    const share = Math.min(this.#left, Math.max(LEAST, this.#left * PART));
    const trials = new SecretTrials(readings, share);
    const seen = new Set<StoredSession>();
    const found: StoredSession[] = [];
    for (const order of [this.#nearest(near), this.#ordered])
      for (const session of order) {
        if (found.length >= most || trials.isSpent) break;
        if (seen.has(session)) continue;
        if (this.#pace.isDue()) yield;
        if (trials.verifies(session)) found.push(session);
        else if (trials.isCut) break;
        seen.add(session);
      }
    this.#left -= trials.spent;
    const tokens = this.#byOffset.length - seen.size;
    if (tokens > 0 && found.length < most) this.#skipped(tokens);
    return found;
  }

  /** No work is left: further tokens are reported as skipped. */
  stop(): void {
    this.#left = 0;
  }

  #nearest(near: number | undefined): StoredSession[] {
    if (near === undefined) return [];
    const all = this.#byOffset;
    const at = partitionPoint(all.length, (i) => all[i]!.offset < near);
    return all.slice(Math.max(0, at - NEAREST), at + NEAREST);
  }
}

/** The trials of one secret. The last one may overdraw its share. */
class SecretTrials {
  readonly #keys: readonly DerivedKeys[];
  readonly #share: number;
  spent = 0;
  /** A trial was left out. */
  isCut = false;

  constructor(readings: readonly Secret[], share: number) {
    this.#keys = readings.map((reading) => new DerivedKeys(reading.reveal()));
    this.#share = share;
  }

  get isSpent(): boolean {
    return this.spent >= this.#share;
  }

  verifies({ token, length }: StoredSession): boolean {
    const each = 1 + length / BYTES_EACH;
    return token.trials.some((trial) => this.#keys.some((keys) => this.#holds(trial, keys, each)));
  }

  #holds({ derivation, verify }: SessionTrial, keys: DerivedKeys, units: number): boolean {
    this.isCut ||= this.isSpent;
    if (this.isCut) return false;
    this.spent += keys.costOf(derivation);
    const key = keys.of(derivation);
    if (key === undefined) return false;
    this.spent += units;
    return verify(key);
  }
}

/** The first session of each framework. */
function onePerName(sessions: readonly StoredSession[]): StoredSession[] {
  const first = new Map<string, StoredSession>();
  for (const session of sessions) if (!first.has(session.token.name)) first.set(session.token.name, session);
  return [...first.values()];
}

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
