import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { addToBaseline, listBaseline, pruneBaseline, removeFromBaseline } from '../../src/api/baseline.js';
import type { ScanEvent } from '../../src/core/model/report.js';
import { RUNS } from '../report/event-streams.js';
import { artifact, finding, keyFinding, run, summary } from '../report/events.js';
import { render } from '../report/render.js';
import { withTempDir } from '../support/folder.js';

const NOW = new Date('2026-06-01T12:00:00Z');
const id = (digit: string) => `v1:${digit.repeat(64)}`;
const WORDS = { reason: 'a decoy', owner: 'red team', expires: '30d' };

interface Scene {
  baseline: string;
  report(events: readonly ScanEvent[], name?: string): string;
  entries(): unknown[];
}

const withFiles = (body: (scene: Scene) => Promise<void>): Promise<void> =>
  withTempDir((folder) =>
    body({
      baseline: join(folder, 'accepted.json'),
      report: (events, name = 'report.json') => {
        const file = join(folder, name);
        writeFileSync(file, render(name.endsWith('.ndjson') ? 'ndjson' : 'json', events));
        return file;
      },
      entries: () => JSON.parse(readFileSync(join(folder, 'accepted.json'), 'utf8')).entries,
    }),
  );

const scan = (...findings: ScanEvent[]): ScanEvent[] => [run(), artifact(), ...findings, summary()];

test('an entry is added by its short id, and renewed', async () => {
  await withFiles(async ({ baseline, report, entries }) => {
    const from = [report(scan(finding({ fingerprint: id('a') }), finding({ fingerprint: id('b') })))];
    const first = await addToBaseline(baseline, { id: 'aaaaaaaa', ...WORDS, from }, NOW);
    expect(first).toMatchObject({ renewed: false, notices: [] });
    expect(first.entry).toMatchObject({ id: 'aaaaaaaa', expired: false, expires: '2026-07-01' });
    const again = await addToBaseline(baseline, { id: 'aaaa', ...WORDS, expires: '2027-01-01', from }, NOW);
    expect(again.renewed).toBe(true);
    expect(entries()).toEqual([
      {
        fingerprint: id('a'),
        ruleId: 'example-token',
        reason: 'a decoy',
        owner: 'red team',
        expires: '2027-01-01',
      },
    ]);
  });
});

test('a whole fingerprint needs no report; the others stay', async () => {
  await withFiles(async ({ baseline, entries }) => {
    writeFileSync(baseline, JSON.stringify({ schemaVersion: 1, entries: [{ fingerprint: id('f') }] }));
    await addToBaseline(baseline, { id: id('a'), ...WORDS }, NOW);
    await addToBaseline(baseline, { id: 'b'.repeat(64), ...WORDS }, NOW);
    expect(entries()).toMatchObject([id('a'), id('b'), id('f')].map((fingerprint) => ({ fingerprint })));
  });
});

test('a proven key is a warning', async () => {
  await withFiles(async ({ baseline, report }) => {
    const from = [report(scan(keyFinding({}, 0)))];
    const { notices } = await addToBaseline(baseline, { id: '12121212', ...WORDS, from }, NOW);
    expect(notices.map(({ code }) => code)).toEqual(['baseline-hides-proven-key']);
  });
});

const refused: [string, Partial<typeof WORDS> & { id?: string }, string][] = [
  ['a short id without a report', { id: 'aaaaaaaa' }, 'unknown-id'],
  ['no id', { id: 'main.c' }, 'unknown-id'],
  ['an empty reason', { reason: ' ' }, 'wrong-call'],
  ['an empty owner', { owner: '' }, 'wrong-call'],
  ['a wrong date', { expires: '2026-02-30' }, 'wrong-date'],
  ['a date in the past', { expires: '2026-05-01' }, 'wrong-date'],
];

test.each(refused)('%s is refused, and nothing is written', async (_, over, code) => {
  await withFiles(async ({ baseline }) => {
    const call = addToBaseline(baseline, { id: id('a'), ...WORDS, ...over }, NOW);
    await expect(call).rejects.toMatchObject({ code, exit: 3 });
    expect(existsSync(baseline)).toBe(false);
  });
});

