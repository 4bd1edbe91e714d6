import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { useSecrets } from '../../../src/core/base/crypto/secret-memory.js';

const bytes = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + seed) % 255));

/** Lengths about the sizes of blocks. */
const LENGTHS = [0, 1, 7, 8, 9, 32, 64, 65, 255, 256, 257, 1024, 5000];

describe('the bytes of secrets', () => {
  test('are kept as they were given, whatever is kept beside them', () => {
    const end = useSecrets();
    const all = Array.from({ length: 500 }, (_, i) => bytes(LENGTHS[i % LENGTHS.length]!, i));
    const secrets = all.map((each) => new Secret(each));
    for (const [i, secret] of secrets.entries()) {
      expect(Buffer.compare(secret.reveal(), all[i]!)).toBe(0);
      expect(secret.reveal().byteOffset % 8).toBe(0);
    }
    end();
  });

  test('are zero when the last run has ended', () => {
    const first = useSecrets();
    const before = LENGTHS.map((length, i) => new Secret(bytes(length, i)));
    const second = useSecrets();
    const after = LENGTHS.map((length, i) => new Secret(bytes(length, i + 50)));
    first();
    first();
    for (const [i, secret] of before.entries())
      expect(Buffer.compare(secret.reveal(), bytes(secret.length, i))).toBe(0);
    second();
    for (const secret of [...before, ...after])
      expect(Buffer.compare(secret.reveal(), Buffer.alloc(secret.length))).toBe(0);
    expect(before.map(({ length }) => length)).toEqual(LENGTHS);
  });

  test('of a later run are not those of the one before', () => {
    useSecrets()();
    const end = useSecrets();
    const secret = new Secret(bytes(32, 1));
    expect(Buffer.compare(secret.reveal(), bytes(32, 1))).toBe(0);
    end();
    expect(Buffer.compare(secret.reveal(), Buffer.alloc(32))).toBe(0);
  });
});
