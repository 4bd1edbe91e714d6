import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelValue, parseLabel } from '../../../fleet/src/listing/label.js';
import { timeOf } from '../../../fleet/src/listing/label-time.js';
import { cases } from '../../support/property.js';
import '../listed.js';

const value = (label: string, path: string) => labelValue(parseLabel(label), path);

describe('--label', () => {
  test.each<[string, string, string | undefined]>([
    ['host=dumps/{host}/*', '/srv/dumps/web1/core.1', 'web1'],
    ['host=dumps/{host}/*', 'dumps/web1/core.1', 'web1'],
    ['host=dumps/{host}/*', 'dumps/web1/deep/core.1', undefined],
    ['host=dumps/{host}/**', 'dumps/web1/deep/er/core.1', 'web1'],
    ['host=/dumps/{host}/*', '/srv/dumps/web1/core.1', undefined],
    ['host=/srv/dumps/{host}/*', '/srv/dumps/web1/core.1', 'web1'],
    ['host=dumps/{host}/*', 'mydumps/web1/core.1', undefined],
    ['host=dumps/{host}/*', 'dumps/dumps/a/b', 'a'],
    ['host={host}.core', 'x/web1.eu.core', 'web1.eu'],
    ['host=core-{host}-?.zst', 'core-web-1-7.zst', 'web-1'],
    ['host=core-{host}-*.zst', 'core-web-1-7.zst', 'web'],
    ['host={host}', 'a/b/c', 'c'],
    ['host=**/{host}/core*', 'a/b/core.1', 'b'],
    ['host=a/**/{host}/core*', 'a/b/core.1', 'b'],
    ['host=.{host}', '.x/.', undefined],
    ['time=*/{time}.core', 'a/20261202-010203.core', '20261202-010203'],
    ['host=ä{host}ü', 'x/ä\u{1F4A3}ü', '\u{1F4A3}'],
  ])('%s of %s', (label, path, expected) => {
    expect(value(label, path)).toBe(expected);
  });

  test.each([
    ['pid=x/{pid}', 'host= or time='],
    ['{host}', 'host= or time='],
    ['host=', 'missing'],
    ['host=dumps/*', '{host} once'],
    ['host={host}/{host}', '{host} once'],
    ['host={time}/{host}', '{time} is not {host}'],
    ['host={a,b}/{host}', '{a,b} is not {host}'],
    ['host=x}/{host}', '} is not {host}'],
    ['host=*{host}', 'leaves open'],
    [`host=${'a/'.repeat(64)}{host}`, 'components'],
  ])('%s is wrong: %s', (text, why) => {
    expect(() => parseLabel(text)).toThrow(
      expect.objectContaining({ code: 'wrong-label', exit: 3, message: expect.stringContaining(why) }),
    );
  });

  test('finds what was put in the place of the value', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 4 }),
        fc.array(word, { minLength: 1, maxLength: 3 }),
        word,
        (before, fixed, host) => {
          const path = ['', ...before, 'dumps', ...fixed, `core-${host}.gz`].join('/');
          expect(value(`host=dumps/${fixed.map(() => '*').join('/')}/core-{host}.gz`, path)).toBe(host);
        },
      ),
      { numRuns: cases(200) },
    );
  });

  test('takes time that is linear in a hostile name', () => {
    const label = parseLabel('host=**/a*a*a*a*a*a*b/**/**/**/x{host}x');
    const begun = process.cpuUsage();
    expect(labelValue(label, `${'a'.repeat(1000)}/${'a/'.repeat(1500)}c`)).toBeUndefined();
    const { user, system } = process.cpuUsage(begun);
    expect(user + system).toBeLessThan(2_000_000);
  });
});

test.each<[string, string | undefined]>([
  ['2026-12-02T01:02:03Z', '2026-12-02T01:02:03.000Z'],
  ['2026-12-02T01:02:03.4567Z', '2026-12-02T01:02:03.456Z'],
  ['2026-12-02T01:02:03+02:00', '2026-12-01T23:02:03.000Z'],
  ['2026-12-02T01:02:03-0330', '2026-12-02T04:32:03.000Z'],
  ['2026-12-02T01-02-03', '2026-12-02T01:02:03.000Z'],
  ['2026-12-02_01.02.03', '2026-12-02T01:02:03.000Z'],
  ['2026-12-02 01:02', '2026-12-02T01:02:00.000Z'],
  ['2026-12-02', '2026-12-02T00:00:00.000Z'],
  ['20261202-010203', '2026-12-02T01:02:03.000Z'],
  ['20261202T010203Z', '2026-12-02T01:02:03.000Z'],
  ['20261202', '2026-12-02T00:00:00.000Z'],
  ['20261202010203', '2026-12-02T01:02:03.000Z'],
  ['1796173323', '2026-12-02T01:02:03.000Z'],
  ['1796173323456', '2026-12-02T01:02:03.456Z'],
  ['2026-02-30', undefined],
  ['20261302', undefined],
  ['2026-12-02T25:00:00', undefined],
  ['17961733', undefined],
  ['web1', undefined],
  ['', undefined],
])('the time %s', (text, expected) => {
  expect(timeOf(text)).toBe(expected);
});
