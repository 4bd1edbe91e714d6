import { expect } from '@jest/globals';
import fc from '../support/property.js';

/**
 * Asserts that a sweep finds what the definition does, for any chunks and with up to 63 bytes cut off.
 * Returns how much was found.
 */
export function expectAsDefined<T>(
  memory: fc.Arbitrary<Buffer>,
  definition: (data: Buffer) => T[],
  sweep: (data: Buffer, chunk: number) => T[],
  { chunks, numRuns }: { chunks: readonly number[]; numRuns: number },
): number {
  let found = 0;
  fc.assert(
    fc.property(memory, fc.constantFrom(...chunks), fc.nat(63), (data, chunk, cut) => {
      const whole = data.subarray(0, Math.max(0, data.length - cut));
      const expected = definition(whole);
      found += expected.length;
      expect(sweep(whole, chunk)).toEqual(expected);
    }),
    { numRuns },
  );
  return found;
}
