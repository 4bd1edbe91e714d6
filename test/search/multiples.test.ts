import { expect, test } from '@jest/globals';
import { SeededRandom } from '../../fixtures/random.js';
import { DOMAINS } from '../../src/core/asn1/domain.js';
import { NumberKernel } from '../../src/search/core/kernel.js';
import { NumberSet } from '../../src/search/core/number-set.js';
import { KernelCurve } from '../../src/search/curves/points/kernel-curve.js';
import { Multiples } from '../../src/search/curves/points/multiples.js';

const domain = DOMAINS.find(({ name }) => name === 'P-256')!;

test('numbers that are added one by one keep their set, encoding and place', () => {
  const kernel = NumberKernel.take();
  const curve = new KernelCurve(kernel, domain);
  const random = new SeededRandom('multiples');
  const multiples = new Multiples();
  const added = Array.from({ length: 2 }, () => new NumberSet(32)).flatMap((set) =>
    Array.from({ length: 400 }, (_, index) => {
      const number = random.bytes(32);
      set.add(number, 0, index * 64, 0);
      const reading = index % 2 === 0 ? ('limbs-le' as const) : ('bytes-be' as const);
      const x = random.bytes(32);
      const toWords = (bytes: Buffer) => (reading === 'limbs-le' ? bytes : Buffer.from(bytes).reverse());
      multiples.add({ curve, set, reading, length: 32, toWords }, x, index);
      return {
        x: BigInt(`0x${Buffer.from(x).reverse().toString('hex')}`),
        reading,
        number,
        offset: index * 64,
      };
    }),
  );
  for (const { x, reading, number, offset } of added) {
    const multiple = multiples.get(curve, x)!;
    expect(multiple.place).toEqual({ offset, length: 32, reading });
    const scalar = reading === 'limbs-le' ? number : Buffer.from(number).reverse();
    expect(multiple.scalar.equals(scalar)).toBe(true);
  }
  kernel.release();
});
