import { describe, expect, test } from '@jest/globals';
import { SeededRandom } from '../../../fixtures/random.js';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { finish } from '../../../src/core/base/runtime/turns.js';
import { FORM } from '../../../src/core/encodings/text-forms.js';
import { KnownScanner } from '../../../src/known/known-scanner.js';
import { valueTable } from '../../../src/known/value-table.js';
import { windowsOf } from '../../../src/redact/all/further-fills.js';
import { PartSieve } from '../../../src/redact/fill/printed/printed-job.js';
import fc from '../../support/property.js';
import { PRINTERS } from './printers.js';

const random = new SeededRandom('sieve');
const [component, value] = [random.bytes(48), random.bytes(40)].map((bytes) => Uint8Array.from(bytes));
const known = {
  table: finish(
    windowsOf([{ components: [{ name: 'd', value: new Secret(component!) }], spki: new Uint8Array(0) }]),
  ),
  values: finish(valueTable([new Secret(value!)])),
};

test('the ends of values are found wherever they are', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 12, max: 3 });
  fc.assert(
    fc.property(
      fc.array(bytes, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 40, max: 3 }),
      (values, text) => {
        const ends = values.filter(({ length }) => length >= 8).map((each) => Buffer.from(each.slice(-8)));
        const isIn = ends.some((end) => Buffer.from(text).includes(end));
        const table = finish(valueTable(values.map((each) => new Secret(each))));
        let isFound = false;
        new KnownScanner(table, text, { byKey: true }).scan(text.length, 0, text.length, () => {
          isFound = true;
        });
        expect(isFound).toBe(isIn);
      },
    ),
    { numRuns: 500 },
  );
});

/** Pieces of a list that are kept. */
function keptOf(text: Buffer, forms: number): [start: number, end: number][] {
  const pieces: [start: number, end: number][] = [];
  const sieve = new PartSieve(known);
  const found = (_forms: number, start: number, end: number) => pieces.push([start, end]);
  sieve.add({ text, forms, start: 0, end: text.length, found });
  sieve.finish();
  return pieces;
}

/** Lists by the names of {@link PRINTERS}. */
const PRINTED: readonly [name: string, forms: number][] = [
  ['C array', FORM.hex],
  ['C array without leading zeros', FORM.list],
  ['hex with colons', FORM.hex | FORM.list],
  ['hex in swapped words', FORM.hex | FORM.list],
  ['JSON array', FORM.list],
  ['Java array', FORM.list],
];

describe('long lists', () => {
  test.each(PRINTED)('%s: what is known is kept, wherever it is', (name, forms) => {
    for (const secret of [component!, value!])
      for (const before of [0, 1, 999, 1300, 1400, 2048, 3000]) {
        const noise = Buffer.from(random.bytes(6000));
        const all = Buffer.concat([noise.subarray(0, before), secret, noise.subarray(before)]);
        const text = PRINTERS[name]!(all);
        const at = PRINTERS[name]!(all.subarray(0, before + 4)).length;
        expect(keptOf(text, forms).some(([start, end]) => start <= at && at <= end)).toBe(true);
      }
  });

  test.each(PRINTED)('%s: of nothing known are left out', (name, forms) => {
    expect(keptOf(PRINTERS[name]!(Buffer.from(random.bytes(20_000))), forms)).toEqual([]);
  });

  test('of decimal numbers are kept only around long text', () => {
    const digits = Array.from({ length: 20_000 }, () => String(random.bytes(1)[0]! % 10)).join('');
    expect(keptOf(Buffer.from(digits), FORM.hex)).toEqual([]);
    const text = Buffer.from('0123456789'.repeat(4)).toString('hex');
    expect(keptOf(Buffer.from(digits.slice(0, 9999) + text + digits.slice(9999)), FORM.hex)).toHaveLength(1);
  });
});
