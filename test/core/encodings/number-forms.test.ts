import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { toBigint } from '../../../src/core/base/bytes/integers.js';
import { arrayLength } from '../../../src/core/encodings/array-length.js';
import { type ArrayLength, numberForm } from '../../../src/core/encodings/number-codec.js';
import { formsFor, NUMBER_FORMS } from '../../../src/core/encodings/number-forms.js';
import { RUN_FORMS } from '../../../src/search/core/digit-forms.js';
import {
  INTEGER_ENCODINGS,
  TEXT_ENCODINGS,
  WORD_ENCODINGS,
} from '../../../src/search/core/integer-encodings.js';
import { WRITER_NAMES, WRITERS } from '../../support/number-writers.js';
import fc from '../../support/property.js';
import { DIGIT_GATES } from '../../support/scalar-kernel/runs.js';

const numbers = fc
  .uint8Array({ minLength: 1, maxLength: 70 })
  .filter((bytes) => bytes[0] !== 0)
  .map((bytes) => Buffer.from(bytes));

test('each form has a writer of its own here', () => {
  expect(Object.keys(NUMBER_FORMS)).toEqual(WRITER_NAMES);
});

describe.each(WRITER_NAMES)('%s', (name) => {
  const { cell, bits, digit, bitsByByte, ...form } = NUMBER_FORMS[name];

  test('is written and read as another program does it', () => {
    fc.assert(
      fc.property(numbers, fc.nat(30), (value, cells) => {
        const stored = form.write(value, cells);
        expect(stored).toEqual(WRITERS[name](toBigint(value), cells));
        expect(form.write(value)).toHaveLength(form.storedLength(toBigint(value).toString(2).length));
        expect(toBigint(form.read(stored))).toBe(toBigint(value));
      }),
    );
  });

  test('has as many bits by byte as a cell has', () => {
    expect(bitsByByte).toHaveLength(cell);
    expect(bitsByByte.reduce((sum, count) => sum + count, 0)).toBe(bits);
    // Where a bit of the digit is in its cell: the bytes that change with it.
    if (digit.isDouble) return;
    const counts = new Array<number>(cell).fill(0);
    const zero = WRITERS[name](0n, 1);
    for (let bit = 0; bit < bits; bit++) {
      const one = WRITERS[name](1n << BigInt(bit), 1);
      counts[one.findIndex((byte, at) => byte !== zero[at])]!++;
    }
    expect(bitsByByte).toEqual(counts);
  });

  test('recognises its digits', () => {
    // Half a digit of more than 32 bits is compared.
    const low = bits > 32 ? 32n : 0n;
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** BigInt(bits) - 1n), fc.nat(8 * cell - 1), (value, bit) => {
        if (cell < 2) return;
        const stored = WRITERS[name](value, 1);
        expect(form.digitAt(stored, 0)).toBe(Number(value >> low));
        stored[bit >> 3]! ^= 1 << (bit & 7);
        if (form.digitAt(stored, 0) === undefined) return;
        const changed = toBigint(form.read(Buffer.from(stored)));
        expect(WRITERS[name](changed, 1)).toEqual(stored);
      }),
    );
  });

  test('has wide fields for wide digits only', () => {
    expect(digit.bytes === 8 && !digit.isDouble).toBe(bits > 32);
    expect(digit.at + (digit.shift ?? 0) / 8 + bits / 8).toBeLessThanOrEqual(cell);
  });
});

test('bits of doubles are at the top of their fraction', () => {
  expect(NUMBER_FORMS['v8-double28'].bitsByByte).toEqual([0, 0, 0, 7, 8, 8, 4, 1]);
  expect(NUMBER_FORMS['v8-double26'].bitsByByte).toEqual([0, 0, 0, 5, 8, 8, 4, 1]);
});

describe('lengths before an array', () => {
  const lengthsAt = (
    lengths: readonly ArrayLength[],
    bytes: Buffer,
    bounds: { least: number; most: number },
  ) => lengths.map((length) => arrayLength(length, bytes, 8, bounds)).filter((length) => length > 0);

  const lengthsIn = (name: 'v8-smi28' | 'v8-smi28c' | 'jsc-int28', header: readonly [number, number]) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(header[0]);
    bytes.writeUInt32LE(header[1], 4);
    return lengthsAt(NUMBER_FORMS[name].lengths, bytes, { least: 9, most: 256 });
  };

  test.each([
    ['v8-smi28', [0, 10], [10]],
    ['v8-smi28', [10, 0], [10]],
    ['v8-smi28', [10, 1], []],
    ['v8-smi28', [0, 8], []],
    ['v8-smi28', [257, 0], []],
    ['v8-smi28c', [7, 20], [20, 10]],
    ['v8-smi28c', [7, 19], [19]],
    ['v8-smi28c', [7, 500], [250]],
    ['jsc-int28', [10, 13], [10]],
    ['jsc-int28', [10, 9], []],
    ['jsc-int28', [10, 513], []],
  ] as const)('of %s in %j: %j', (name, header, expected) => {
    expect(lengthsIn(name, header)).toEqual(expected);
  });

  test('may be counted in other units and have other bits beside them', () => {
    const bytes = Buffer.from('1a00400000000000', 'hex');
    const field = { at: -6, bytes: 2, fixed: [{ at: -8, mask: 0xffff, value: 0x1a }] } as const;
    const in32 = { bits: 28, digit: { at: 0, bytes: 4 }, order: 'lsd', octets: 'le', uses: [] } as const;
    const lengthOf = (length: object, cell = 4) => {
      const { lengths } = numberForm('test', { ...in32, cell, lengths: [{ ...field, ...length }] });
      return lengthsAt(lengths, bytes, { least: 1, most: 999 });
    };
    expect(lengthOf({})).toEqual([0x40]);
    expect(lengthOf({ shift: 2 })).toEqual([0x10]);
    expect(lengthOf({ unit: 8 })).toEqual([0x80]);
    expect(lengthOf({ unit: 1 }, 8)).toEqual([8]);
    expect(lengthOf({ at: -8, bytes: 6, shift: 16 })).toEqual([0x40]);
    expect(lengthOf({ fixed: [{ at: -8, mask: 0xff, value: 0x1b }] })).toEqual([]);
  });
});

