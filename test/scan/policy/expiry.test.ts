import { expect, test } from '@jest/globals';
import { expiryOf } from '../../../src/scan/policy/expiry.js';
import fc from '../../support/property.js';

const NOW = new Date('2027-01-31T12:00:00Z');

test.each([
  ['30d', '2027-03-02'],
  ['30 days', '2027-03-02'],
  ['1d', '2027-02-01'],
  ['2w', '2027-02-14'],
  ['1m', '2027-02-28'],
  ['13 months', '2028-02-29'],
  ['1Y', '2028-01-31'],
  ['2027-02-01', '2027-02-01'],
  [' 2030-12-31 ', '2030-12-31'],
  ['2027-02-01T08:00:00Z', '2027-02-01T08:00:00Z'],
])('%s ends %s', (text, end) => {
  expect(expiryOf(text, NOW)).toBe(end);
});

test.each([
  ['2027-01-31', 'is in the past'],
  ['2020-01-01', 'is in the past'],
  ['0d', 'is in the past'],
  ['2027-02-30', 'is no date'],
  ['2027-13-01', 'is no date'],
  ['31.12.2027', 'is no date'],
  ['soon', 'is no date'],
  ['', 'is no date'],
  ['-30d', 'is no date'],
  ['3d 2w', 'is no date'],
  ['9999y', 'is no date'],
  ['99999999d', 'is no date'],
])('%j is refused', (text, why) => {
  expect(() => expiryOf(text, NOW)).toThrow(why);
});

test('days from now are that many days', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.date({ min: NOW, noInvalidDate: true }),
      (days, from) => {
        fc.pre(from.getUTCFullYear() < 2100);
        const end = Date.parse(expiryOf(`${days}d`, from));
        const start = Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate());
        expect(end - start).toBe(days * 86_400_000);
      },
    ),
  );
});
