import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { ecFrom } from './seeded.js';

const CURVES = [
  ['P-256', 'prime256v1', 32],
  ['P-384', 'secp384r1', 48],
  ['P-521', 'secp521r1', 66],
  ['secp256k1', 'secp256k1', 32],
] as const;

/**
 * x, y and d of a CNG key blob whose magic and first eight bytes of x are overwritten, `shift` bytes from a
 * word boundary.
 */
function dump(body: Buffer, shift: number): { bytes: Buffer; at: number } {
  const memory = new Memory();
  const random = new SeededRandom('behind a point');
  memory.filler(2048);
  memory.noise(random, 9, 8);
  const before = Buffer.concat([memory.bytes(), Buffer.alloc(shift)]);
  const pointers = Buffer.from('4010007f127f0000' + '50a0017f127f0000', 'hex');
  const bytes = Buffer.concat([before, pointers, body.subarray(8), Buffer.alloc(2048)]);
  return { bytes, at: before.length + 8 };
}

describe.each(CURVES)('a scalar of %s directly after its point', (name, openssl, size) => {
  const { key, d, x, y } = ecFrom('behind a point', name, openssl, size);
  const body = Buffer.concat([x, y, d]);

  test('is found at any alignment if its public key is elsewhere', () => {
    for (let shift = 0; shift < 8; shift++) {
      const { bytes, at } = dump(body, shift);
      const found = searchBytes(bytes, { publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64') }] });
      expect(describeAll(found)).toEqual([
        { spki: spkiOf(key), encoding: 'bytes-be', offset: at + 2 * size },
      ]);
    }
  });

  test('is not reported if it belongs to another key', () => {
    const other = ecFrom('another key', name, openssl, size);
    const { bytes } = dump(Buffer.concat([x, y, other.d]), 0);
    const found = searchBytes(bytes, { publicKeys: [{ spki: Buffer.from(spkiOf(key), 'base64') }] });
    expect(found.candidates).toEqual([]);
  });
});
