import type { Pausing } from '../core/base/runtime/turns.js';
import type { Limit } from '../core/limits/limit.js';
import type { EffortLevel } from '../core/model/effort.js';
import type { SecretCandidate } from '../detect/core/types.js';
import type { KeyJoiner } from '../prove/judge/joiner.js';
import { publishedPairs } from '../prove/judge/published-pairs.js';
import type { Rule } from '../rules/types.js';
import { candidateOf } from '../search/core/candidate.js';
import type { BareKeyRules } from './bare-key-rules.js';
import { type DocumentedKey, DocumentedKeys } from './documented-keys.js';

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
