import { describe, expect, test } from '@jest/globals';
import type { CertificateFacts, Finding, Occurrence, ScanEvent } from '../../src/core/model/report.js';
import { columns } from '../../src/report/text.js';
import fc from '../support/property.js';
import { RUNS } from './event-streams.js';
import { artifact, finding, keyFinding, notCounted, place, run, summary } from './events.js';
import { expectGolden } from './golden.js';
import { manyKeys } from './many-findings.js';
import { render } from './render.js';

const MANY: Readonly<Record<string, readonly ScanEvent[]>> = {
  1: manyKeys(1, 1, 1),
  30: manyKeys(1, 30, 30),
  2000: manyKeys(1, 2_000, 2_000),
  '50x30': manyKeys(50, 30, 400),
};
const WIDTHS = { 80: { width: 80 }, 120: { width: 120 }, piped: {} };

describe.each(Object.entries(MANY))('%s findings', (name, events) => {
  test.each(Object.entries(WIDTHS))('at %s columns', (width, options) => {
    const text = render('pretty', events, options);
    expectGolden(`many/${name}.${width}.golden.txt`, text);
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(300);
    expect(render('pretty', events, options)).toBe(text);
  });

  test('the last line is the verdict', () => {
    const lines = render('pretty', events).trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^[\d,]+ secrets? fails? the gate(?:, in \d+ of \d+ files)?; searched by /);
  });
});

test('all files of 50 are named, with the number of their secrets', () => {
  const text = render('pretty', MANY['50x30']!, { width: 80 });
  const named = text.split('Files with secrets, and how many (50)\n')[1]!.split('\n\n')[0]!;
  const counts = [...named.matchAll(/many\/dump-(\d\d)\.bin (\d+)/g)].map(([, file, count]) => [file, count]);
  const expected = Array.from({ length: 50 }, (_, file) => {
    const holding = MANY['50x30']!.filter(
      (event) => event.type === 'finding' && event.occurrences.some((each) => each.artifact === file),
    );
    return [String(file).padStart(2, '0'), String(holding.length)];
  });
  expect(counts).toEqual(expected);
});

/** The blocks of findings: each begins with a severity and ends with an empty line. */
const blocksOf = (text: string): string[][] =>
  text
    .split('\n\n')
    .map((block) => block.split('\n'))
    .filter(([title]) => /^(?:CRITICAL|HIGH|MEDIUM|LOW|INFO) {2}/.test(title ?? ''));

const PATHS = Array.from({ length: 13 }, (_, i) => `dumps/core ${i}.${'x'.repeat(i * 9)}`);

/** Paths, commands and ids are never broken. */
const UNBROKEN = /^ {2}(?:in|look|more|id) +\S|^ {2}[0-9a-f]{64} |\bdumpsieve report\b/;
/** A path alone, with the number of its secrets or an offset. */
const ALONE =
  /^(?: {2}(?:also in|places|limit|missing|not read|warning))? *\S+(?: [\d,]+| 0x[0-9a-f]+)?(?: …)?$/;
const tooWide = (text: string, width: number): string[] =>
  text.split('\n').filter((line) => {
    if (columns(line) <= width || UNBROKEN.test(line)) return false;
    const path = PATHS.findLast((each) => line.includes(each));
    return !ALONE.test(path === undefined ? line : line.replace(path, 'path'));
  });

const word = fc.string({
  unit: fc.constantFrom('a', 'é', '日', '-', '_', '9', 'e\u0301'),
  minLength: 1,
  maxLength: 30,
});
const words = fc.array(word, { minLength: 1, maxLength: 30 }).map((all) => all.join(' '));
const region = fc.constantFrom<Occurrence['region']>(
  { kind: 'heap' },
  { kind: 'stack', thread: 41 },
  { kind: 'module', name: '/usr/lib/libssl.so.3+0x1f000' },
  { kind: 'environment', name: 'TLS_KEY' },
);
const occurrence = fc.record({
  artifact: fc.integer({ min: 0, max: 12 }),
  offset: fc.nat(2 ** 40),
  length: fc.nat(5_000),
  region,
  component: fc.constantFrom('d', 'p', 'q', 'R^2 mod p'),
  encoding: fc.constantFrom('limbs-le', 'pem', 'digits30-le32', 'unheard-of'),
});
const hostile = fc.record({
  title: words,
  impact: words,
  rotate: words,
  proof: fc.array(words, { maxLength: 9 }),
  notes: fc.array(words, { maxLength: 3 }),
  occurrences: fc.array(occurrence, { minLength: 1, maxLength: 40 }),
  counts: fc.constantFrom(true, true, true, false),
  severity: fc.constantFrom('critical' as const, 'high' as const, 'low' as const),
});
const streamOf = (all: readonly Partial<Finding>[]): ScanEvent[] => [
  run(),
  ...PATHS.map((path) => artifact({ path })),
  ...all.map((over) =>
    finding({
      ...over,
      occurrenceCount: over.occurrences!.length,
      location: { ...over.occurrences![0]!, path: PATHS[over.occurrences![0]!.artifact]! },
      ...(over.counts ? {} : { reason: 'below-threshold' as const }),
    }),
  ),
  summary(),
];

