import { createPublicKey } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { spkiOkp } from '../../../src/core/asn1/spki.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { definedFields } from '../../../src/core/base/runtime/defined.js';
import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { OkpMaterial } from '../../../src/core/model/key-material.js';
import { describeMaterial } from '../../../src/detect/core/candidate.js';
import type { SecretCandidate } from '../../../src/detect/core/types.js';
import { KeyJudge } from '../../../src/prove/judge/key-judge.js';
import { prove } from '../../../src/prove/prove.js';
import type { ProofResult } from '../../../src/prove/types.js';
import { RULE } from '../../search/harness.js';
import { ecFrom, ed25519From } from '../../search/seeded.js';

const jwk = ed25519From('desk').export({ format: 'jwk' });
const bytes = (part: string) => Uint8Array.from(Buffer.from(part, 'base64url'));

/** A seed, alone or with a public half. */
function candidate(
  beside?: Uint8Array,
  curve: OkpMaterial['curve'] = 'Ed25519',
): SecretCandidate & { material: OkpMaterial } {
  const material: OkpMaterial = {
    type: 'okp',
    curve,
    seed: new Secret(bytes(jwk.d!)),
    ...(beside ? { public: beside } : {}),
  };
  const { secret } = describeMaterial(material, true);
  return {
    type: 'candidate',
    rule: RULE,
    offset: 0,
    length: 32,
    extents: [{ offset: 0, length: 32 }],
    notAdjacentInMemory: false,
    secret,
    confidence: 'high',
    evidence: [],
    notes: [],
    material,
    encoding: 'bind',
    partial: false,
    preview: '',
  };
}

test('a seed is proven by its public half, whatever the verdict without one or with another', () => {
  const wrong = bytes(jwk.x!);
  wrong[0]! ^= 1;
  const statuses = (all: (Uint8Array | undefined)[]) => {
    const judge = new KeyJudge();
    for (const beside of all) expect(judge.take(candidate(beside))).toEqual([]);
    return [...atOnce(judge.settle())].map(({ verdict }) => verdict.proof?.status);
  };
  const right = bytes(jwk.x!);
  expect(statuses([undefined, right, wrong])).toEqual(['unproven', 'proven', 'contradicted']);
  expect(statuses([wrong, right, undefined])).toEqual(['contradicted', 'proven', 'unproven']);
});

test.each([
  ['pkcs8', false, undefined, 'unproven'],
  ['pem', false, true, 'proven'],
  // Without its END line.
  ['pem', false, undefined, 'unproven'],
  // A PEM body without its first and last line.
  ['base64', false, undefined, 'unproven'],
  ['bind', false, undefined, 'unproven'],
] as const)('a seed alone, as %s, cut: %p, armoured: %p, is %s', (encoding, partial, isArmoured, status) => {
  const judge = new KeyJudge();
  judge.take({ ...candidate(), encoding, partial, ...definedFields({ isArmoured }) });
  expect([...atOnce(judge.settle())].map(({ verdict }) => verdict.proof?.status)).toEqual([status]);
});

test('armour does not prove a seed that its own public half contradicts', () => {
  const wrong = bytes(jwk.x!);
  wrong[0]! ^= 1;
  const judge = new KeyJudge();
  judge.take({ ...candidate(wrong), encoding: 'pem', isArmoured: true });
  expect([...atOnce(judge.settle())].map(({ verdict }) => verdict.proof?.status)).toEqual(['contradicted']);
});

test('a bare key is proven once: the proof of the search is the one that is judged', () => {
  const { material } = candidate(bytes(jwk.x!));
  const judge = new KeyJudge();
  expect([judge.proves(material), judge.proves(candidate().material)]).toEqual([true, false]);
  const proof = { ...prove(material), statements: ['made by the search'] } as ProofResult;
  const other = new KeyJudge();
  other.addProof(material, proof, 1);
  other.take(candidate(bytes(jwk.x!)));
  expect([...atOnce(other.settle())].map(({ verdict }) => verdict.proof)).toMatchObject([
    { status: 'proven', statements: ['made by the search'] },
  ]);
});

test('a seed with a wrong public half is proven by its own one elsewhere, not by its structure', () => {
  const wrong = bytes(jwk.x!);
  wrong[0]! ^= 1;
  const verdicts = [false, true].map((shown) => {
    const judge = new KeyJudge();
    if (shown)
      judge.joiner.addPublic({
        ...{ type: 'public', form: 'spki', offset: 4096, length: 44 },
        spki: spkiOkp('Ed25519', bytes(jwk.x!)),
      });
    judge.take({ ...candidate(wrong), encoding: 'pkcs8' });
    return [...atOnce(judge.settle())].map(({ verdict }) => verdict.proof);
  });
  expect(verdicts).toMatchObject([
    [{ status: 'contradicted' }],
    [{ status: 'proven', damaged: 'the seed has another public key' }],
  ]);
});

test('a scalar that may be a nonce is medium, unless its public half is in the dump', () => {
  const { key, d, x, y } = ecFrom('doubt', 'P-256', 'prime256v1', 32);
  const material = {
    type: 'ec',
    curve: 'P-256',
    d: new Secret(d),
    point: Buffer.concat([Buffer.of(4), x, y]),
  } as const;
  const { secret } = describeMaterial(material, true);
  const doubtful = { ...candidate(), material, secret, doubt: 'it may be a nonce' };
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const weighed = (isWritten: boolean) => {
    const judge = new KeyJudge();
    expect(judge.take(doubtful)).toEqual([]);
    if (isWritten)
      judge.joiner.addPublic({ type: 'public', form: 'spki', offset: 9, length: spki.length, spki });
    return [...atOnce(judge.settle())].map(({ candidate: { severity, notes }, verdict }) => [
      verdict.proof?.status,
      severity,
      notes,
    ]);
  };
  expect(weighed(false)).toEqual([['proven', 'medium', ['it may be a nonce']]]);
  expect(weighed(true)).toEqual([['proven', undefined, []]]);
});
