import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { heapOf, LAYOUTS } from './memory.js';
import { ecFrom, rsaFrom } from './seeded.js';

const heap = (seed: string, chunks: readonly Buffer[]) =>
  heapOf(
    seed,
    chunks.map((chunk) => LAYOUTS['limbs-le']!(chunk)),
    5,
  );

describe('for a public root', () => {
  const rsa = rsaFrom('root', 2048);
  const { n, p, q } = parts(rsa) as Record<'n' | 'p' | 'q', Buffer>;
  const rsaSpki = Buffer.from(spkiOf(rsa), 'base64');

  test('no part of RSA is looked for', () => {
    const bytes = heap('part', [p]);
    expect(describeAll(searchBytes(bytes, { publicKeys: [{ spki: rsaSpki }] }))).toHaveLength(1);
    expect(describeAll(searchBytes(bytes, { publicKeys: [{ spki: rsaSpki, isPublicRoot: true }] }))).toEqual(
      [],
    );
  });

  test('p and q of RSA beside n are found as those of any key', () => {
    const found = searchBytes(heap('whole', [n, p, q]), {
      publicKeys: [{ spki: rsaSpki, isPublicRoot: true }],
    });
    expect(describeAll(found)).toMatchObject([{ spki: spkiOf(rsa) }]);
  });

  test('no scalar is multiplied, although its point is in the dump too', () => {
    const { key, d, x, y } = ecFrom('root', 'P-384', 'secp384r1', 48);
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    const bytes = heap('scalar', [d, x, y]);
    expect(describeAll(searchBytes(bytes, { publicKeys: [{ spki }] }))).toHaveLength(1);
    expect(describeAll(searchBytes(bytes, { publicKeys: [{ spki, isPublicRoot: true }] }))).toEqual([]);
  });
});