describe('whatever is found', () => {
  test('no line is wider than the terminal, but for paths, commands and ids', () => {
    const widths = fc.constantFrom(40, 80, 120);
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 14 }), widths, (all, width) => {
        const text = render('pretty', streamOf(all), { width });
        expect(tooWide(text, width)).toEqual([]);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
        const verbose = render('pretty', streamOf(all), { width, verbose: true });
        expect(tooWide(verbose, width)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a finding has at most 14 lines at 80 columns', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 10 }), (all) => {
        const blocks = blocksOf(render('pretty', streamOf(all), { width: 80 }));
        expect(blocks).toHaveLength(all.filter(({ counts }) => counts).length);
        for (const block of blocks) expect(block.length).toBeLessThanOrEqual(14);
      }),
      { numRuns: 60 },
    );
  });

  test.each(Object.entries(RUNS))('run %s has findings of at most 14 lines', (_, events) => {
    for (const width of [80, undefined])
      for (const block of blocksOf(render('pretty', events, width ? { width } : {})))
        expect(block.length).toBeLessThanOrEqual(14);
  });
});

describe('names from dumps', () => {
  /** Names leave the sanitizer escaped, and of any length. */
  const LONG = `dumps/${'x'.repeat(100_000)}`;
  const ESCAPED = "dumps/\\x1b[31m\\u{202e}gpj.exe </script> it's";

  test.each([LONG, ESCAPED])('a path is written whole, at any width', (path) => {
    const events = [
      run(),
      artifact({ path }),
      artifact({ path: `${path}.2` }),
      ...Array.from({ length: 12 }, (_, i) =>
        finding({
          location: { ...finding().location, path },
          occurrences: [place(64 + i), { ...place(1), artifact: 1 }],
        }),
      ),
      summary(),
    ];
    for (const width of [40, 80, undefined])
      for (const shown of [events, [...events.slice(0, 6), events.at(-1)!]]) {
        const text = render('pretty', shown, width ? { width } : {});
        expect(text).toContain(`${path}.2`);
        expect(text.split(path).length).toBeGreaterThan(2);
      }
  });

  test('ten thousand findings with such paths are listed in bounded time and length', () => {
    const path = `dumps/${'x'.repeat(10_000)}`;
    const many = Array.from({ length: 10_000 }, (_, i) =>
      finding({
        location: { ...finding().location, path },
        occurrences: [place(64 + i)],
        title: `kind ${i}`,
      }),
    );
    const text = render('pretty', [run(), artifact({ path }), ...many, summary()], { width: 80 });
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain('  and 9,992 of more than 192 further kinds\n');
  });
});

describe('the other files of a secret', () => {
  const inFiles = (count: number) => {
    const occurrences = Array.from({ length: count }, (_, i) => ({ ...place(64 + i), artifact: i }));
    return [
      run(),
      ...occurrences.map((_, i) => artifact({ path: `core.${i}` })),
      finding({ occurrences, occurrenceCount: count, location: { ...finding().location, path: 'core.0' } }),
      summary(),
    ];
  };

  test('five have a line, the others are counted and named below', () => {
    const text = render('pretty', inFiles(50), { width: 80 });
    const rows = text.match(/^ {2}also in {2}core\.\d: 1 place \(heap 1\), first at offset 0x4\d.*$/gm);
    expect(rows).toHaveLength(5);
    expect(rows?.at(-1)).toMatch(/0x45; and in 44 more files$/);
    expect(text).toContain('Further files with secrets, and how many (44)\n');
    expect(text).toContain('core.49 1\n');
  });

  test('no list follows where each has a line', () => {
    const text = render('pretty', inFiles(6), { width: 80 });
    expect(text).not.toMatch(/Further files|more files/);
  });
});

