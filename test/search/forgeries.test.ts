import type { KeyObject } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from '../support/property.js';
import { describeAll, parts, searchBytes, spkiOf } from './harness.js';
import { LAYOUTS, Memory } from './memory.js';
import { ecFrom, ed25519From, rsaFrom } from './seeded.js';

/**
 * Keys of which some numbers are planted, some with a bit changed: only a key with enough unchanged numbers
 * may be found. p of one key, q of another and n of a third are valid numbers, but no key.
 */
interface Planted {
  key: KeyObject;
  numbers: Readonly<Record<string, Buffer>>;
  /** Sets of numbers any of which is the key. */
  enough: readonly (readonly string[])[];
}

const RSA = [...['p', 'q', 'd', 'dp', 'dq'].map((name) => ['n', name]), ['p', 'q', 'dp', 'dq', 'qi']];

const keys: readonly Planted[] = [
  ...['a', 'b'].map((seed) => {
    const key = rsaFrom(`forge ${seed}`, 1024);
    return { key, numbers: parts(key), enough: RSA };
  }),
  ...['a', 'b'].map((seed) => {
    const { key, d, x, y } = ecFrom(`forge ${seed}`, 'P-256', 'prime256v1', 32);
    return { key, numbers: { d, x, y }, enough: [['d', 'x', 'y']] };
  }),
  ...['a', 'b'].map((seed) => {
    const key = ed25519From(`forge ${seed}`);
    return { key, numbers: parts(key), enough: [['d', 'x']] };
  }),
];

const item = fc
  .record({
    of: fc.nat(keys.length - 1),
    part: fc.nat(7),
    layout: fc.constantFrom(...Object.keys(LAYOUTS)),
    flip: fc.option(fc.nat(255), { freq: 1 }),
  })
  .map(({ of, part, layout, flip }) => {
    const names = Object.keys(keys[of]!.numbers).filter((name) => name !== 'e');
    return { of, name: names[part % names.length]!, layout, flip };
  });

test('no mixture of numbers of different keys, changed or not, makes a key that is not there', () => {
  let keysFound = 0;
  fc.assert(
    fc.property(fc.array(item, { minLength: 10, maxLength: 30 }), (items) => {
      const memory = new Memory();
      const whole = new Set<string>();
      memory.filler(256);
      for (const { of, name, layout, flip } of items) {
        const value = Buffer.from(keys[of]!.numbers[name]!);
        if (flip === null) whole.add(`${of} ${name}`);
        else value[(flip >> 3) % value.length]! ^= 1 << (flip & 7);
        memory.chunk(LAYOUTS[layout]!(Buffer.concat([Buffer.alloc(-value.length & 7), value])));
      }
      const may = keys.flatMap(({ key, enough }, of) =>
        enough.some((names) => names.every((name) => whole.has(`${of} ${name}`))) ? [spkiOf(key)] : [],
      );
      const found = describeAll(searchBytes(memory.bytes())).map(({ spki }) => spki);
      keysFound += found.length;
      expect(found.filter((spki) => !may.includes(spki))).toEqual([]);
    }),
    { numRuns: 150 },
  );
  expect(keysFound).toBeGreaterThan(20);
});
