import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { ScanEvent } from '../../src/core/model/report.js';
import { json } from '../../src/report/json.js';
import { reporters } from '../../src/report/reporters.js';
import { reportSchema } from '../../src/report/schema.js';
import { RUNS } from './event-streams.js';
import { finding, keyFinding, run, summary } from './events.js';
import { expectGolden } from './golden.js';
import { shownText } from './html-blocks.js';
import { render } from './render.js';

const cases = Object.entries(RUNS);

describe.each(cases)('run %s', (name, events) => {
  test.each(Object.keys(reporters))('%s', (format) => {
    expectGolden(`${name}.${format}.golden.txt`, shownText(format, render(format, events)));
  });
});

/** zod also writes formats as patterns, which ajv checks. */
const ajv = new Ajv2020({ strict: true, validateFormats: false, allErrors: true });
const closed = reportSchema('closed');
const validReport = ajv.compile(closed);
const validEvent = ajv.compile((closed.$defs as { event: object }).event);
const open = reportSchema('open');
const acceptsReport = ajv.compile(open);

describe('the schema', () => {
  test.each(cases.filter(([name]) => name !== 'empty'))('holds for the json of run %s', (_, events) => {
    const report: unknown = JSON.parse(render('json', events));
    validReport(report);
    expect(validReport.errors).toBeNull();
    acceptsReport(report);
    expect(acceptsReport.errors).toBeNull();
  });

  test.each(cases)('holds for each line of ndjson of run %s', (_, events) => {
    const lines = render('ndjson', events).split('\n').slice(0, -1);
    expect(lines).toHaveLength(events.length);
    for (const line of lines) {
      validEvent(JSON.parse(line));
      expect(validEvent.errors).toBeNull();
    }
  });

  test('is what the build writes into the package', () => {
    const folder = mkdtempSync(join(tmpdir(), 'schema-'));
    try {
      const deep = join(folder, 'deep');
      execFileSync(process.execPath, [fileURLToPath(asset('dist/steps/write-schema.js')), deep]);
      const written = readFileSync(join(deep, 'report.schema.json'), 'utf8');
      expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(open)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const report = () => JSON.parse(render('json', RUNS.findings ?? []));
  const broken: [string, (report: ReturnType<typeof JSON.parse>) => void][] = [
    ['an unknown field', (r) => (r.findings[0].surprise = 1)],
    ['a misspelt field', (r) => (r.artifacts[0].coverage.file.byte = 1)],
    ['a negative offset', (r) => (r.findings[0].location.offset = -1)],
    ['an address as a number', (r) => (r.findings[0].location.address = 4096)],
    ['no occurrences', (r) => (r.findings[0].occurrences = [])],
    ['a fingerprint of another version', (r) => (r.findings[0].fingerprint = 'v2:00')],
    ['no verdict', (r) => delete r.verdict],
    ['an upper-case digest', (r) => (r.findings[0].key.spkiSha256 = 'CD'.repeat(32))],
    ['a warning code with a space', (r) => (r.artifacts[2].warnings[0].code = 'not parsed')],
  ];
  test.each(broken)('refuses %s', (_, spoil) => {
    const spoilt = report();
    spoil(spoilt);
    expect(acceptsReport(spoilt)).toBe(false);
    expect(validReport(spoilt)).toBe(false);
  });

  const grown: [string, (report: ReturnType<typeof JSON.parse>) => void][] = [
    ['kind', (r) => (r.findings[0].kind = 'passkey')],
    ['region', (r) => (r.findings[0].location.region.kind = 'enclave')],
    ['reason', (r) => (r.findings[3].reason = 'revoked')],
    ['reason in the summary', (r) => (r.summary.notCounted.revoked = 1)],
  ];
  test.each(grown)(
    'accepts new values of the enumeration %s for readers, not for this version',
    (_, grow) => {
      const newer = report();
      grow(newer);
      expect(acceptsReport(newer)).toBe(true);
      expect(validReport(newer)).toBe(false);
    },
  );
});

const FIELDS =
  'ruleId alsoMatched kind title signing severity confidence counts proof notes impact rotate location ' +
  'occurrences occurrenceCount key claims fingerprint preview';

describe('json', () => {
  const ORDER = 'schemaVersion tool startedAt options verdict complete artifacts findings find summary'.split(
    ' ',
  );

  test('has the documented order of fields, whatever the order of the event', () => {
    const shuffled = Object.fromEntries(Object.entries(keyFinding()).reverse()) as unknown as ScanEvent;
    const report = JSON.parse(render('json', [run(), shuffled, summary()]));
    expect(Object.keys(report)).toEqual(ORDER);
    expect(Object.keys(report.findings[0])).toEqual(FIELDS.split(' '));
    expect(Object.keys(report.findings[0].occurrences[2])).toEqual(
      'artifact offset length address encoding extents notAdjacentInMemory region'.split(' '),
    );
  });

  test('a long report is streamed and complete', () => {
    const parts: string[] = [];
    const reporter = json((text) => parts.push(text), { color: false });
    reporter.event(run());
    for (let i = 0; i < 8_000; i++) reporter.event(finding());
    const early = parts.join('').length;
    expect(early).toBeGreaterThan(4 * 2 ** 20);
    reporter.event(summary());
    reporter.end();
    expect(parts.join('').length - early).toBeLessThan(1_000);
    const report = JSON.parse(parts.join(''));
    expect(report.findings).toHaveLength(8_000);
    expect(new Set(Object.keys(report))).toEqual(new Set(ORDER));
    validReport(report);
    expect(validReport.errors).toBeNull();
  });

  test('an abort at any event leaves valid JSON that is marked incomplete', () => {
    const events = RUNS.findings ?? [];
    for (let stop = 1; stop < events.length; stop++) {
      const report = JSON.parse(render('json', events.slice(0, stop)));
      validReport(report);
      expect(validReport.errors).toBeNull();
      expect(report.complete).toBe(false);
      expect(report.verdict).toBe(
        report.findings.some((f: { counts: boolean }) => f.counts) ? 'findings' : 'incomplete',
      );
    }
  });

  test('an artifact after a finding is an error', () => {
    expect(() => render('json', [run(), finding(), ...(RUNS.nothing ?? []).slice(1)])).toThrow(
      'an artifact event came after a finding',
    );
  });
});