const SIGNED = { form: 'certificate', signed: true } as const;

describe('whose', () => {
  const of = (over: Partial<Finding>) =>
    /^ {2}whose +(.*)$/m.exec(render('pretty', [run(), artifact(), finding(over), summary()]))?.[1];
  const key = { algorithm: 'RSA', bits: 2048, encoding: 'limbs-le' };
  const certificate: CertificateFacts = {
    ...{ form: 'certificate', signed: true },
    subject: 'CN=api.acme.example, O=Acme, C=DE',
    san: [],
    issuer: 'CN=CA',
    serial: '1',
    notAfter: '2026-12-31T00:00:00Z',
    offset: 1,
  };
  test.each<[string | undefined, Partial<Finding>]>([
    [
      'certificate CN=api.acme.example (O=Acme), valid until 2026-12-31',
      { key: { ...key, certificates: [{ ...certificate, form: 'certificate', signed: true }] } },
    ],
    [
      "certificate's signed part (signature not in the dump) CN=api.acme.example (O=Acme), " +
        'valid until 2026-12-31 and 1 more',
      {
        key: {
          ...key,
          certificates: [{ ...certificate, form: 'tbs-certificate', signed: false }, certificate],
        },
      },
    ],
    [
      'certificate request a.example and 1 further name',
      {
        key: {
          ...key,
          certificates: [
            {
              ...certificate,
              ...{ subject: '', san: ['a.example', 'b.example'], notAfter: '' },
              ...{ form: 'certificate-request', signed: false },
            },
          ],
        },
      },
    ],
    [
      'account a@b.example; key id k1 and 1 more',
      { key: { ...key, keyIds: ['k1', 'k2'], accounts: ['a@b.example'] } },
    ],
    [
      'signed 12 tokens: issuer https://i.example, subject s, until 2027-01-02',
      {
        key: {
          ...key,
          tokenCount: 12,
          tokens: [
            {
              artifact: 0,
              offset: 1,
              issuer: 'https://i.example',
              subject: 's',
              expires: '2027-01-02T03:04:05Z',
            },
          ],
        },
      },
    ],
    ['SSH key SHA256:abc', { key: { ...key, encoding: 'openssh', sshFingerprint: 'SHA256:abc' } }],
    [undefined, { key: { ...key, sshFingerprint: 'SHA256:abc' } }],
    [
      'app@db.example:5432; variable DATABASE_URL',
      { claims: { user: 'app', host: 'db.example:5432', variable: 'DATABASE_URL' } },
    ],
    [
      'issuer https://i.example; until 2030-03-17',
      { claims: { iss: 'https://i.example', exp: 1_900_000_000 } },
    ],
    [undefined, { claims: { exp: 1e300 } }],
  ])('%s', (expected, over) => expect(of(over)).toBe(expected));
});

test('a note of one copy is not said of the leading one', () => {
  const events = [run(), artifact(), artifact({ path: 'b' }), keyFinding(), summary()];
  expect(render('pretty', events)).not.toContain('truncated');
  expect(render('pretty', events, { verbose: true })).toContain(
    '  notes    offset 0x11170: truncated: its END line is missing\n',
  );
  const own = finding({ occurrences: [{ ...place(4_096), notes: ['truncated'] }] });
  expect(render('pretty', [run(), artifact(), own, summary()])).toContain('exa_…; truncated\n');
});

test('a process that gcore stopped has not crashed', () => {
  const shown = (process: object) => render('pretty', [run(), artifact({ process }), finding(), summary()]);
  expect(shown({ name: 'api', pid: 7, signal: 19, signalName: 'SIGSTOP' })).toContain(
    '  process api, pid 7\n',
  );
  expect(shown({ name: 'api', pid: 7, signal: 11 })).toContain('  process api, pid 7, signal 11\n');
});

test('--verbose has every statement, place, rule and digest', () => {
  const text = render('pretty', RUNS.findings!, { verbose: true, width: 80 });
  const { proof, ruleId, alsoMatched, key } = keyFinding();
  for (const each of [...proof, ruleId, ...alsoMatched, key!.spki, key!.sshFingerprint, key!.jwkThumbprint])
    expect(text).toContain(each);
  for (const each of ['environment variable TLS_KEY', '/memfd:secret', 'prime p, as OpenSSL keeps numbers'])
    expect(text.replace(/\n +/g, ' ')).toContain(each);
  expect(text).toMatch(/^ +12121212 {2}Ed25519 private key, proven \(published-test-key\):$/m);
});

