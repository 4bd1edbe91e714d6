import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { capi, cngRsa } from '../detect/windows-forms.js';
import fc from '../support/property.js';
import { describeAll, searchBytes, spkiOf } from './harness.js';
import { Memory } from './memory.js';
import { rsaFrom } from './seeded.js';

/** n, p and q of a Windows key blob, without the header before them and the numbers behind them. */
const BODIES = {
  PRIVATEKEYBLOB: { write: capi, header: 20, encoding: 'limbs-le' },
  BCRYPT_RSAPRIVATE_BLOB: {
    write: (key: Parameters<typeof capi>[0]) => cngRsa(key, false),
    header: 27,
    encoding: 'bytes-be',
  },
} as const;

const SIZES = [1024, 2048, 4096];

function bodyOf(name: keyof typeof BODIES, bits: number): Buffer {
  const { write, header } = BODIES[name];
  return write(rsaFrom('without a gap', bits)).subarray(header, header + bits / 4);
}

function heap(body: Buffer): Buffer {
  const memory = new Memory();
  const random = new SeededRandom('packed');
  memory.filler(1024);
  memory.noise(random, 5, 64);
  memory.chunk(body);
  memory.noise(random, 5, 64);
  return memory.bytes();
}

const rows = Object.keys(BODIES).flatMap((name) =>
  SIZES.map((bits) => [name as keyof typeof BODIES, bits] as const),
);

test.each(rows)(
  'n, p and q of a %s of %i bits, at a word and without a gap, give their key',
  (name, bits) => {
    const found = describeAll(searchBytes(heap(bodyOf(name, bits))));
    expect(found.map(({ spki, encoding }) => [spki, encoding])).toEqual([
      [spkiOf(rsaFrom('without a gap', bits)), BODIES[name].encoding],
    ]);
  },
);

test('n, p and q without a gap give no key with a bit of n changed', () => {
  const body = bodyOf('BCRYPT_RSAPRIVATE_BLOB', 1024);
  fc.assert(
    fc.property(fc.nat({ max: 127 }), fc.nat({ max: 7 }), (byte, bit) => {
      const forged = Buffer.from(body);
      forged[byte]! ^= 1 << bit;
      expect(searchBytes(heap(forged)).candidates).toEqual([]);
    }),
    { numRuns: 8 },
  );
});
