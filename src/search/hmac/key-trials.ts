import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SearchContext } from '../core/search-context.js';
import type { SignedToken } from '../core/types.js';
import type { SecretCandidate } from './secret-candidate.js';
import { type SecretNumbers, UNTRIED } from './secret-numbers.js';
import { type SecretTexts, UNTRIED_TEXTS } from './secret-texts.js';
import { delimitedTexts, printableTexts } from './texts-near-tokens.js';

/** A symmetric key that verifies a token of the dump. */
export interface SecretFound extends SecretCandidate {
  token: SignedToken;
}

/**
 * Verifications (2 us each) of numbers and of printable texts near tokens, of delimited texts near tokens,
 * and of texts anywhere: 0.4 s, 0.5 s and 0.8 s at most.
 */
const MAX_TRIES = 200_000;
const MAX_TRIES_NEARBY = 250_000;
const MAX_TRIES_TEXTS = 400_000;

export function verifies({ hash, signed, signature }: SignedToken, key: Buffer): boolean {
  const mac = createHmac(hash, key).update(signed).digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

/**
 * HMAC pads a key with zeros (RFC 2104, section 2), so all-zero keys equal the empty key, which is no secret.
 */
const isAllZero = (key: Buffer): boolean => key.every((byte) => byte === 0);

/** Tries candidates on tokens whose key is not known, within a budget of verifications. */
class Trials {
  readonly #open: Set<SignedToken>;
  readonly #skip: (offset: number, length: number) => void;
  #left: number;

  constructor(open: Set<SignedToken>, most: number, skip: (offset: number, length: number) => void) {
    this.#open = open;
    this.#left = most;
    this.#skip = skip;
  }

  /** `own`: try the candidates on this token only. */
  *of(candidates: Iterable<SecretCandidate>, own?: SignedToken): Generator<SecretFound> {
    for (const candidate of candidates) {
      if (own === undefined ? this.#open.size === 0 : !this.#open.has(own)) return;
      if (isAllZero(candidate.key)) continue;
      yield* this.#match(candidate, own === undefined ? this.#open : [own]);
    }
  }

  *#match(candidate: SecretCandidate, tokens: Iterable<SignedToken>): Generator<SecretFound> {
    for (const token of tokens) {
      if (this.#left <= 0) {
        this.#skip(candidate.offset, candidate.length);
        return;
      }
      this.#left--;
      if (!verifies(token, candidate.key)) continue;
      yield { ...candidate, key: Buffer.from(candidate.key), token };
      // Tokens of one service share its key: those that it verifies are settled.
      for (const other of this.#open) if (verifies(other, candidate.key)) this.#open.delete(other);
      return;
    }
  }
}

/**
 * Symmetric keys that verify a token of the dump: texts near the token first, then all numbers of the runs,
 * then texts anywhere, for which the artifact is read once more. `tokens` must be distinct.
 */
export function* secretsOf(
  tokens: readonly SignedToken[],
  numbers: SecretNumbers,
  texts: SecretTexts,
  { bytes, skippedWork, budget }: SearchContext,
): Generator<SecretFound> {
  const open = new Set(tokens);
  const trials = (most: number, search: 'hmac-keys' | 'hmac-texts', what: string) =>
    new Trials(open, budget(most), (offset, length) =>
      skippedWork.add(search, { target: 'blind', left: 1 }, what, offset, offset + length),
    );
  const first = trials(MAX_TRIES, 'hmac-keys', UNTRIED);
  for (const token of [...open]) yield* first.of(printableTexts(token, bytes));
  const nearby = trials(MAX_TRIES_NEARBY, 'hmac-texts', UNTRIED_TEXTS);
  for (const token of [...open]) yield* nearby.of(delimitedTexts(token, bytes), token);
  yield* first.of(numbers.numbers());
  if (open.size > 0) yield* trials(MAX_TRIES_TEXTS, 'hmac-texts', UNTRIED_TEXTS).of(texts.texts());
}
