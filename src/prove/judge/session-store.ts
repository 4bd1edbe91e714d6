import { createHash } from 'node:crypto';
import type { Secret } from '../../core/base/crypto/secret.js';
import type { Extent } from '../../core/model/report.js';
import { identifySecret } from '../fingerprint.js';
import { publishedFingerprint } from '../published.js';
import type { SessionToken } from '../sessions/derivations.js';
import { readSession } from '../sessions/table.js';

/** Session tokens of one artifact, and their bytes. */
const MOST = { tokens: 1 << 13, bytes: 8 << 20 };
/** Tokens beyond the bounds that may gather before they are dropped. */
const SLACK = 1 / 8;

/** A distinct session token of the artifact. */
export interface StoredSession {
  readonly token: SessionToken;
  /** Digest of the text: an order that says nothing of places. */
  readonly digest: string;
  /** Lowest offset, and bytes there. */
  offset: number;
  readonly length: number;
  /** A token of a manual or test: that a secret verifies it does not show that the secret is in use. */
  readonly isPublished: boolean;
}

function isPublished(text: Secret): boolean {
  const { fingerprint } = identifySecret(text);
  return fingerprint !== undefined && publishedFingerprint(fingerprint) !== undefined;
}

/** The session tokens of one artifact. With more than fit, those with the lowest digests are kept. */
export class SessionStore {
  readonly #byDigest = new Map<string, StoredSession>();
  readonly #most: { tokens: number; bytes: number };
  #bytes = 0;
  /** Digest from which on tokens are dropped. */
  #bound: string | undefined;
  #dropped = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = 0;
  #ordered: readonly StoredSession[] | undefined;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Adds a token, in any order. `place`: where it lies in the file. Other texts are left out. */
  add({ offset, length }: Extent, text: Secret): void {
    const digest = createHash('sha256').update(text.reveal()).digest('base64');
    const known = this.#byDigest.get(digest);
    if (known) {
      known.offset = Math.min(known.offset, offset);
      return;
    }
    const token = readSession(Buffer.from(text.reveal()).toString('latin1'));
    if (token === undefined) return;
    this.#from = Math.min(this.#from, offset);
    this.#to = Math.max(this.#to, offset + length);
    if (this.#bound !== undefined && digest >= this.#bound) {
      this.#dropped++;
      return;
    }
    this.#ordered = undefined;
    this.#byDigest.set(digest, { token, digest, offset, length, isPublished: isPublished(text) });
    this.#bytes += length;
    const { tokens, bytes } = this.#most;
    if (this.#byDigest.size > tokens * (1 + SLACK) || this.#bytes > bytes * (1 + SLACK)) this.#evict();
  }

  get isEmpty(): boolean {
    return this.#byDigest.size === 0;
  }

  /** Tokens that are not kept. */
  get dropped(): number {
    this.#evict();
    return this.#dropped;
  }

  /** Range of the file in which tokens lie, dropped ones too. */
  get extent(): Extent {
    return { offset: this.#from, length: this.#to - this.#from };
  }

  /** Sessions in the order of their digests: a spread of the places. */
  inOrder(): readonly StoredSession[] {
    this.#evict();
    this.#ordered ??= this.#sorted();
    return this.#ordered;
  }

  #sorted(): StoredSession[] {
    return [...this.#byDigest.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  }

  #evict(): void {
    const { tokens, bytes } = this.#most;
    if (this.#byDigest.size <= tokens && this.#bytes <= bytes) return;
    let [count, kept] = [0, 0];
    for (const { digest, length } of this.#sorted()) {
      count++;
      kept += length;
      if (count <= tokens && kept <= bytes) continue;
      this.#bound = this.#bound === undefined || digest < this.#bound ? digest : this.#bound;
      this.#byDigest.delete(digest);
      this.#bytes -= length;
      this.#dropped++;
    }
  }
}
