import type { Secret } from '../../core/base/crypto/secret.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../../core/limits/limit.js';
import type { Extent } from '../../core/model/report.js';
import { SessionStore, type StoredSession } from './session-store.js';
import { SessionSamples, SessionVerification } from './session-verification.js';

/** Session tokens named in the statements of one secret. */
const STATEMENTS = 8;

/** The evidence of the session tokens of an artifact about a secret. */
export interface JoinedSessions {
  statements: string[];
  /** One of them at least is no token of a manual or test. */
  inUse: boolean;
}

/** Joins secrets with the session tokens of their artifact. */
export class SessionJoiner {
  readonly #store: SessionStore;
  #units: number;
  #verification: SessionVerification | undefined;
  #skipped = 0;
  /** Frameworks with a token whose secret is known. */
  readonly #known = new Set<string>();

  /** `units`: work for verifications. `most`: bounds on memory, instead of the usual ones. */
  constructor(units: number, most?: { tokens: number; bytes: number }) {
    this.#store = new SessionStore(most);
    this.#units = units;
  }

  /** Adds a session token, in any order. `place`: where it lies in the file. */
  add(place: Extent, text: Secret): void {
    this.#verification = undefined;
    this.#store.add(place, text);
  }

  get isEmpty(): boolean {
    return this.#store.isEmpty;
  }

  /**
   * The tokens that verify under one of these readings of a secret, in statements such as `signed the Django
   * session at 0x1f40`. To be called after the sweep of the whole artifact.
   */
  *joining(readings: readonly Secret[], near: number): Pausing<never, JoinedSessions> {
    if (this.#store.isEmpty) return { statements: [], inUse: false };
    this.#verification ??= new SessionVerification(
      this.#store.inOrder(),
      (tokens) => {
        this.#skipped += tokens;
      },
      this.#units,
    );
    const verified = yield* this.#verification.verified(readings, STATEMENTS, near);
    const own = verified.filter((session) => !session.isPublished);
    for (const { token } of own) this.#known.add(token.name);
    const statements = verified.sort((a, b) => a.offset - b.offset).map(statementOf);
    return { statements, inUse: own.length > 0 };
  }

  /** No work is left for verifications: those that were not made are reported. */
  stop(): void {
    this.#units = 0;
    this.#verification?.stop();
  }

  /** Tokens of the frameworks of which no secret is known; undefined if there are none. */
  samples(): SessionSamples | undefined {
    const open = this.#store
      .inOrder()
      .filter(({ token, isPublished }) => !isPublished && !this.#known.has(token.name));
    return open.length === 0 ? undefined : new SessionSamples(open, this.#units);
  }

  /** Budgets that were reached. */
  *limits(): Generator<Limit> {
    const { dropped, extent } = this.#store;
    if (dropped > 0) {
      const reason = `${dropped} session tokens were not kept: the memory bound`;
      yield limitOf('sessions', { left: dropped }, extent, reason);
    }
    if (this.#skipped === 0) return;
    const tokens = this.#skipped;
    const reason = `${tokens} session tokens were not tried: the budget for secrets that sign them was spent`;
    yield limitOf('session-proofs', { left: tokens }, extent, reason);
  }
}

function statementOf({ token: { verb, name }, offset }: StoredSession): string {
  return `${verb} the ${name} at 0x${offset.toString(16)}`;
}
