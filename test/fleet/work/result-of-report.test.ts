import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { pkcs8Pem, rsaKey, spkiSha256 } from '../../../fixtures/keys.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { collectReport, type FileReport, resultOfReport } from '../../../fleet/src/model/result-of-report.js';
import {
  type Finding,
  type FindReport,
  Scanner,
  type ScannerOptions,
  type Summary,
} from '../../../src/index.js';
import { reportOf } from './fakes.js';

const signer = fixtureDumps().find(({ name }) => name === 'signer.core')!;

async function scanned(name: string, bytes: Uint8Array, options: ScannerOptions = {}): Promise<FileReport> {
  const scanner = await Scanner.open({ hash: true, jobs: 1, ...options });
  try {
    return (await collectReport(scanner.scan({ name, bytes })))!;
  } finally {
    await scanner.close();
  }
}

const KEY = { sha256: 'c'.repeat(64), ruleset: 'r', bytes: 10, targets: [] };

describe('the result of a report', () => {
  test('has the secrets, the process and the places of a dump', async () => {
    const report = await scanned('dumps/signer.core', signer.bytes);
    const result = resultOfReport(report, KEY);
    expect(result).toMatchObject({
      sha256: KEY.sha256,
      exit: 1,
      complete: true,
      bytes: 10,
      program: '/srv/signer/bin/signer',
      pid: 4242,
      buildId: expect.stringMatching(/^[0-9a-f]+$/),
      answers: [],
    });
    const rsa = result.findings.find(({ spki }) => spki === spkiSha256(signer.keys.rsa!))!;
    expect(rsa).toMatchObject({
      kind: 'private-key',
      counts: true,
      confidence: 'proven',
      place: { member: '' },
    });
    expect(rsa.place.region).toMatch(/^heap/);
    expect(rsa.ssh).toMatch(/^SHA256:/);
    expect(result.findings).toHaveLength(report.findings.length);
    const text = JSON.stringify(result);
    for (const token of Object.values(signer.tokens)) expect(text).not.toContain(token.slice(0, 12));
  });

  test('names the member of a container, without the name of the dump', async () => {
    const report = await scanned('dumps/a!b.gz', gzipSync(signer.bytes));
    const { findings, limits, program } = resultOfReport(report, KEY);
    expect(new Set(findings.map(({ place }) => place.member))).toEqual(new Set(['a!b']));
    expect(program).toBe('/srv/signer/bin/signer');
    expect(limits).not.toContain('unread');
  });

  test('has the codes of what was not read', async () => {
    const cut = gzipSync(signer.bytes).subarray(0, 2_000);
    const { limits, complete, exit } = resultOfReport(await scanned('cut.gz', cut), KEY);
    expect(limits).toContain('unread');
    expect(limits).toEqual([...new Set(limits)].sort());
    expect([complete, exit === 0]).toEqual([false, false]);
  });
});

/** A report of what is given, around that of an empty scan. */
async function made(
  find: readonly FindReport[],
  findings: readonly Partial<Finding>[] = [],
  summary: Partial<Summary> = {},
): Promise<FileReport> {
  async function* events() {
    yield* reportOf('x');
  }
  const report = (await collectReport(events()))!;
  return {
    ...report,
    find,
    findings: findings.map((each) => ({ ...FINDING, ...each })),
    summary: { ...report.summary, ...summary },
  };
}

const FINDING: Finding = {
  ruleId: 'r',
  alsoMatched: [],
  kind: 'token',
  title: 't',
  signing: false,
  severity: 'high',
  confidence: 'high',
  counts: true,
  proof: [],
  notes: [],
  impact: '',
  rotate: '',
  location: { path: 'x', offset: 1, length: 2, region: { kind: 'heap' } },
  occurrences: [],
  occurrenceCount: 1,
  fingerprint: 'v1:a',
  preview: '',
};

const answer = (...results: [FindReport['results'][number]['status'], boolean][]): FindReport => ({
  name: 'key',
  askedBy: 'public-key',
  results: results.map(([status, complete]) => ({ artifact: 0, status, complete, forms: [] })),
});

