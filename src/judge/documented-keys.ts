import { Secret } from '../base/crypto/secret.js';
import { limitOf } from '../model/limits.js';
import type { Limit } from '../model/report.js';
import { documentationSecrets, USUAL_SECRETS } from '../prove/documentation-secrets.js';
import { publishedHalf } from '../prove/identity-of-spki.js';
import type { Joiner } from './joiner.js';
import { isPublishedJwt, type Jwt, verifies } from './jwt.js';
import { MacTrials } from './mac-trials.js';

/**
 * Verifications of one artifact in each of two rounds (2 us each, 0.4 s): the most usual secrets on 8,000
 * tokens, then all others on 500.
 */
const MOST = 200_000;

interface PlacedJwt {
  jwt: Jwt;
  offset: number;
}

/** A secret of documentation under which a token of the artifact verifies, at the place of that token. */
export interface DocumentedKey {
  key: Secret;
  source: string;
  offset: number;
  length: number;
}

const lengthOf = ({ signed, signature }: Jwt): number =>
  signed.length + 1 + Math.ceil((signature.length * 4) / 3);

/** Tokens of one header are likely of one service, which has one key. */
const headerOf = ({ jwt: { signed } }: PlacedJwt): string => signed.slice(0, signed.indexOf('.'));

/** The first token of each header before all others, in the order of the file. */
function firstsFirst(tokens: readonly PlacedJwt[]): PlacedJwt[] {
  const ordered = [...tokens].sort((a, b) => a.offset - b.offset);
  const seen = new Set<string>();
  const firsts = new Set<PlacedJwt>();
  for (const token of ordered) {
    const header = headerOf(token);
    if (!seen.has(header)) firsts.add(token);
    seen.add(header);
  }
  return [...firsts, ...ordered.filter((token) => !firsts.has(token))];
}

type Known = Pick<DocumentedKey, 'key' | 'source'>;

/**
 * Secrets of documentation that sign tokens of the artifact: every reader can forge such tokens. The dump
 * need not contain the secret. Tokens that were published themselves are left out.
 */
export class DocumentedKeys {
  readonly #most: number;
  /** Verifications that were not made, and the tokens between which they were due. */
  #untried = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };

  /** `deep`: without a budget. */
  constructor(deep: boolean) {
    this.#most = deep ? Number.POSITIVE_INFINITY : MOST;
  }

  /** Each secret once, at the first token that it verifies. */
  *of(tokens: Iterable<PlacedJwt>): Generator<DocumentedKey> {
    const open = new Set(firstsFirst([...tokens].filter(({ jwt }) => jwt.algorithm.type === 'oct')));
    if (open.size === 0) return;
    const secrets = [...documentationSecrets()].map(({ source, key }) => ({ source, key: new Secret(key) }));
    const trials = new Map<string, MacTrials>();
    const firstOf = ({ algorithm, signed, signature }: Jwt, from: number, to: number): Known | undefined => {
      if (algorithm.type !== 'oct') return undefined;
      const own =
        trials.get(algorithm.hash) ??
        new MacTrials(
          algorithm.hash,
          secrets.map(({ key }) => key),
        );
      trials.set(algorithm.hash, own);
      return secrets[own.find(signed, signature, from, to)];
    };
    yield* this.#round(open, USUAL_SECRETS, (jwt) => firstOf(jwt, 0, USUAL_SECRETS));
    const others = secrets.length - USUAL_SECRETS;
    yield* this.#round(open, others, (jwt) => firstOf(jwt, USUAL_SECRETS, secrets.length));
  }

  /** `trials`: verifications of one call of `signerOf`. */
  *#round(
    open: Set<PlacedJwt>,
    trials: number,
    signerOf: (jwt: Jwt) => Known | undefined,
  ): Generator<DocumentedKey> {
    let left = this.#most;
    for (const token of open) {
      const { jwt, offset } = token;
      if (left < trials) {
        this.#skip(token, trials);
        continue;
      }
      left -= trials;
      const signer = signerOf(jwt);
      if (signer === undefined) continue;
      if (isPublishedJwt(jwt)) open.delete(token);
      else {
        for (const other of open) if (verifies(other.jwt, signer.key)) open.delete(other);
        yield { ...signer, offset, length: lengthOf(jwt) };
      }
    }
  }

  #skip({ jwt, offset }: PlacedJwt, secrets: number): void {
    const { count, from, to } = this.#untried;
    this.#untried = {
      count: count + secrets,
      from: Math.min(from, offset),
      to: Math.max(to, offset + lengthOf(jwt)),
    };
  }

  limits(): Limit[] {
    const { count: left, from, to } = this.#untried;
    if (left === 0) return [];
    const reason = `${left} trials of secrets of documentation on tokens were left out: the budget was spent`;
    return [limitOf('hmac-documented', { left }, { offset: from, length: to - from }, reason)];
  }
}

/** A published key by its public half, at the first token that it verifies. */
interface PublishedPair {
  /** DER SubjectPublicKeyInfo. */
  spki: Secret;
  algorithm: string;
  offset: number;
  length: number;
}

/** Published keys whose public half is in the artifact beside a token that verifies under it. */
export function* publishedPairs(joiner: Joiner): Generator<PublishedPair> {
  for (const { spki } of joiner.publicKeys()) {
    const half = publishedHalf(spki);
    if (half?.status !== 'proven') continue;
    const { jwts, inUse } = joiner.join({ canonicalSpki: half.canonicalSpki });
    const [offset] = jwts;
    const token = [...joiner.tokens()].find((each) => each.offset === offset);
    if (offset === undefined || token === undefined || !inUse) continue;
    const { algorithm } = half.facts;
    yield { spki: new Secret(spki), algorithm, offset, length: lengthOf(token.jwt) };
  }
}
