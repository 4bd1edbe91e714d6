import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { capi, cngRsa } from '../detect/windows-forms.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/**
 * Blobs without the bytes that the free list of an allocator can overwrite, e included: 20 of CAPI, 24 of
 * CNG.
 */
const BODIES = {
  PRIVATEKEYBLOB: { write: capi, lost: 20, encoding: 'limbs-le' },
  RSA2: { write: (key: Parameters<typeof capi>[0]) => cngRsa(key, false), lost: 24, encoding: 'bytes-be' },
  RSA3: { write: (key: Parameters<typeof capi>[0]) => cngRsa(key, true), lost: 27, encoding: 'bytes-be' },
};

function heap(body: Buffer, shift: number): Buffer {
  const memory = new Memory();
  const random = new SeededRandom('packed');
  memory.filler(1024);
  memory.noise(random, 5, 64);
  memory.chunk(Buffer.concat([Buffer.alloc(shift), body]));
  memory.noise(random, 5, 64);
  return memory.bytes();
}

describe.each(Object.entries(BODIES))('the body of a %s', (name, { write, lost, encoding }) => {
  test.each([1024, 2048])('of %i bits gives its key at any byte', (bits) => {
    const key = rsaFrom('packed', bits);
    for (const shift of [0, 3, 4, 7]) {
      const found = searchBytes(heap(write(key).subarray(lost), shift));
      expect([name, shift, describeAll(found).map((each) => [each.spki, each.encoding])]).toEqual([
        name,
        shift,
        [[spkiOf(key), encoding]],
      ]);
    }
  });

  test('gives no key with a bit of n, p or q changed, nor with composite factors', () => {
    const body = write(rsaFrom('packed', 1024)).subarray(lost);
    // Instead of dp and dq, which prove p and q.
    body.set(new SeededRandom('behind').bytes(body.length - 256), 256);
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 8 + 128 + 64 + 48 }), fc.nat({ max: 7 }), (byte, bit) => {
        const forged = Buffer.from(body);
        forged[byte]! ^= 1 << bit;
        expect(searchBytes(heap(forged, 0)).candidates).toEqual([]);
      }),
      { numRuns: 8 },
    );
    const random = new SeededRandom('composites');
    const [p, q] = [random.bytes(64), random.bytes(64)].map((value) => {
      value[0]! |= 0xc0;
      value[63]! |= 1;
      return value;
    }) as [Buffer, Buffer];
    const n = BigInt(`0x${p.toString('hex')}`) * BigInt(`0x${q.toString('hex')}`);
    const adjacent = Buffer.concat([Buffer.from(n.toString(16).padStart(256, '0'), 'hex'), p, q]);
    expect(searchBytes(heap(adjacent, 0)).candidates).toEqual([]);
  });
});
