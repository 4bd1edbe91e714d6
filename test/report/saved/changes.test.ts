import { describe, expect, test } from '@jest/globals';
import type { ScanEvent } from '../../../src/core/model/report.js';
import { changeReporters } from '../../../src/report/saved/change-reporters.js';
import { type ChangeEvent, Comparison } from '../../../src/report/saved/changes.js';
import { RUNS } from '../event-streams.js';
import { artifact, finding, notCounted, place, run, summary } from '../events.js';
import { expectGolden } from '../golden.js';
import { joined } from './reading.js';

const id = (digit: string) => `v1:${digit.repeat(64)}`;

const scan = (path: string, findings: ScanEvent[], over = {}): ScanEvent[] => [
  run(),
  artifact({ path }),
  artifact({ path: 'other' }),
  ...findings,
  summary(over),
];

const kept = finding({ fingerprint: id('1'), title: 'Kept token' });
const accepted = notCounted('baseline', { fingerprint: id('2'), title: 'Accepted token', severity: 'high' });
const failing = finding({ fingerprint: id('2'), title: 'Accepted token' });
const gone = finding({ fingerprint: id('3'), title: 'Rotated token' });
const moved = (artifactIndex: number) =>
  finding({
    fingerprint: id('4'),
    title: 'Moved token',
    occurrences: [{ ...place(9), artifact: artifactIndex }],
  });
const fresh = finding({ fingerprint: id('5'), title: 'New token' });
const guessable = (offset: number) =>
  finding({
    ...{ fingerprint: null, title: 'Guessable password' },
    location: { path: 'core', offset, length: 8, region: { kind: 'heap' } },
  });

const before = scan('core', [kept, accepted, gone, moved(0), guessable(1)]);
const after = scan('core', [kept, failing, fresh, moved(1), guessable(1)]);

function compared(now: readonly ScanEvent[], old: readonly ScanEvent[]) {
  const comparison = new Comparison(joined(now), joined(old));
  const events = [...comparison.events()].filter((event) => event !== undefined);
  return { comparison, events };
}

function shown(format: 'pretty' | 'json', events: readonly ChangeEvent[], width?: number): string {
  const parts: string[] = [];
  const options = { color: false, ...(width === undefined ? {} : { width }) };
  const reporter = changeReporters[format]!((text) => parts.push(text), options);
  for (const event of events) reporter.event(event as ScanEvent);
  reporter.end();
  return parts.join('');
}

const changes = (events: readonly ChangeEvent[]) =>
  events.flatMap((event) => (event.type === 'finding' ? [[event.change.kind, event.title]] : []));

describe('two reports', () => {
  const { comparison, events } = compared(after, before);

  test('what changed is listed by kind', () => {
    expect(changes(events)).toEqual([
      ['new', 'New token'],
      ['failing', 'Accepted token'],
      ['moved', 'Moved token'],
      ['gone', 'Rotated token'],
    ]);
    expect(comparison.same).toBe(2);
    expect(comparison.exit).toBe(1);
  });

  test.each(['pretty', 'json'] as const)('%s has all changes', (format) => {
    expectGolden(`saved/changes.${format}.golden.txt`, shown(format, events));
  });

  test('on a terminal lines are broken', () => {
    expectGolden('saved/changes.80.golden.txt', shown('pretty', events, 80));
  });

  test('what is gone from a file that was not scanned again says so', () => {
    const events = compared(scan('other', []), scan('core', [gone])).events;
    expect(shown('pretty', events)).toContain('core: heap (not scanned again)');
  });

  test('no other format calls clean what is merely not new', () => {
    expect(Object.keys(changeReporters)).toEqual(['pretty', 'json']);
  });
});

const exits: [string, ScanEvent[], ScanEvent[], 0 | 1 | 2][] = [
  ['nothing changed', before, before, 0],
  ['something is gone', scan('core', [kept]), before, 0],
  ['something moved', scan('core', [moved(1)]), scan('core', [moved(0)]), 0],
  ['something is new and fails', after, before, 1],
  ['something is new and does not fail', scan('core', [accepted]), scan('core', []), 0],
  ['something accepted fails now', scan('core', [failing]), scan('core', [accepted]), 1],
  ['a guessable secret at another place', scan('core', [guessable(2)]), scan('core', [guessable(1)]), 1],
  ['not everything was read', scan('core', [kept], { complete: false, exit: 1 }), before, 2],
  ['the later scan was stopped', RUNS.aborted as ScanEvent[], RUNS.aborted as ScanEvent[], 2],
  ['the earlier scan was stopped', before, RUNS.aborted as ScanEvent[], 1],
  ['the earlier scan found nothing', before, RUNS.nothing as ScanEvent[], 1],
];

test.each(exits)('%s: the exit status', (_, now, old, exit) => {
  const { comparison, events } = compared(now, old);
  expect(comparison.exit).toBe(exit);
  const [last] = events.filter((event) => event.type === 'summary');
  if (last !== undefined) expect(last.exit).toBe(exit);
  expect(() => JSON.parse(shown('json', events))).not.toThrow();
});
