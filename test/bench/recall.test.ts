import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { bestOf, compareLedgers, joinDumps, nextLedger, worstOf } from '../../bench/recall/compare.js';
import { foundBy } from '../../bench/recall/found-by.js';
import { ANY_FORM, formatLedger, notRun, parseLedger, type Row } from '../../bench/recall/row.js';
import { markdown } from '../../bench/recall/table.js';
import { spkiSha256 } from '../../fixtures/keys.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';
import type { Report } from '../support/reports.js';
import { writePrivate } from '../support/secrets.js';

const row = (more: Partial<Row> = {}): Row => ({
  program: 'server',
  library: 'OpenSSL',
  dump: 'worker',
  key: 'rsa',
  form: 'little-endian',
  found: 8,
  places: 8,
  proven: true,
  by: '',
  flaky: false,
  seconds: 1.5,
  ...more,
});
const KEY = rsaFrom('recall', 1024);

/** What {@link foundBy} says of a finding of that key. */
function found(encoding: string, statement: string, path = ''): string {
  const finding = { proof: [statement], key: { spkiSha256: spkiSha256(KEY), algorithm: 'RSA', encoding } };
  const report = { findings: [finding] } as unknown as Report;
  return foundBy({ path, keys: { rsa: KEY }, needles: [] }, report)('rsa');
}

const key = row({ form: ANY_FORM, found: 1, places: 1, by: 'rsa-known-d' });
const missing = notRun('server', 'OpenSSL', 'openssl\nnot found');

describe('the text of the recall ledger', () => {
  test('reads back what was written, sorted', () => {
    const rows = [row({ program: 'z', flaky: true }), row({ dump: '', proven: false, found: 0 }), missing];
    const read = parseLedger(formatLedger(rows));
    expect(read).toEqual([missing, rows[1], rows[0]]);
    expect(missing.form).toBe('not run: openssl not found');
  });

  test('of other columns is refused', () => {
    expect(() => parseLedger('program\tkey\n')).toThrow('other columns');
  });

  test('as Markdown names what was not found', () => {
    const text = markdown([key, row({ found: 7 })]);
    expect(text).toContain('| server, worker | OpenSSL | 1 | 7 of 8 | little-endian | rsa-known-d | 1.5 |');
    expect(text).toContain('| server, worker | rsa | little-endian | 7 of 8 |  |');
  });
});

test.each([
  ['the number here is dp', 'rsa-known-crt'],
  ['the number here is R^2 mod q', 'rsa-known-montgomery'],
  ['the first 16 bytes of p are lost and were computed', 'rsa-prime-parts'],
  ['n = p*q', 'rsa-two-primes'],
])('a key with the statement "%s" was found by %s', (statement, search) => {
  expect(found('limbs-le', statement)).toBe(search);
});

test('a key of a whole form was found by that form', () => {
  expect(found('pkcs8', 'n = p*q')).toBe('pkcs8');
});

test('d was found with a known modulus if the public key is in the dump, else with a bare one', () =>
  withTempDir((folder) => {
    const spki = createPublicKey(KEY).export({ format: 'der', type: 'spki' });
    const modulus = Buffer.from(KEY.export({ format: 'jwk' }).n!, 'base64url');
    const statement = 'the number here is d';
    expect(found('limbs-le', statement, writePrivate(folder, 'known', spki))).toBe('rsa-known-d');
    expect(found('limbs-le', statement, writePrivate(folder, 'bare', modulus))).toBe('rsa-n-and-d');
  }));

describe('the comparison of two ledgers', () => {
  const none = { lost: [], gained: [], absent: [], notRun: [] };

  test('is empty for equal rows, other numbers of places and other times', () => {
    const now = [key, row({ found: 5, places: 5, seconds: 9 })];
    expect(compareLedgers([key, row()], now)).toEqual(none);
  });

  test.each([{ found: 7 }, { found: 0 }, { proven: false }])(
    'has a loss for a row that becomes %j',
    (change) => {
      const now = row(change);
      expect(compareLedgers([row()], [now])).toEqual({ ...none, lost: [{ before: row(), now }] });
      expect(compareLedgers([now], [row()])).toEqual({ ...none, gained: [{ before: now, now: row() }] });
    },
  );

  test('has a loss for a whole key that is gone, not for a form that the dump does not contain', () => {
    const now = row({ form: 'hex' });
    expect(compareLedgers([key, row()], [now])).toEqual({
      ...none,
      lost: [{ before: key, now: undefined }],
      gained: [{ before: undefined, now }],
      absent: [row()],
    });
    const flaky = { ...key, flaky: true };
    expect(compareLedgers([flaky, row()], [row()])).toEqual({ ...none, absent: [flaky] });
  });

  test('has no loss for a program that was not run or not chosen', () => {
    expect(compareLedgers([key, row({ program: 'other' })], [missing])).toEqual({
      ...none,
      notRun: [missing],
    });
  });

  test('has no gain for a flaky row that is better by chance', () => {
    expect(compareLedgers([row({ found: 0, flaky: true })], [row()])).toEqual(none);
  });
});

describe('runs of one build', () => {
  test('give the worst of each row, flaky where they differ', () => {
    const worst = row({ found: 7 });
    expect(
      worstOf([
        [key, row()],
        [key, worst],
      ]),
    ).toEqual([key, { ...worst, flaky: true }]);
    expect(worstOf([[key, row()], [key]])).toEqual([key, { ...row(), flaky: true }]);
  });

  test('give the best of each row', () => {
    expect(bestOf([[row({ found: 0 })], [row()], [row({ proven: false })]])).toEqual([row()]);
  });

  test('add up the dumps of one name', () => {
    const [joined] = joinDumps([row(), row({ found: 0, proven: false })]);
    expect(joined).toMatchObject({ found: 8, places: 16, proven: false });
  });
});

describe('the next ledger', () => {
  test('replaces the rows of what was run and keeps those of what was not', () => {
    const other = row({ program: 'other' });
    expect(nextLedger([key, row(), other], [row({ found: 7 })])).toEqual([other, row({ found: 7 })]);
    expect(nextLedger([key, row()], [missing])).toEqual([key, row()]);
    expect(nextLedger([missing], [key])).toEqual([key]);
    expect(nextLedger([], [missing])).toEqual([missing]);
    expect(nextLedger([missing], [missing])).toEqual([missing]);
  });
});
