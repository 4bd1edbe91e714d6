import { expect, test } from '@jest/globals';
import { durationText, scanningOptions, sizeText } from '../../../fleet/verbs/scanning.js';
import { confirmed, storeOf } from '../../../fleet/verbs/store.js';
import { timeOf } from '../../../fleet/verbs/time.js';

/** Arguments of the verbs of hunt. */

test.each([
  'hunt.db',
  './a:b@c',
  'C:\\hunt.db',
  'postgres://db/hunt',
  'postgresql://me@db:5432/hunt?sslmode=verify-full&sslrootcert=/ca.crt',
  'postgres://me@%2Ftmp%2Fsocket/hunt',
  'postgres:///hunt?host=/tmp/a:b@c',
  'postgres://db:5432/hunt?application_name=a:b@c',
  'postgres://[::1]:5432/hunt',
])('%s is a store', (store) => {
  expect(storeOf(store)).toBe(store);
});

test.each([
  [undefined, 'wrong-call'],
  ['', 'wrong-call'],
  ['mysql://db/hunt', 'wrong-store'],
  ['s3://bucket/hunt.db', 'wrong-store'],
])('%s is none: %s', (store, code) => {
  let error: unknown;
  try {
    storeOf(store);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code, exit: 3 });
});

const NOW = new Date('2026-12-01T12:00:00Z');

test.each([
  ['2026-11-30', '2026-11-30T00:00:00.000Z'],
  ['2026-11-30T10:00Z', '2026-11-30T10:00:00.000Z'],
  ['2026-11-30T10:00:01+02:00', '2026-11-30T08:00:01.000Z'],
  ['30d', '2026-11-01T12:00:00.000Z'],
  ['12h', '2026-12-01T00:00:00.000Z'],
  ['2 weeks', '2026-11-17T12:00:00.000Z'],
  ['90 min', '2026-12-01T10:30:00.000Z'],
])('since %s is %s', (text, time) => {
  expect(timeOf('since', text, NOW)).toBe(time);
});

test.each(['yesterday', '2026-13-01', '2026-02-30', '2026-11-30T10:00', '10', 'd', '1y'])(
  '%s is no time',
  (text) => {
    expect(() => timeOf('before', text, NOW)).toThrow('--before is no time');
  },
);

test('options of a scan are those of the library, sizes are bytes', () => {
  expect(
    scanningOptions({
      store: 'x.db',
      find: ['a'],
      effort: 'quick',
      jobs: 2,
      spoolMax: 3,
      memory: 1,
      dumpTimeLimit: 9,
    }),
  ).toEqual({
    store: 'x.db',
    scanner: { find: ['a'], effort: 'quick' },
    limits: { seconds: 9, memory: 2 ** 30 },
    jobs: 2,
    spoolMax: 3 * 2 ** 30,
  });
  expect(() => scanningOptions({ store: 'x.db', heartbeat: 9 })).toThrow('at least 10');
});

test('nothing is asked where there is no terminal', async () => {
  await expect(confirmed('Remove them?')).rejects.toMatchObject({ code: 'not-confirmed', exit: 3 });
});

test('sizes and durations in words', () => {
  expect([0, 1, 999_999, 2e6, 3.4e9].map(sizeText)).toEqual(['0 kB', '1 kB', '1000 kB', '2 MB', '3.40 GB']);
  expect([0.2, 40, 119, 120, 7300, 200_000].map(durationText)).toEqual([
    '0 s',
    '40 s',
    '119 s',
    '2 min',
    '2 h',
    '2 d',
  ]);
});