test('where the report is saved, the command that shows more of a finding is its own', () => {
  const events = [run(), artifact(), finding(), finding(), summary()];
  const saved = render('pretty', events, { saved: 'my report.json' });
  expect(saved.match(/^ {2}more +dumpsieve report 'my report\.json' 12121212$/gm)).toHaveLength(2);
  const unsaved = render('pretty', events);
  expect(unsaved.match(/^ {2}more +--output json=report\.json, then dumpsieve report /gm)).toHaveLength(1);
});

test('what many files have in common is one warning', () => {
  const warnings = [{ code: 'odd', message: 'ends 12 bytes early', hint: 'copy it again' }];
  const reason = '7 numbers were not tried';
  const limit = { offset: 0, length: 9, search: 'runs' as const, target: 'blind' as const, left: 7, reason };
  const coverage = { file: { bytes: 9, unread: [] }, limits: [limit] };
  const events = [
    run(),
    ...Array.from({ length: 60 }, (_, i) =>
      artifact({
        path: `core.${i}`,
        warnings: [{ ...warnings[0]!, message: `ends ${i} bytes early` }],
        coverage,
      }),
    ),
    summary(),
  ];
  const text = render('pretty', events);
  expect(text).toContain('  warning  core.0: ends 0 bytes early [odd]\n');
  expect(text).toContain(
    '           and 59 like it, also in core.1, core.2, core.3, core.4 and 55 more files\n',
  );
  expect(text.match(/hint/g)).toHaveLength(1);
  expect(text).toContain('  limit    core.0: 9 bytes at offset 0x0: 7 numbers were not tried [runs]\n');
  expect(render('pretty', events, { verbose: true })).toContain('core.59: ends 59 bytes early');
});

test('the hint of all memory that a cut dump lacks is said once', () => {
  const reason = 'beyond the end of the file';
  const missing = Array.from({ length: 4 }, (_, i) => ({
    address: `0x${i + 1}000`,
    length: 4096 + i,
    reason,
  }));
  const memory = { described: 20_000, present: 9, missing };
  const coverage = { file: { bytes: 9, unread: [] }, memory, limits: [] };
  const text = render('pretty', [run(), artifact({ coverage }), summary()]);
  expect(text.match(/^ {2}missing /gm)!.length).toBeGreaterThan(1);
  expect(text.match(/hint: the dump was truncated/g)).toHaveLength(1);
});

test('findings that pass the gate are counted by reason, with the flag that changes it', () => {
  const rows = (options: Record<string, unknown>, ...findings: ScanEvent[]) =>
    render('pretty', [run({ options }), artifact(), ...findings, summary()]);
  const low = notCounted('below-threshold', { severity: 'low', confidence: 'low' });
  expect(rows({ failOn: 'high', minConfidence: 'medium' }, low)).toContain(
    'all fail the gate with --fail-on low --min-confidence low\n',
  );
  expect(rows({}, notCounted('baseline'))).toContain('judged as new without --baseline\n');
  expect(rows({ expectAbsent: true }, notCounted('policy'))).toContain('without --expect-absent\n');
  expect(rows({ failOnKind: ['token'] }, notCounted('policy'))).toContain('without --fail-on-kind\n');
});

test('lists say whose a secret is', () => {
  const password = finding({ title: 'Password in a URL', claims: { user: 'app', host: 'db.example' } });
  const certificates = [
    {
      ...SIGNED,
      subject: 'O=Acme, CN=api.example',
      san: [],
      issuer: 'CN=CA',
      serial: '1',
      notAfter: '2027',
      offset: 1,
    },
  ];
  const key = { algorithm: 'RSA', bits: 2048, encoding: 'pem', certificates };
  const others = Array.from({ length: 12 }, () => finding());
  const events = [
    run(),
    artifact(),
    password,
    finding({ title: 'RSA private key', key }),
    ...others,
    summary(),
  ];
  const text = render('pretty', events);
  expect(text).toMatch(/12121212 {2}app@db\.example: Password in a URL +0x1000, heap$/m);
  expect(text).toMatch(/12121212 {2}api\.example: RSA 2048 private key +0x1000, heap$/m);
});
