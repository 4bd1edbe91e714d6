import { Secret } from '../../core/base/crypto/secret.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import { publishedHalf } from '../identity-of-spki.js';
import type { KeyJoiner } from './joiner.js';

/** A published key by its public half, at the first token that it verifies. */
interface PublishedPair {
  /** DER SubjectPublicKeyInfo. */
  spki: Secret;
  algorithm: string;
  offset: number;
  length: number;
}

/** Published keys whose public half is in the artifact beside a token that verifies under it. */
export function* publishedPairs(joiner: KeyJoiner): Pausing<PublishedPair> {
  for (const { spki } of joiner.publicKeys()) {
    yield;
    const half = publishedHalf(spki);
    if (half?.status !== 'proven') continue;
    const { tokens, inUse } = yield* joiner.joining({ canonicalSpki: half.canonicalSpki });
    const [first] = tokens;
    if (first === undefined || !inUse) continue;
    const { offset } = first;
    const token = joiner.tokens().find((each) => each.offset === offset);
    if (token === undefined) continue;
    const { algorithm } = half.facts;
    yield { spki: new Secret(spki), algorithm, offset, length: token.length };
  }
}
