import { describe, expect, test } from '@jest/globals';
import { FORMATS, KINDS, type ScanEvent, SEVERITIES } from '../../../src/core/model/report.js';
import { JoinedReport } from '../../../src/report/saved/joined.js';
import fc from '../../support/property.js';
import { RUNS } from '../event-streams.js';
import { artifact, finding, run, summary } from '../events.js';
import { render } from '../render.js';
import { eventsOf, readText, saved } from './reading.js';

/** An empty stream is no report: its JSON says nothing of a run. */
const runs = Object.entries(RUNS).filter(([, events]) => events.length > 0);
const SAVED = ['json', 'ndjson'] as const;

describe.each(runs)('run %s', (_, events) => {
  describe.each(SAVED)('saved as %s', (format) => {
    const read = eventsOf(new JoinedReport([saved(events, format)]));
    test.each(FORMATS)('gives the same %s as the scan', (shown) => {
      expect(render(shown, read)).toBe(render(shown, events));
      expect(render(shown, read, { width: 80, color: true })).toBe(
        render(shown, events, { width: 80, color: true }),
      );
    });
  });

  test.each([1, 7, 1000])('in pieces of %i bytes it is the same report', (piece) => {
    const text = render('json', events);
    expect(eventsOf(new JoinedReport([readText(text, piece)]))).toEqual(
      eventsOf(new JoinedReport([readText(text)])),
    );
  });
});

test('the order of members has no meaning (jq -S)', () => {
  const events = RUNS.findings!;
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, each]) => [name, sorted(each)]),
          )
        : value;
  const text = JSON.stringify(sorted(JSON.parse(render('json', events))), null, 2);
  const read = eventsOf(new JoinedReport([readText(text)]));
  for (const format of ['json', 'ndjson', 'sarif', 'markdown'])
    expect(render(format, read).length).toBe(render(format, events).length);
  expect(read.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
});

/** Any text without lone surrogates, which a report never has. */
const words = fc.string({ unit: 'grapheme', maxLength: 40 });

const findings = fc.array(
  fc
    .record({
      kind: fc.constantFrom(...KINDS),
      severity: fc.constantFrom(...SEVERITIES),
      title: words,
      impact: words,
      counts: fc.boolean(),
      signing: fc.boolean(),
      notes: fc.array(words, { maxLength: 3 }),
      claims: fc.dictionary(words, fc.oneof(words, fc.integer(), fc.array(words)), { maxKeys: 3 }),
      digit: fc.integer({ min: 0, max: 0xffff }),
    })
    .map(({ digit, ...over }) =>
      finding({ ...over, fingerprint: `v1:${digit.toString(16).padStart(64, '0')}` }),
    ),
  { maxLength: 12 },
);

test('whatever the texts are, a saved report gives the same report in every format', () => {
  fc.assert(
    fc.property(findings, fc.constantFrom(...SAVED), fc.constantFrom(...FORMATS), (list, format, shown) => {
      const events: ScanEvent[] = [run(), artifact(), artifact({ path: 'b' }), ...list, summary()];
      const read = eventsOf(new JoinedReport([saved(events, format)]));
      expect(render(shown, read)).toBe(render(shown, events));
    }),
    { numRuns: 60 },
  );
});
