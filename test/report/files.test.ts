import { describe, expect, test } from '@jest/globals';
import { FORMATS, type Format, type Occurrence, type ScanEvent } from '../../src/core/model/report.js';
import { RUNS } from './event-streams.js';
import { artifact, find, finding, keyFinding, place, run, summary } from './events.js';
import { blocksOf, shownText } from './html-blocks.js';
import { render } from './render.js';

type Json = ReturnType<typeof JSON.parse>;

/** Reports of secrets that lie in several files. */

const pathOf = (i: number) => `dumps/core.${i}`;
const artifacts = (count: number) => Array.from({ length: count }, (_, i) => artifact({ path: pathOf(i) }));
const everywhere = (count: number): Occurrence[] =>
  Array.from({ length: count }, (_, i) => ({ ...place(64 + i), artifact: i }));
const inAll = (count: number) =>
  finding({ location: { ...finding().location, path: pathOf(0) }, occurrences: everywhere(count) });

/** The paths that a report names as holding a secret. */
const NAMED: Readonly<Record<Format, (report: string) => string[]>> = {
  pretty: (report) => [...report.matchAll(/dumps\/core\.\d+/g)].map(([path]) => path),
  markdown: (report) =>
    [...report.matchAll(/dumps\/core\.\d+/g)].map(([path]) => path).filter((path) => path !== ''),
  json: (report) => {
    const { artifacts: all, findings } = JSON.parse(report);
    return findings.flatMap(({ occurrences }: Json) => occurrences.map((o: Json) => all[o.artifact].path));
  },
  ndjson: (report) => {
    const events: Json[] = report
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const all = events.filter(({ type }) => type === 'artifact');
    const findings = events.filter(({ type }) => type === 'finding');
    return findings.flatMap(({ occurrences }) => occurrences.map((o: Json) => all[o.artifact].path));
  },
  sarif: (report) =>
    // A code host shows the first location of a result alone.
    JSON.parse(report).runs[0].results.map(
      ({ locations }: Json) => locations[0].physicalLocation.artifactLocation.uri,
    ),
  csv: (report) => [...report.matchAll(/^"(dumps[^"]*)"/gm)].map(([, path]) => path!),
  lines: (report) => [...report.matchAll(/^(dumps[^:]*):1:1: error/gm)].map(([, path]) => path!),
  junit: (report) =>
    [...report.matchAll(/<testsuite name="([^"]*)"[^>]* failures="(\d+)"/g)]
      .filter(([, , failures]) => failures !== '0')
      .map(([, path]) => path!),
  html: (report) => {
    const blocks = blocksOf(report);
    const paths = blocks.flatMap((block) => (block.type === 'artifacts' ? block.artifacts : []));
    return blocks
      .flatMap((block) => (block.type === 'findings' ? block.places.artifact : []))
      .map((artifact) => paths[artifact]!.path);
  },
};

describe.each([3, 1_500])('a secret in %d files', (count) => {
  test.each(FORMATS)('%s names each of them', (format) => {
    const report = render(format, [run(), ...artifacts(count), inAll(count), summary({ artifacts: count })]);
    const named = NAMED[format](report);
    expect([...new Set(named)].sort()).toEqual(Array.from({ length: count }, (_, i) => pathOf(i)).sort());
  });
});

test.each<[Format, (report: string) => string[]]>([
  ['pretty', (report) => report.match(/dumps\/core\.\d+/g) ?? []],
  ['markdown', NAMED.markdown],
  ['sarif', (report) => report.split('"artifacts"')[0]!.match(/dumps\/core\.\d+/g) ?? []],
  ['junit', NAMED.junit],
])('%s names every file of more findings than it lists', (format, namedIn) => {
  const count = 26_000;
  const each = everywhere(count).map((occurrence, i) =>
    finding({ location: { ...finding().location, path: pathOf(i) }, occurrences: [occurrence] }),
  );
  const files = format === 'markdown' ? 4_000 : count;
  const report = render(format, [run(), ...artifacts(files), ...each.slice(0, files), summary()]);
  expect(new Set(namedIn(report)).size).toBe(files);
});

test('pretty counts the places of a file by region', () => {
  const heap = (n: number, artifactIndex: number): Occurrence[] =>
    Array.from({ length: n }, (_, i) => ({ ...place(64 * (i + 1)), artifact: artifactIndex }));
  const variable: Occurrence = { ...place(9), region: { kind: 'environment', name: 'KEY' } };
  const occurrences = [variable, ...heap(3, 0), { ...variable, artifact: 1 }, ...heap(12, 1)];
  const report = render('pretty', [run(), ...artifacts(2), finding({ occurrences }), summary()]);
  expect(report).toContain('           and 3 more places in heap\n');
  const counts = '13 places (environment variable KEY 1, heap 12)';
  expect(report).toContain(`  also in  dumps/core.1: ${counts}, first at offset 0x9\n`);
});

describe('files are counted as the user named them', () => {
  const archive: ScanEvent[] = [
    artifact({ path: 'a.core' }),
    artifact({ path: 'b.zst', format: 'zstd' }),
    artifact({ path: 'b.zst!b', format: 'gzip' }),
    artifact({ path: 'b.zst!b!c', format: 'raw' }),
    artifact({ path: 'd.core' }),
  ];
  const inside = finding({ occurrences: [2, 3].map((index) => ({ ...place(64), artifact: index })) });

  test.each(['pretty', 'markdown'])('%s', (format) => {
    const found = render(format, [run(), ...archive, inside, summary({ artifacts: 5 })]);
    expect(found).toContain('1 secret fails the gate, in 1 of 3 files; searched');
    expect(found).toContain(', in 3 files, in 0.4 s');
    const nothing = render(format, [run(), ...archive, summary({ artifacts: 5 })]);
    expect(nothing).toContain(', in 3 files, in 0.4 s');
  });
});

