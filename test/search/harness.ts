import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { type ByteReader, bufferReader, openStorage } from '../../src/core/base/bytes/storage.js';
import { atOnce } from '../../src/core/base/runtime/turns.js';
import type { Limit } from '../../src/core/limits/limit.js';
import type { KeyMaterial } from '../../src/core/model/key-material.js';
import type { Extent } from '../../src/core/model/report.js';
import type { SecretCandidate } from '../../src/detect/core/types.js';
import { readSerialised } from '../../src/detect/ssh/openssh-key.js';
import { openDump } from '../../src/formats/formats.js';
import { createView } from '../../src/formats/memory/view.js';
import { ProofBudget } from '../../src/prove/attempt.js';
import { isComposite as isCompositeNumber } from '../../src/prove/primes.js';
import { prove } from '../../src/prove/prove.js';
import type { Rule } from '../../src/rules/types.js';
import type { Run, SearchFacts } from '../../src/search/core/types.js';
import { searchRsa } from '../../src/search/rsa/rsa-search.js';
import { NumberSearch } from '../../src/search/session/number-search.js';
import { findDigits, findRuns, findTexts } from './runs.js';

/** A rule for bare keys. */
export const RULE: Rule = {
  id: 'private-key-number',
  name: 'Private key as bare numbers',
  kind: 'private-key',
  severity: 'critical',
  signing: true,
  impact: 'signs',
  rotate: 'make a new one',
  anchors: [],
  caseless: false,
  window: { before: 0, after: 0 },
  detector: 'run',
  encodings: ['utf8'],
  boundary: 'none',
  checks: [],
  references: [],
  examples: [],
  counterexamples: [],
  source: 'test',
};

const AGREEMENT: Rule = { ...RULE, id: 'key-agreement-number', severity: 'low', signing: false };

const SCHEDULE: Rule = { ...AGREEMENT, id: 'aes-key-schedule', kind: 'symmetric-key' };

const NOTHING: SearchFacts = { publicKeys: [], tokens: [], curveTokens: [] };

export interface Found {
  candidates: SecretCandidate[];
  limits: Limit[];
  /** Parts that were offered to the proofs. */
  tried: number;
}

/**
 * `digits` and `texts` are those of built memory; expanded AES keys are searched only with them, since every
 * TLS library has some.
 */
function search(
  reader: ByteReader,
  context: SearchFacts,
  {
    runs = findRuns(reader),
    digits,
    texts,
  }: { runs?: Iterable<Run>; digits?: Iterable<Run>; texts?: Iterable<Extent> } = {},
  deep = false,
  scale = 1,
): Found {
  const view = createView(reader, openDump(reader));
  let tried = 0;
  const proves = (material: KeyMaterial) => {
    tried++;
    return prove(material).status === 'proven';
  };
  const numbers = new NumberSearch(view, {
    rules: { key: RULE, agreement: AGREEMENT, secret: RULE, ...(digits ? { schedule: SCHEDULE } : {}) },
    ...{ effort: deep ? ('deep' as const) : ('normal' as const), scale },
    readSerialised,
    proves,
  });
  for (const run of runs) numbers.add(run);
  for (const run of digits ?? []) numbers.addEngineDigits(run);
  for (const { offset, length } of texts ?? []) numbers.addText(offset, length);
  const request = numbers.rsaRequest(context);
  const others = [...atOnce(numbers.otherKeys(context))];
  const isComposite = (value: bigint) => isCompositeNumber(value, new ProofBudget(Number.POSITIVE_INFINITY));
  const answer = request && searchRsa(request, reader, { isProven: proves, isComposite });
  const candidates = [...(answer ? numbers.rsaKeys(answer) : []), ...others];
  numbers.close();
  return { candidates, limits: numbers.limits(), tried };
}

/** The bare keys in `bytes`; `near` says which bytes need no decoding, `scale` multiplies the budgets. */
export function searchBytes(
  bytes: Uint8Array,
  context: Partial<SearchFacts> = {},
  deep = false,
  near?: ByteReader['near'],
  scale = 1,
): Found {
  const reader: ByteReader = { ...bufferReader(bytes), ...(near ? { near } : {}) };
  return search(
    reader,
    { ...NOTHING, ...context },
    { digits: findDigits(reader), texts: findTexts(reader) },
    deep,
    scale,
  );
}

/** Searches `length` bytes, zero behind `bytes`. */
export function searchSparse(bytes: Uint8Array, length: number): Found {
  const { read } = bufferReader(bytes);
  const reader: ByteReader = {
    length,
    read(offset, target) {
      target.fill(0);
      read(offset, target);
      return Math.min(target.length, length - offset);
    },
  };
  return search(reader, NOTHING, { runs: findRuns(bufferReader(bytes)) });
}

export function searchFile(path: string, context: Partial<SearchFacts> = {}): Found {
  const fd = openSync(path, 'r');
  try {
    return search(openStorage({ kind: 'file', fd, length: fstatSync(fd).size }), { ...NOTHING, ...context });
  } finally {
    closeSync(fd);
  }
}

/** base64 of the SubjectPublicKeyInfo. */
export function spkiOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}

/** Place, encoding and public key: what tests compare, so that a failure prints no secret. */
export function describeAll({ candidates }: Found): { spki: string; encoding: string; offset: number }[] {
  return candidates.map(({ material, encoding = '', offset }) => {
    const proof = prove(material!);
    return { spki: (proof.status === 'proven' && proof.facts.spki) || '', encoding, offset };
  });
}

/** Members of a private JWK as bytes, big-endian. */
export function parts(key: KeyObject): Record<string, Buffer> {
  const jwk: JsonWebKey = key.export({ format: 'jwk' });
  return Object.fromEntries(
    Object.entries(jwk).flatMap(([name, value]) =>
      typeof value === 'string' && !['kty', 'crv'].includes(name)
        ? [[name, Buffer.from(value, 'base64url')] as const]
        : [],
    ),
  );
}
