import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { ecFrom } from './seeded.js';

const random = new SeededRandom('inner numbers');

/** PKCS #8 of an Ed25519 key before its seed (RFC 8410, section 7). */
const HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519() {
  const seed = random.bytes(32);
  const key = createPrivateKey({ key: Buffer.concat([HEAD, seed]), format: 'der', type: 'pkcs8' });
  return { key, seed, point: Buffer.from(key.export({ format: 'jwk' }).x as string, 'base64url') };
}

const run = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.alloc(128), ...parts, Buffer.alloc(128)]);

describe('a seed beside its public half among objects of 32 bytes', () => {
  test.each([
    [0, 2],
    [1, 1],
    [2, 3],
    [5, 9],
    [13, 1],
  ])('%d objects before and %d behind', (before, after) => {
    const { key, seed, point } = ed25519();
    for (const pair of [
      [seed, point],
      [point, seed],
    ]) {
      const bytes = run(random.bytes(32 * before), ...pair, random.bytes(32 * after));
      const found = describeAll(searchBytes(bytes));
      expect(found).toEqual([{ spki: spkiOf(key), encoding: 'bytes-be', offset: bytes.indexOf(seed) }]);
    }
  });

  test('not within a long number that has a chunk of malloc', () => {
    const { seed, point } = ed25519();
    const numbers = [random.bytes(128), seed, point, random.bytes(64)];
    const found = (size: number) => {
      const header = Buffer.alloc(8);
      header.writeUInt32LE(size);
      return searchBytes(run(header, ...numbers)).candidates.length;
    };
    expect([found(0x111), found(0x211)]).toEqual([0, 1]);
  });

  test('at the end of a run, behind words that are no number', () => {
    const { key, seed, point } = ed25519();
    const bytes = run(random.bytes(56), seed, point);
    expect(describeAll(searchBytes(bytes))).toMatchObject([{ spki: spkiOf(key) }]);
  });
});

describe('a scalar beside the coordinates of its point', () => {
  test.each([
    ['P-256', 'prime256v1', 32],
    ['P-384', 'secp384r1', 48],
  ] as const)('%s: X, Y, d and others, in any order', (curve, name, size) => {
    const { key, d, x, y } = ecFrom('inner', curve, name, size);
    const other = random.bytes(40);
    for (const parts of [
      [x, y, d],
      [d, x, y],
      [other, x, y, d],
    ]) {
      const bytes = run(...parts);
      const publicKeys = [{ spki: Buffer.from(spkiOf(key), 'base64') }];
      expect(describeAll(searchBytes(bytes, { publicKeys }))).toMatchObject([{ spki: spkiOf(key) }]);
    }
  });
});