describe('the answer for a target', () => {
  test.each<[string, FindReport, Partial<Summary>, string, boolean]>([
    ['absent from all', answer(['absent', true], ['absent', true]), {}, 'absent', true],
    ['in one member', answer(['absent', true], ['present', true]), {}, 'present', true],
    ['public half in one', answer(['public-only', true], ['absent', true]), {}, 'public-only', true],
    ['private before public', answer(['public-only', true], ['present', true]), {}, 'present', true],
    ['one member not whole', answer(['absent', true], ['absent', false]), {}, 'absent', false],
    ['no artifact', answer(), {}, 'absent', false],
    [
      'something was not opened',
      answer(['absent', true]),
      { complete: false, warnings: [{ code: 'stopped', message: 'x' }] },
      'absent',
      false,
    ],
    // Searches that were not asked for have reached a limit.
    ['another search', answer(['absent', true]), { complete: false }, 'absent', true],
  ])('%s', async (_name, find, summary, status, complete) => {
    const report = await made([find], [], summary);
    expect(resultOfReport(report, { ...KEY, targets: ['public:x'] }).answers).toEqual([
      { target: 'public:x', status, complete },
    ]);
  });

  test('is never that of another target', async () => {
    const report = await made([answer(['absent', true])]);
    expect(() => resultOfReport(report, KEY)).toThrow('1 answers for 0 targets');
  });

  test('follows the order of --find files, in a real scan', async () => {
    const key = rsaKey(new SeededRandom('not in the dump'));
    const { mkdtempSync, writeFileSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const folder = mkdtempSync(`${tmpdir()}/dumpsieve-answers-`);
    const find = [pkcs8Pem(key), pkcs8Pem(signer.keys.p256!)].map((pem, i) => {
      writeFileSync(`${folder}/${i}.pem`, pem);
      return `${folder}/${i}.pem`;
    });
    const report = await scanned('signer.core', signer.bytes, { find });
    const { answers } = resultOfReport(report, { ...KEY, targets: ['other', 'own'] });
    expect(answers.map(({ target, status }) => [target, status])).toEqual([
      ['other', 'absent'],
      ['own', 'present'],
    ]);
    expect(answers[1]!.place).toMatchObject({ member: '', region: expect.stringMatching(/^heap/) });
  });
});

describe('findings of one value', () => {
  test('are one, the worst, with all their places', async () => {
    const report = await made(
      [],
      [
        { severity: 'low', counts: false, occurrenceCount: 2 },
        { severity: 'critical', counts: true, occurrenceCount: 3, ruleId: 'worst' },
        { severity: 'high', counts: true, occurrenceCount: 4 },
        { fingerprint: null },
        { fingerprint: null },
      ],
    );
    const { findings } = resultOfReport(report, KEY);
    expect(findings).toHaveLength(3);
    expect(findings[0]).toMatchObject({ rule: 'worst', occurrences: 9, counts: true });
  });
});

test('of a flood of findings the first ones are kept, and it is not complete', async () => {
  async function* events(count: number) {
    for (const event of reportOf('x')) {
      if (event.type === 'summary')
        for (let i = 0; i < count; i++)
          yield { type: 'finding' as const, ...FINDING, fingerprint: `v1:${i}`, counts: false };
      yield event;
    }
  }
  const [all, flood] = [(await collectReport(events(5), 5))!, (await collectReport(events(6), 5))!];
  expect(all.summary).toMatchObject({ exit: 0, complete: true });
  expect(resultOfReport(all, KEY)).toMatchObject({ exit: 0, complete: true, limits: [] });
  const capped = resultOfReport(flood, KEY);
  expect(capped).toMatchObject({ exit: 2, complete: false, limits: ['findings-capped'] });
  expect(capped.findings.map(({ fingerprint }) => fingerprint)).toEqual(
    [0, 1, 2, 3, 4].map((i) => `v1:${i}`),
  );
});

test('a second report, or one without an end, is none', async () => {
  async function* twice() {
    yield* reportOf('a');
    yield* reportOf('b');
  }
  async function* cut() {
    for (const event of reportOf('a')) if (event.type !== 'summary') yield event;
  }
  expect(await collectReport(twice())).toBeUndefined();
  expect(await collectReport(cut())).toBeUndefined();
});
