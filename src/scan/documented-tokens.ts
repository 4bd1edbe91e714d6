import { Secret } from '../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { type Limit, limitOf } from '../core/limits/limit.js';
import { budgetOf, type EffortLevel } from '../core/model/effort.js';
import type { SecretCandidate } from '../detect/core/types.js';
import { documentationSecrets, USUAL_SECRETS } from '../prove/documentation-secrets.js';
import type { KeyJoiner } from '../prove/judge/joiner.js';
import { isPublishedJwt, type Jwt } from '../prove/judge/jwt.js';
import { publishedPairs } from '../prove/judge/published-pairs.js';
import type { Rule } from '../rules/types.js';
import { candidateOf } from '../search/core/candidate.js';
import { BATCH, MacBatch, sha2Of } from '../search/secrets/hmac/mac-kernel.js';
import type { BareKeyRules } from './bare-key-rules.js';

const hex = (offset: number): string => `0x${offset.toString(16)}`;

/**
 * Tokens of one artifact that anyone can forge: signed with a secret of documentation or a published key,
 * which the artifact itself need not contain.
 */
export class DocumentedTokens {
  readonly #rules: BareKeyRules;
  readonly #keys: DocumentedKeys;

  constructor(rules: BareKeyRules, effort: EffortLevel) {
    this.#rules = rules;
    this.#keys = new DocumentedKeys(effort);
  }

  /** The keys at tokens that they sign, to be judged like keys of the artifact. */
  *candidates(joiner: KeyJoiner): Pausing<SecretCandidate> {
    const { secret, key } = this.#rules;
    if (secret !== undefined) yield* this.#secrets(joiner, secret);
    if (key !== undefined) yield* pairs(joiner, key);
  }

  *#secrets(joiner: KeyJoiner, rule: Rule): Pausing<SecretCandidate> {
    for (const found of this.#keys.of(joiner.tokens())) yield found && secretCandidate(found, rule);
  }

  limits(): Limit[] {
    return this.#keys.limits();
  }
}

function secretCandidate({ key, source, offset, length }: DocumentedKey, rule: Rule): SecretCandidate {
  return {
    ...candidateOf(rule, {
      material: { type: 'oct', k: key },
      place: { offset, length, reading: 'bytes-be' },
      encoding: 'jwt',
      evidence: [`the JWT at ${hex(offset)} is signed with a secret of documentation: ${source}`],
    }),
    title: 'secret of documentation that signs tokens',
    // The judge proves it. Of low confidence, so that no common word is masked in every text.
    confidence: 'low',
  };
}

function* pairs(joiner: KeyJoiner, rule: Rule): Pausing<SecretCandidate> {
  for (const pair of publishedPairs(joiner)) {
    if (pair === undefined) {
      yield;
      continue;
    }
    const { spki, algorithm, offset, length } = pair;
    const title = `${algorithm} private key that was published`;
    yield {
      ...{ type: 'candidate', rule, offset, length, extents: [{ offset, length }] },
      ...{ notAdjacentInMemory: false, partial: false, confidence: 'low', notes: [], evidence: [] },
      ...{ secret: spki, publicHalf: spki.reveal(), title, preview: title, encoding: 'jwt' },
    };
  }
}

/**
 * Verifications of one artifact in each of two rounds: the most usual secrets on 8,000 tokens, then all
 * others on 500.
 */
const MOST = 200_000;
/** Verifications of all tokens under secrets that were found: hundreds of secrets may sign one token each. */
const MOST_SETTLING = 2_000_000;
/** Tokens that secrets are tried on before tokens that a found secret verifies are left out. */
const CHUNK = 256;
/** Tokens that a batch of secrets is tried on between two pauses, and tokens that are ordered. */
const PACE = { trials: 32, order: 1024 };

interface PlacedJwt {
  jwt: Jwt;
  offset: number;
}

/** A secret of documentation under which a token of the artifact verifies, at the place of that token. */
interface DocumentedKey {
  key: Secret;
  source: string;
  offset: number;
  length: number;
}

type Known = Pick<DocumentedKey, 'key' | 'source'>;

const lengthOf = ({ signed, signature }: Jwt): number =>
  signed.length + 1 + Math.ceil((signature.length * 4) / 3);

/** Tokens of one header are likely of one service, which has one key. */
const headerOf = ({ jwt: { signed } }: PlacedJwt): string => signed.slice(0, signed.indexOf('.'));