test.each([
  ['unknown', 'cccccccc', 'unknown-id', /no finding of the report has the id cccccccc/],
  ['of two findings', 'aaaa', 'ambiguous-id', /2 findings begin with aaaa: a{16}, aaaab{12}$/],
  ['too short', 'aaa', 'unknown-id', /4 hexadecimal digits/],
])('an id that is %s is refused', async (_, word, code, message) => {
  await withFiles(async ({ baseline, report }) => {
    const near = finding({ fingerprint: `v1:aaaa${'b'.repeat(60)}` });
    const from = [report(scan(finding({ fingerprint: id('a') }), near))];
    const call = addToBaseline(baseline, { id: word, ...WORDS, from }, NOW);
    await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test('a file that is no baseline is never overwritten', async () => {
  await withFiles(async ({ baseline }) => {
    writeFileSync(baseline, 'a letter');
    const call = addToBaseline(baseline, { id: id('a'), ...WORDS }, NOW);
    await expect(call).rejects.toMatchObject({ code: 'baseline-invalid' });
    expect(readFileSync(baseline, 'utf8')).toBe('a letter');
    expect(readdirSync(join(baseline, '..'))).toEqual(['accepted.json']);
  });
});

test('texts are masked and escaped', async () => {
  await withFiles(async ({ baseline }) => {
    const token = ['ghp_', 'k7Qz2mXv9RtB4wLcYp3s', 'Hd8NfG6jTe1A5uVo'].join('');
    await addToBaseline(baseline, { id: id('a'), ...WORDS, reason: `it is ${token}\u001b[31m` }, NOW);
    const [entry] = await listBaseline(baseline, NOW);
    for (const text of [readFileSync(baseline, 'utf8'), JSON.stringify(entry)])
      expect(text).not.toContain(token.slice(0, 12));
    expect(entry!.reason).toMatch(/^it is \[masked: .*\]\\x1b\[31m$/);
  });
});

test('what has expired is listed as such, and pruned', async () => {
  await withFiles(async ({ baseline, entries }) => {
    const list = [
      { fingerprint: id('a'), expires: '2026-06-01' },
      { fingerprint: id('b'), expires: '2026-06-02' },
      { fingerprint: id('c') },
    ];
    writeFileSync(baseline, JSON.stringify({ schemaVersion: 1, entries: list }));
    expect((await listBaseline(baseline, NOW)).map(({ expired }) => expired)).toEqual([true, false, false]);
    const { removed, kept } = await pruneBaseline(baseline, undefined, NOW);
    expect(removed.map(({ id: short }) => short)).toEqual(['aaaaaaaa']);
    expect(kept).toBe(2);
    expect(entries()).toEqual(list.slice(1));
  });
});

test('what no report has any more is pruned, unless not everything was searched', async () => {
  await withFiles(async ({ baseline, report, entries }) => {
    const list = ['1', '2'].map((digit) => ({ fingerprint: id(digit) }));
    const text = JSON.stringify({ schemaVersion: 1, entries: list });
    writeFileSync(baseline, text);
    const seen = report(scan(finding({ fingerprint: id('1') })));
    const cut = report(RUNS.incomplete!, 'cut.ndjson');
    const kept = await pruneBaseline(baseline, [seen, cut], NOW);
    expect(kept).toMatchObject({ removed: [], kept: 2, notices: [{ code: 'baseline-kept' }] });
    expect(readFileSync(baseline, 'utf8')).toBe(text);
    await pruneBaseline(baseline, [seen], NOW);
    expect(entries()).toEqual([list[0]]);
  });
});

/** Reports that are complete, and of scans that would not have seen each secret. */
test.each([{ only: ['github-token'] }, { skip: ['private-key-number'] }, { entropyNet: false }])(
  'a scan with %j removes only what has expired',
  async (options) => {
    await withFiles(async ({ baseline, report, entries }) => {
      const list = [{ fingerprint: id('1') }, { fingerprint: id('2'), expires: '2026-01-01' }];
      writeFileSync(baseline, JSON.stringify({ schemaVersion: 1, entries: list }));
      const from = report([run({ options }), artifact(), summary()]);
      const { removed, notices } = await pruneBaseline(baseline, [from], NOW);
      expect(removed.map(({ id: short }) => short)).toEqual(['22222222']);
      expect(notices).toMatchObject(
        [{ code: 'baseline-kept', message: /keeps 1 entry .* did not search/ }].map(({ code, message }) => ({
          code,
          message: expect.stringMatching(message),
        })),
      );
      expect(entries()).toEqual([list[0]]);
    });
  },
);

describe('one entry is removed', () => {
  const list = [
    { fingerprint: id('a'), reason: 'a decoy' },
    { fingerprint: `v1:aaaa${'b'.repeat(60)}` },
    { fingerprint: id('c') },
  ];
  const text = JSON.stringify({ schemaVersion: 1, entries: list });

  test.each(['aaaaaaaa', id('a'), 'A'.repeat(64)])('by %s', async (word) => {
    await withFiles(async ({ baseline, entries }) => {
      writeFileSync(baseline, text);
      const { removed, kept } = await removeFromBaseline(baseline, word, NOW);
      expect({ id: removed.id, reason: removed.reason, kept }).toEqual({
        ...{ id: 'aaaaaaaa', reason: 'a decoy', kept: 2 },
      });
      expect(entries()).toEqual(list.slice(1));
    });
  });

  test.each([
    ['no entry', 'dddddddd', 'unknown-id', /accepted\.json has no entry with the id dddddddd$/],
    ['two entries', 'aaaa', 'ambiguous-id', /2 entries begin with aaaa: a{16}, aaaab{12}$/],
    ['nothing', 'core.1', 'unknown-id', /4 hexadecimal digits/],
  ])('not by an id of %s', async (_, word, code, message) => {
    await withFiles(async ({ baseline }) => {
      writeFileSync(baseline, text);
      const call = removeFromBaseline(baseline, word, NOW);
      await expect(call).rejects.toMatchObject({ code, exit: 3, message: expect.stringMatching(message) });
      expect(readFileSync(baseline, 'utf8')).toBe(text);
    });
  });
});
