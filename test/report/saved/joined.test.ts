import { expect, test } from '@jest/globals';
import type { Finding, FindReport, ScanEvent, Summary } from '../../../src/core/model/report.js';
import { JoinedReport } from '../../../src/report/saved/joined.js';
import { RUNS } from '../event-streams.js';
import { artifact, find, finding, keyFinding, notCounted, run, summary } from '../events.js';
import { render } from '../render.js';
import { eventsOf, joined, readText, saved } from './reading.js';

const night = (name: string, ...findings: ScanEvent[]): ScanEvent[] => [
  run({ startedAt: `2026-03-0${name}T00:00:00.000Z`, options: { failOn: 'high', paths: [name] } }),
  artifact({ path: `core.${name}` }),
  ...findings,
  summary({ artifacts: 1, bytesScanned: 100, seconds: 0.5 }),
];

const of = <T extends ScanEvent['type']>(events: readonly ScanEvent[], type: T) =>
  events.filter((event): event is Extract<ScanEvent, { type: T }> => event.type === type);

const fingerprint = (digit: string) => `v1:${digit.repeat(64)}`;

test('findings of one secret are joined, their artifacts numbered anew', () => {
  const weak = notCounted('below-threshold', {
    severity: 'low',
    fingerprint: fingerprint('a'),
    proof: ['x'],
  });
  const strong = finding({
    severity: 'critical',
    fingerprint: fingerprint('a'),
    title: 'strong',
    ruleId: 'r',
  });
  const other = finding({ fingerprint: fingerprint('b') });
  const events = eventsOf(joined(night('1', weak), night('2', strong, other)));
  expect(of(events, 'artifact').map(({ path }) => path)).toEqual(['core.1', 'core.2']);
  const [first, second, ...none] = of(events, 'finding');
  expect(none).toEqual([]);
  expect(first).toMatchObject({
    ...{ title: 'strong', counts: true, severity: 'critical', occurrenceCount: 2, ruleId: 'r' },
    alsoMatched: ['example-token'],
    proof: ['CRC-32 checksum matches', 'x'],
  } satisfies Partial<Finding>);
  expect(first!.occurrences.map((place) => place.artifact)).toEqual([1, 0]);
  expect(second!.occurrences.map((place) => place.artifact)).toEqual([1]);
  expect(of(events, 'summary')).toMatchObject([
    {
      ...{ artifacts: 2, bytesScanned: 200, seconds: 1, exit: 1, complete: true },
      bySeverity: { critical: 1, high: 1 },
      notCounted: {},
    } satisfies Partial<Summary>,
  ]);
  const [begun] = of(events, 'run');
  expect(begun).toMatchObject({ startedAt: '2026-03-01T00:00:00.000Z', options: { failOn: 'high' } });
  expect(begun!.options).not.toHaveProperty('paths');
  for (const format of ['json', 'sarif', 'junit', 'markdown', 'pretty']) render(format, events);
});

test('findings without a fingerprint stay apart', () => {
  const guessable = finding({ fingerprint: null });
  const report = joined(night('1', guessable), night('2', guessable));
  expect(of(eventsOf(report), 'finding')).toHaveLength(2);
});

test('places beyond 1,000 are left out, but for one of each artifact', () => {
  const places = Array.from({ length: 900 }, (_, offset) => ({
    ...{ artifact: 0, offset, length: 1 },
    region: { kind: 'heap' as const },
  }));
  const many = finding({ occurrences: places, occurrenceCount: 5_000 });
  const [only] = of(eventsOf(joined(night('1', many), night('2', many), night('3', many))), 'finding');
  expect(only!.occurrenceCount).toBe(15_000);
  expect(only!.occurrences).toHaveLength(1_001);
  expect(new Set(only!.occurrences.map((place) => place.artifact))).toEqual(new Set([0, 1, 2]));
});

test('certificates of a key are those of all reports, each once', () => {
  const [{ certificates = [] }] = [keyFinding().key!];
  const later = { ...certificates[0]!, serial: 'ff' };
  const renewed = keyFinding({ key: { ...keyFinding().key!, certificates: [certificates[0]!, later] } }, 0);
  const [only] = of(eventsOf(joined(night('1', keyFinding({}, 0)), night('2', renewed))), 'finding');
  expect(only!.key!.certificates!.map(({ serial }) => serial)).toEqual(['0a1b', 'ff']);
});

test('answers for one key are one; values of one name may differ and stay apart', () => {
  const absent = { artifact: 0, status: 'absent' as const, forms: [], complete: true };
  const key = find({ results: [absent] });
  const value: ScanEvent = find({ name: '.env: A', askedBy: 'value', results: [absent] });
  delete (value as Partial<FindReport>).spkiSha256;
  const answers = of(eventsOf(joined(night('1', key, value), night('2', key, value))), 'find');
  expect(answers.map(({ name, results }) => [name, results.map((result) => result.artifact)])).toEqual([
    ['prod-signing.pem', [0, 1]],
    ['.env: A', [0]],
    ['.env: A', [1]],
  ]);
});

test.each([
  [['nothing'], 0],
  [['nothing', 'findings'], 1],
  [['nothing', 'incomplete'], 2],
  [['incomplete', 'findings'], 1],
  [['aborted'], 2],
  [['nothing', 'aborted'], 2],
] as const)('the exit status of %j is %i', (names, exit) => {
  expect(joined(...names.map((name) => RUNS[name]!)).exit).toBe(exit);
});

test('a report that did not end leaves the whole without a summary', () => {
  const events = eventsOf(joined(RUNS.nothing!, RUNS.aborted!));
  expect(of(events, 'summary')).toEqual([]);
});

test('a report with itself is twice its artifacts, and the same findings', () => {
  const [once, twice] = [joined(RUNS.findings!), joined(RUNS.findings!, RUNS.findings!)];
  // One of them has no fingerprint; those of RUNS share theirs.
  expect(of(eventsOf(twice), 'artifact')).toHaveLength(2 * of(eventsOf(once), 'artifact').length);
  const ids = (report: JoinedReport) =>
    new Set(of(eventsOf(report), 'finding').map((each) => each.fingerprint));
  expect(ids(twice)).toEqual(ids(once));
});

test('an ndjson report joins a JSON one', () => {
  const report = new JoinedReport([
    saved(night('1', finding()), 'ndjson'),
    readText(render('json', night('2', finding()))),
  ]);
  expect(of(eventsOf(report), 'finding')).toHaveLength(1);
});