/** The first token of each header before all others, in the order of the file. */
function* firstsFirst(tokens: readonly PlacedJwt[]): Pausing<never, PlacedJwt[]> {
  const pace = new Pace(PACE.order);
  const ordered = [...tokens].sort((a, b) => a.offset - b.offset);
  const seen = new Set<string>();
  const firsts = new Set<PlacedJwt>();
  for (const token of ordered) {
    if (pace.isDue()) yield;
    const header = headerOf(token);
    if (!seen.has(header)) firsts.add(token);
    seen.add(header);
  }
  return [...firsts, ...ordered.filter((token) => !firsts.has(token))];
}

/** For each token that one of the keys verifies, the index of the first such key. */
function* signers(
  tokens: readonly PlacedJwt[],
  keys: readonly Secret[],
): Pausing<never, Map<PlacedJwt, number>> {
  const found = new Map<PlacedJwt, number>();
  const octets = keys.map((key) => key.reveal());
  const pace = new Pace(PACE.trials);
  for (const hash of new Set(tokens.map(hashOf))) {
    if (hash === undefined) continue;
    const own = tokens.filter((token) => hashOf(token) === hash);
    for (let from = 0; from < keys.length; from += BATCH) {
      const batch = MacBatch.ofKeys(hash, octets.slice(from, from + BATCH));
      for (const token of own) {
        if (found.has(token)) continue;
        if (pace.isDue()) yield;
        const { signed, signature } = token.jwt;
        const [index] = batch.matching({ signed: Buffer.from(signed, 'latin1'), signature });
        if (index !== undefined) found.set(token, from + index);
      }
    }
  }
  return found;
}

const hashOf = ({ jwt: { algorithm } }: PlacedJwt) =>
  algorithm.type === 'oct' ? sha2Of(algorithm) : undefined;

/**
 * Secrets of documentation that sign tokens of the artifact: every reader can forge such tokens. The dump
 * need not contain the secret. Tokens that were published themselves are left out.
 */
export class DocumentedKeys {
  readonly #most: number;
  #settling: number;
  /** Verifications that were not made, and the tokens between which they were due. */
  #untried = { count: 0, from: Number.POSITIVE_INFINITY, to: 0 };

  constructor(effort: EffortLevel) {
    const budget = budgetOf({ effort });
    this.#most = budget(MOST);
    this.#settling = budget(MOST_SETTLING);
  }

  /** Each secret once, at the first token that it verifies. */
  *of(tokens: Iterable<PlacedJwt>): Pausing<DocumentedKey> {
    const open = new Set(yield* firstsFirst([...tokens].filter((token) => hashOf(token) !== undefined)));
    if (open.size === 0) return;
    const secrets = [...documentationSecrets()].map(({ source, key }) => ({ source, key: new Secret(key) }));
    try {
      yield* this.#round(open, secrets.slice(0, USUAL_SECRETS));
      yield* this.#round(open, secrets.slice(USUAL_SECRETS));
    } finally {
      MacBatch.release();
    }
  }

  *#round(open: Set<PlacedJwt>, secrets: readonly Known[]): Pausing<DocumentedKey> {
    const keys = secrets.map(({ key }) => key);
    const seen = new Set<Known>();
    // Tokens. Those that were left out meanwhile cost nothing.
    let left = Math.floor(this.#most / secrets.length);
    const queue = [...open];
    for (let at = 0; at < queue.length; ) {
      const chunk: PlacedJwt[] = [];
      for (; at < queue.length && chunk.length < CHUNK; at++) {
        const token = queue[at]!;
        if (!open.has(token)) continue;
        if (left-- > 0) chunk.push(token);
        else this.#skip(token, secrets.length);
      }
      const found = yield* signers(chunk, keys);
      for (const token of chunk) {
        const signer = secrets[found.get(token) ?? -1];
        if (signer === undefined) continue;
        if (!open.delete(token)) left++;
        else if (!seen.has(signer) && !isPublishedJwt(token.jwt)) {
          seen.add(signer);
          yield* this.#settle(open, signer.key);
          yield { ...signer, offset: token.offset, length: lengthOf(token.jwt) };
        }
      }
    }
  }

  /** Leaves out the tokens that the secret verifies. */
  *#settle(open: Set<PlacedJwt>, key: Secret): Pausing<never> {
    this.#settling -= open.size;
    if (this.#settling < 0) return;
    for (const token of (yield* signers([...open], [key])).keys()) open.delete(token);
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
