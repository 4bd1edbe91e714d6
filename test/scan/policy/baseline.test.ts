import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { atOnce } from '../../../src/core/base/runtime/turns.js';
import type { Finding } from '../../../src/core/model/report.js';
import { Baseline, type BaselineEntry, BaselineWriter } from '../../../src/scan/policy/baseline.js';
import { Fold } from '../../../src/scan/policy/fold.js';
import { KnownSecrets, suppressionBy } from '../../../src/scan/policy/known-secrets.js';
import { judged, strongText } from '../../prove/judge/judged-builder.js';
import { withTempDir } from '../../support/folder.js';
import fc from '../../support/property.js';
import { addJudged } from './add-judged.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const print = (n: number) => `v1:${n.toString(16).padStart(64, '0')}`;
const finding = (over: Partial<Finding> = {}) =>
  ({
    fingerprint: print(1),
    counts: true,
    ruleId: 'r',
    title: 'A token',
    confidence: 'high',
    ...over,
  }) as Finding;

const document = (...entries: unknown[]) => JSON.stringify({ schemaVersion: 1, entries });

describe('reading', () => {
  test.each<[string, string, string]>([
    ['no JSON', '{', 'b.json: is not JSON'],
    ['null', 'null', 'schemaVersion is not 1'],
    ['another version', '{"schemaVersion":2,"entries":[]}', 'schemaVersion is not 1'],
    ['no list', '{"schemaVersion":1,"entries":{}}', 'entries is not a list'],
    ['no object', document(7), 'entries[0] is not an object'],
    ['no fingerprint', document({}), 'entries[0].fingerprint is not'],
    [
      'a raw secret',
      document({ fingerprint: print(1) }, { fingerprint: 'hunter2' }),
      'entries[1].fingerprint is not',
    ],
    ['reason is a number', document({ fingerprint: print(1), reason: 1 }), 'entries[0].reason is not text'],
    [
      'expires is not a date',
      document({ fingerprint: print(1), expires: 'soon' }),
      'entries[0].expires is not a date',
    ],
    ...['2026-02-30', '2026-13-01', '2025-02-29T00:00:00Z'].map((expires): [string, string, string] => [
      `expires on ${expires}, a day that does not exist`,
      document({ fingerprint: print(1), expires }),
      'entries[0].expires is not a date',
    ]),
    [
      'a misspelt field',
      document({ fingerprint: print(1), expiry: '2030-01-01' }),
      'entries[0] has an unknown field',
    ],
  ])('%s', (_, text, message) => {
    expect(() => Baseline.parse(text, 'b.json')).toThrow(message);
  });

  test.each(['2028-02-29', '2026-06-02T23:30:00+14:00', '2026-12-31T23:59:59.999Z'])(
    'expires on %s',
    (expires) => {
      expect(() => Baseline.parse(document({ fingerprint: print(1), expires }), 'b')).not.toThrow();
    },
  );

  test('an error never quotes the file', () => {
    expect(() => Baseline.parse(document({ fingerprint: 'hunter2' }), 'b')).not.toThrow('hunter2');
  });

  test('an entry is valid until it expires', () => {
    const text = document(
      { fingerprint: print(1) },
      { fingerprint: print(2), expires: '2026-05-31' },
      { fingerprint: print(3), expires: '2026-06-02' },
    );
    const baseline = Baseline.parse(text, 'b', NOW);
    expect([0, 1, 2, 3].map((n) => baseline.has(print(n)))).toEqual([false, true, false, true]);
  });
});

describe('writing', () => {
  test('findings that count, and those that only the baseline suppresses', () => {
    const previous = new Baseline(
      [
        { fingerprint: print(2), reason: 'rotated on Friday', owner: 'ops' },
        { fingerprint: print(3), owner: 'ops', expires: '2026-01-01' },
      ],
      NOW,
    );
    const writer = new BaselineWriter(previous);
    const all = [
      finding({ fingerprint: print(9) }),
      finding({ fingerprint: print(2), counts: false, reason: 'baseline' }),
      finding({ fingerprint: print(3) }),
      finding({ fingerprint: print(4), counts: false, reason: 'below-threshold' }),
      finding({ fingerprint: null }),
    ];
    for (const each of all) writer.add(each);
    expect(JSON.parse(writer.text())).toEqual({
      schemaVersion: 1,
      entries: [
        { fingerprint: print(2), reason: 'rotated on Friday', owner: 'ops' },
        { fingerprint: print(3), owner: 'ops' },
        { fingerprint: print(9), ruleId: 'r' },
      ],
    });
    expect(writer.unfingerprinted).toBe(1);
  });

  test('the bytes do not depend on the order of findings, and can be read back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { maxLength: 20 }), (numbers) => {
        const write = (order: number[]) => {
          const writer = new BaselineWriter();
          for (const n of order) writer.add(finding({ fingerprint: print(n) }));
          return writer.text();
        };
        const text = write(numbers);
        expect(write([...numbers].reverse())).toBe(text);
        const read = Baseline.parse(text, 'b');
        expect(numbers.every((n) => read.has(print(n)))).toBe(true);
      }),
    );
  });
});

describe('in use', () => {
  const scan = (baseline: Baseline, seeds: number[], move = 0) => {
    const fold = new Fold({ suppression: suppressionBy(baseline, new Set()) });
    fold.artifact(0, { path: `core.${move}` });
    for (const seed of seeds)
      addJudged(
        fold,
        judged(strongText(seed), { offset: seed * 100 + move }, { address: BigInt(seed + move) }),
      );
    return [...atOnce(fold.findings())];
  };

  test('new addresses in a second scan are no new findings; a new secret is', () => {
    const writer = new BaselineWriter();
    for (const each of scan(new Baseline(), [1, 2, 3])) writer.add(each);
    const baseline = Baseline.parse(writer.text(), 'b');
    expect(scan(baseline, [1, 2, 3], 7777).filter((f) => f.counts)).toEqual([]);
    expect(scan(baseline, [1, 2, 3, 4], 7777).filter((f) => f.counts)).toHaveLength(1);
  });

  test('the allow list takes precedence', () => {
    const entries: BaselineEntry[] = [{ fingerprint: print(1) }];
    const suppressed = suppressionBy(new Baseline(entries), new Set([print(1), print(2)]));
    expect([1, 2, 3].map((n) => suppressed(print(n), () => []))).toEqual(['allowed', 'allowed', undefined]);
  });

  test('a hidden proven key and an expired entry give a warning', () => {
    const baseline = new Baseline(
      [
        { fingerprint: print(1) },
        { fingerprint: print(2), expires: '2026-01-01' },
        { fingerprint: print(3) },
      ],
      NOW,
    );
    const notices = baseline.notices([
      finding({ confidence: 'proven', counts: false, reason: 'baseline' }),
      finding({ fingerprint: print(2) }),
      finding({ fingerprint: print(3), counts: false, reason: 'baseline' }),
      finding({ fingerprint: null }),
    ]);
    expect(notices.map((n) => n.code)).toEqual(['baseline-hides-proven-key', 'baseline-expired']);
  });
});

test('a baseline that cannot be written leaves no temporary file', async () => {
  await withTempDir(async (folder) => {
    const known = await KnownSecrets.open({ writeBaseline: join(folder, 'next.json') });
    mkdirSync(join(folder, 'next.json'));
    expect(() => known.writeBaseline('all', String)).toThrow('cannot be written');
    expect(readdirSync(folder)).toEqual(['next.json']);
  });
});