describe('the kernels have the codes and the bits of the table', () => {
  const source = (path: string): string => readFileSync(`src/${path}.as.ts`, 'utf8');
  const constant = (text: string, name: string): number =>
    Number(new RegExp(`${name}: [iu]32 = (\\w+);`).exec(text)?.[1]);

  test('encodings are in the order of their codes', () => {
    expect(INTEGER_ENCODINGS).toEqual([
      ...['limbs-le', 'bytes-be', 'int32-msw', 'digits30-le32', 'digits60-le64', 'digits63-le64'],
      ...['v8-smi28', 'v8-smi26', 'v8-double28', 'v8-double26', 'v8-smi28c', 'v8-smi26c', 'base64url', 'hex'],
      ...['digits28-le32', 'limbs-be-hprof', 'ints-be-hprof', 'jsc-int28', 'jsc-int26'],
    ]);
    const searched = [...formsFor('search').map(({ name }) => name), ...TEXT_ENCODINGS];
    expect([...INTEGER_ENCODINGS].sort()).toEqual(searched.sort());
  });

  test('src/sweep/runs/kernel/digits.as.ts: stretches of digits', () => {
    const text = source('sweep/runs/kernel/digits');
    const half = constant(text, 'HALF');
    const calls = [...text.matchAll(/stretches\(.*, end, (\d), (\d), (\w+), (\d+), (\d), \d+\);/g)];
    const stretches = calls.map(([, ...values]) =>
      values.map((value) => (value === 'HALF' ? half : Number(value))),
    );
    expect(stretches).toEqual(
      RUN_FORMS.map((forms, code) => {
        const { cell, bits, digit } = forms.at(-1)!;
        const upper = cell - 4;
        const mask = ((1n << BigInt(bits)) - 1n) << BigInt(digit.shift ?? 0);
        return [cell, upper, Number(0xffff_ffffn & ~(mask >> BigInt(8 * upper))), bits, code];
      }),
    );
  });

  test('src/sweep/runs/kernel/digits.as.ts: numbers of curves', () => {
    const text = source('sweep/runs/kernel/digits');
    expect(constant(text, 'DIGITS30')).toBe(INTEGER_ENCODINGS.indexOf('digits30-le32'));
    expect(constant(text, 'DIGITS60')).toBe(INTEGER_ENCODINGS.indexOf('digits60-le64'));
    const calls = [...text.matchAll(/sizes\(p, end, (\d), (\d+), flags \| \(DIGITS(\d+) << 2\)/g)];
    const sizes = calls.map(([, log, bits, name]) => [2 ** Number(log), Number(bits), Number(name)]);
    const { 'digits30-le32': narrow, 'digits60-le64': wide } = NUMBER_FORMS;
    expect(sizes).toEqual([narrow, wide].map(({ cell, bits }) => [cell, bits, bits]));
  });

  test('src/sweep/kernel/digits.as.ts: digits of JavaScript engines', () => {
    const text = source('sweep/kernel/digits');
    const [tag] = NUMBER_FORMS['jsc-int28'].fixed;
    expect(constant(text, 'TAG')).toBe(tag!.value);
    expect(/const MOST: u32 = 1 << (\d+);/.exec(text)?.[1]).toBe('28');
    for (const name of ['jsc-int28', 'v8-smi28', 'v8-double28'] as const)
      expect([name, NUMBER_FORMS[name].bits]).toEqual([name, 28]);
  });

  test('src/search/kernel/crt.as.ts: words', () => {
    const text = source('search/kernel/crt');
    expect(constant(text, 'LE')).toBe(WORD_ENCODINGS.indexOf('limbs-le'));
    expect(constant(text, 'BE')).toBe(WORD_ENCODINGS.indexOf('bytes-be'));
  });

  test('the gates of the entropy net let the digits of the table pass', () => {
    const random = new SeededRandom('gates');
    const passing = DIGIT_GATES.map(({ zero: [low, high] }) =>
      formsFor('search')
        .filter(({ bits, cell }) => bits < 8 * cell)
        .filter(({ write }) => {
          const stored = write(random.bytes(200));
          for (let at = 0; at + 8 < stored.length; at += 8)
            if (((stored.readUInt32LE(at) & low) | (stored.readUInt32LE(at + 4) & high)) !== 0) return false;
          return true;
        })
        .map(({ name }) => name),
    );
    expect(passing[0]).toContain('v8-smi26c');
    expect(passing[1]).toContain('digits28-le32');
    expect(passing[2]).toContain('digits30-le32');
    expect(passing[3]).toContain('digits60-le64');
  });
});
