import { describe, expect, test } from '@jest/globals';
import { compileNeedles } from '../../src/sweep/needles.js';
import fc from '../support/property.js';
import { KERNELS } from '../support/scalar-kernel/kernels.js';
import { literal, naive, noise, sweepWith } from './oracle.js';

const oracle = (data: Uint8Array, needles: readonly Uint8Array[]) =>
  naive(
    data,
    needles.map((bytes) => literal(bytes)),
  );

const needle = fc.oneof(
  fc.uint8Array({ minLength: 15, maxLength: 80 }),
  // Few values: words shared between needles, and words of zeros.
  fc
    .array(fc.constantFrom(0, 0, 0, 1), { minLength: 15, maxLength: 80 })
    .map((bytes) => Uint8Array.from(bytes)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.nat(120))
    .map(([tail, zeros]) => Uint8Array.from([...new Uint8Array(15 + zeros), ...tail])),
);

function soup(needles: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const whole = fc.constantFrom(...needles).map((bytes) => Buffer.from(bytes));
  return fc
    .array(
      fc.oneof(
        whole,
        fc.tuple(whole, fc.nat()).map(([bytes, cut]) => bytes.subarray(cut % bytes.length)),
        fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
        fc.nat(150).map((length) => Buffer.alloc(length)),
      ),
      { maxLength: 40, size: 'max' },
    )
    .map((parts) => Buffer.concat(parts));
}

describe.each(KERNELS)('needles with kernel %s', (name) => {
  test('agree with indexOf on random mixtures', () => {
    const cases = fc
      .array(needle, { minLength: 1, maxLength: 20 })
      .chain((needles) => fc.tuple(fc.constant(needles), soup(needles)));
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 64, 100, 1000, 1 << 20), ([needles, data], chunk) => {
        expect(sweepWith(name, compileNeedles(needles), data, chunk)).toEqual(oracle(data, needles));
      }),
      { numRuns: 100 },
    );
  });

  test('are found at every offset around a chunk edge and at the end', () => {
    const needles = [noise(15, 3), noise(31, 4), noise(300, 5)];
    const net = compileNeedles(needles);
    for (const bytes of needles) {
      for (let at = 512 - bytes.length - 9; at < 512 + 9; at++) {
        const data = noise(1024 + bytes.length, 9);
        bytes.copy(data, at);
        expect(sweepWith(name, net, data, 512)).toEqual([`${at} ${2 * needles.indexOf(bytes)}`]);
      }
      const data = noise(1111, 9);
      bytes.copy(data, data.length - bytes.length);
      expect(sweepWith(name, net, data, 512)).toEqual(oracle(data, needles));
      expect(sweepWith(name, net, data.subarray(0, -1), 512)).toEqual([]);
    }
  });

  test('with one common prefix are found by the thousands', () => {
    const head = Buffer.from('MIIEvQIBADANBgkqhkiG9w0BAQEFAASC');
    const needles = Array.from({ length: 3000 }, (_, i) => Buffer.concat([head, noise(24, i + 1)]));
    const data = Buffer.concat(needles.flatMap((bytes, i) => [bytes, noise(i % 13, i)]));
    expect(sweepWith(name, compileNeedles(needles), data, 1 << 20)).toEqual(oracle(data, needles));
  });
});

test('a needle that is too short is rejected', () => {
  expect(() => compileNeedles([Buffer.alloc(20, 1), Buffer.alloc(14, 1)])).toThrow(/needle 1 has 14 bytes/);
});
