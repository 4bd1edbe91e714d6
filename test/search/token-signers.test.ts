import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { finish } from '../../src/core/base/runtime/turns.js';
import { SkippedWork } from '../../src/search/core/skipped-work.js';
import { tokenSigners } from '../../src/search/curves/nonces/token-signers.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const x = BigInt(
  `0x${Buffer.from(String(publicKey.export({ format: 'jwk' }).x), 'base64url').toString('hex')}`,
);

const token = (i: number, signature?: Buffer) => {
  const signed = Buffer.from(`header.${i}`);
  return {
    ...{ offset: 100 * i, curve: 'prime256v1', hash: 'sha256', signed },
    signature: signature ?? sign('sha256', signed, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
};

test('tokens of one key yield it and the other candidate, once', () => {
  const skippedWork = new SkippedWork();
  const signers = finish(tokenSigners([token(1), token(2), token(3)], skippedWork, (most) => most));
  expect(signers.map(({ point }) => point.x)).toContain(x);
  // Each of the first two may add its own wrong candidate.
  expect(signers.length).toBeLessThanOrEqual(3);
  expect(skippedWork.limits()).toEqual([]);
});

test('invalid tokens count against the budget, and the rest is reported', () => {
  const forged = Buffer.alloc(64, 0xff);
  const skippedWork = new SkippedWork();
  expect(
    finish(
      tokenSigners(
        [1, 2, 3].map((i) => token(i, forged)),
        skippedWork,
        () => 4,
      ),
    ),
  ).toEqual([]);
  expect(skippedWork.limits()).toMatchObject([
    {
      offset: 300,
      search: 'ec-tokens',
      reason: expect.stringMatching(/^1 signers of tokens were not recovered/),
    },
  ]);
});
