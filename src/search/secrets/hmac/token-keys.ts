import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { Secret } from '../../../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../../../core/base/runtime/turns.js';
import type { KeyMaterial } from '../../../core/model/key-material.js';
import type { SecretCandidate } from '../../../detect/core/types.js';
import type { Rule } from '../../../rules/types.js';
import { candidateOf } from '../../core/candidate.js';
import type { MacThreads } from '../../core/mac-threads.js';
import type { SearchClock } from '../../core/search-clock.js';
import type { SearchContext } from '../../core/search-context.js';
import type { SignedToken } from '../../core/types.js';
import { hmacMidstates } from './hmac-midstates.js';
import { secretBudgets, secretsOf } from './key-trials.js';
import { MacBatch } from './mac-kernel.js';
import { UntriedPairs } from './pair-trials.js';
import { SecretNumbers, type SecretSet } from './secret-numbers.js';
import { SecretTexts } from './secret-texts.js';
import { TokenSet } from './token-set.js';

/** Bytes of a word of a run. */
const WORD = 8;
/** Words of runs between two pauses. */
const PACE = 1 << 12;

interface TokenKeyContext extends SearchContext {
  reader: ByteReader;
  texts: { secrets(): SecretSet[] };
  /** Also reads bytes that are not cached and must be decompressed again. */
  isComplete: boolean;
  clock: SearchClock;
  threads: MacThreads | undefined;
}

/**
 * Symmetric keys that sign tokens. The token is the proof: the rest of the scan verifies the key with it
 * again.
 */
export function* tokenKeys(
  tokens: readonly SignedToken[],
  rule: Rule,
  parts: TokenKeyContext,
): Pausing<SecretCandidate> {
  const set = yield* TokenSet.begin(tokens);
  if (set.size === 0) return;
  const { kernel, bytes, runs, reader, skippedWork, isComplete } = parts;
  const untried = new UntriedPairs(skippedWork, set);
  const most = secretBudgets({ length: reader.length, dense: runs.denseBytes() }, parts.budget);
  const numbers = new SecretNumbers(kernel, untried, parts.texts.secrets());
  const pace = new Pace(PACE);
  let looks = 0;
  for (const run of runs) {
    if (pace.isDue(run.words)) yield;
    if (numbers.size >= most.numbers || looks++ >= most.runs)
      untried.candidate('hmac-keys', run.offset, run.words * WORD);
    else for (const piece of bytes.widePieces(run)) numbers.add(piece);
  }
  const texts = new SecretTexts(reader, skippedWork, untried, isComplete);
  const found = secretsOf(set, { numbers, texts, most, threads: parts.threads }, untried, parts);
  try {
    for (const secret of found) {
      if (secret === undefined) {
        yield;
        continue;
      }
      const { key, offset, length, form, reading, token } = secret;
      // Worded exactly like the evidence that the joiner adds when it verifies the key, so that it is not
      // repeated.
      const evidence = [`verifies the JWT at ${hex(token.offset)}`];
      if (form !== 'key') evidence.push(`stored as the ${form}`);
      const material: KeyMaterial = { type: 'oct', k: new Secret(key) };
      const place = { offset, length, reading: 'bytes-be' as const };
      yield candidateOf(rule, { material, place, encoding: reading, evidence, signed: token.offset });
    }
    yield* parts.clock.each('hmac-states', midstateKeys(set, rule, untried, parts));
  } finally {
    MacBatch.release();
  }
}

/** Midstates of HMAC for tokens whose key was not found. */
function* midstateKeys(
  tokens: TokenSet,
  rule: Rule,
  untried: UntriedPairs,
  context: SearchContext,
): Pausing<SecretCandidate> {
  for (const found of hmacMidstates(tokens, untried, context)) {
    if (found === undefined) {
      yield;
      continue;
    }
    const { inner, outer, token } = found;
    const [first, second] = [new Secret(inner.words), new Secret(outer.words)];
    const material: KeyMaterial = { type: 'hmac-states', hash: inner.hash, inner: first, outer: second };
    const place = { offset: inner.offset, length: inner.words.length, reading: 'bytes-be' as const };
    const evidence = [
      `the JWT at ${hex(token.offset)} verifies under the states of HMAC here and at ${hex(outer.offset)}`,
    ];
    yield candidateOf(rule, {
      material,
      place,
      evidence,
      component: 'inner state',
      signed: token.offset,
      encoding: 'hmac-states',
    });
  }
}

const hex = (offset: number): string => `0x${offset.toString(16)}`;