test.each(FORMATS)('--hash shows in %s', (format) => {
  const sha256 = 'ef'.repeat(32);
  const report = render(format, [run(), artifact({ sha256 }), summary()]);
  expect(shownText(format, report)).toContain(sha256);
});

describe('--find over many files', () => {
  const results = [
    { artifact: 0, status: 'absent' as const, forms: [], complete: true },
    { artifact: 1, status: 'absent' as const, forms: [], complete: true },
    { ...find().results[0]!, artifact: 2 },
    { artifact: 3, status: 'absent' as const, forms: [], complete: false },
    {
      artifact: 4,
      status: 'public-only' as const,
      forms: ['certificate'],
      complete: true,
      occurrenceCount: 1,
    },
    { artifact: 5, status: 'absent' as const, forms: [], complete: false },
  ];
  const unread = [{ offset: 9, length: null, reason: 'the data ends early' }];
  const memory = { described: 2, present: 1, missing: [{ address: '0x0', length: 1, reason: 'cut' }] };
  const events = [
    run(),
    artifact({ path: 'a.core' }),
    artifact({ path: 'b.zst', format: 'zstd' }),
    artifact({ path: 'b.zst!b' }),
    artifact({ path: 'cut.core', coverage: { file: { bytes: 9, unread: [] }, memory, limits: [] } }),
    artifact({ path: 'public.core' }),
    artifact({ path: 'cut.gz', coverage: { file: { bytes: 9, unread }, limits: [] } }),
    keyFinding({}, 2),
    find({ results }),
    summary(),
  ];
  /** Its container holds a target that its content holds: it is not named as absent. */
  const rows = [
    [
      'b.zst!b',
      'prod-signing.pem',
      'PRESENT',
      'p limbs-le, pem; 2 places: stack of thread 4243, heap',
      'complete',
    ],
    ['public.core', 'prod-signing.pem', 'public half only', 'certificate; 1 place', 'complete'],
    ['cut.core', 'prod-signing.pem', 'absent', '', 'NOT complete: memory missing'],
    ['cut.gz', 'prod-signing.pem', 'absent', '', 'NOT complete: bytes to an unknown end not read'],
    ['a.core', 'prod-signing.pem', 'absent', '', 'complete'],
  ];
  const plain = (cell: string) => cell.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).trim();

  test('is a table in markdown', () => {
    const [, , ...lines] = /### Targets of --find\n\n((?:\|.*\n)+)/
      .exec(render('markdown', events))![1]!
      .trimEnd()
      .split('\n');
    expect(
      lines.map((line) => line.split(' | ').map((cell) => plain(cell.replace(/^\| | \|$/g, '')))),
    ).toEqual(rows.map((row) => row.map((cell) => cell.trim())));
  });

  test('is a table in pretty, and lines with the file on its own where it does not fit', () => {
    const wide = render('pretty', events).split('Targets of --find\n')[1]!.split('\n\n')[0]!.split('\n');
    expect(wide.slice(1).map((line) => line.trim().split(/ {2,}/))).toEqual(
      rows.map((row) => row.map((cell) => cell.trim()).filter((cell) => cell !== '')),
    );
    const narrow = render('pretty', events, { width: 60 });
    expect(narrow).toContain('\n  cut.core\n    prod-signing.pem: absent; NOT complete: memory missing\n');
  });

  test('has a failure for each file in JUnit', () => {
    const all = results.map((result) => ({ ...result, status: 'present' as const }));
    const report = render('junit', [...events.slice(0, -2), find({ results: all }), summary()]);
    const failed = [...report.matchAll(/classname="find" name="([^"]*)"/g)].map((match) => match[1]);
    expect(failed).toEqual(
      ['a.core', 'b.zst', 'b.zst!b', 'cut.core', 'public.core', 'cut.gz'].map(
        (path) => `prod-signing.pem in ${path}`,
      ),
    );
  });

  test('names each file in SARIF', () => {
    const { invocations } = JSON.parse(render('sarif', events)).runs[0];
    const answer = invocations[0].toolExecutionNotifications.find(
      (n: Json) => n.descriptor.id === 'find-present',
    );
    expect(answer.locations.map((l: Json) => l.physicalLocation.artifactLocation.uri)).toEqual([
      'b.zst!b',
      'public.core',
    ]);
  });

  test('names 3,000 files that hold a target, and counts absences beyond the cap', () => {
    const many = Array.from({ length: 3_000 }, (_, i) => ({ ...find().results[0]!, artifact: i }));
    const absent = many.map((result) => ({ ...result, status: 'absent' as const }));
    const reports = [many, absent].map((each) =>
      render('pretty', [run(), ...artifacts(3_000), find({ results: each }), summary()]),
    );
    expect(new Set(reports[0]!.match(/^ {2}dumps\/core\.\d+ /gm)).size).toBe(3_000);
    expect(reports[1]).toMatch(/^ +prod-signing\.pem +absent in 3,000 files +complete$/m);
    expect(reports[1]).not.toContain('dumps/core');
    const verbose = render('pretty', [run(), ...artifacts(3_000), find({ results: absent }), summary()], {
      verbose: true,
    });
    expect(verbose.match(/^ {2}dumps\/core\.\d+ /gm)).toHaveLength(200);
    expect(verbose).toContain('  and 2,800 further answers absent, complete\n');
  });
});

test('an aborted run names what it knows', () => {
  for (const format of FORMATS)
    expect(shownText(format, render(format, RUNS.aborted!))).toContain('dumps/core.4242');
});
