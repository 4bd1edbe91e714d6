import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/base/crypto/secret.js';
import { ValueIndex } from '../../src/known/value-index.js';
import fc from '../support/property.js';

const indexOf = (values: readonly string[]): ValueIndex =>
  new ValueIndex(values.map((value) => new Secret(Buffer.from(value))));

describe('an index of values', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 12 });

  test('finds a text that has one', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 4 }), texts, (values, text) => {
        const has = values.some((value) => text.includes(value));
        expect(indexOf(values).isIn(Buffer.from(text))).toBe(has);
      }),
      { numRuns: 500 },
    );
  });

  test('finds the last of many', () => {
    const values = Array.from({ length: 1000 }, (_, index) => `value of ${index} ${index % 7}`);
    expect(indexOf(values).isIn(Buffer.from(`x ${values.at(-1)!} y`))).toBe(true);
    expect(indexOf(values).isIn(Buffer.from('x value of 1000 0 y'))).toBe(false);
  });

  test('is not slow where all values end alike', () => {
    const values = Array.from({ length: 20_000 }, (_, index) => `${index} the same end`);
    expect(indexOf(values).isIn(Buffer.alloc(1 << 20, 'the same end '))).toBe(true);
  });
});
