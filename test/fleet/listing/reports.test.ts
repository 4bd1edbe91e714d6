import { createHash } from 'node:crypto';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../../fixtures/dumps.js';
import { SeededRandom } from '../../../fixtures/random.js';
import { githubToken } from '../../../fixtures/tokens.js';
import { parseLabel } from '../../../fleet/src/listing/label.js';
import { type ReportedDump, readReportedDumps, splitReports } from '../../../fleet/src/listing/reports.js';
import { rulesetOf } from '../../../fleet/src/work/ruleset.js';
import { type ScanEvent, type ScanOptions, scan } from '../../../src/index.js';
import { withTempDir } from '../../support/folder.js';
import { list } from '../listed.js';

/** Saved reports as dumps and results. */

async function events(options: ScanOptions): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of scan(options)) all.push(event);
  return all;
}

const ndjson = (all: readonly ScanEvent[]): string =>
  all.map((event) => `${JSON.stringify(event)}\n`).join('');

async function read(file: string, labels: readonly string[] = []) {
  const codes: string[] = [];
  const { ruleset, targets, dumps } = await readReportedDumps(file, {
    labels: labels.map(parseLabel),
    onNotice: ({ effect, code }) => codes.push(`${effect} ${code}`),
    rulesetOf,
  });
  const all: ReportedDump[] = [];
  for await (const batch of dumps) all.push(...batch);
  return { ruleset, targets, all, codes };
}

const fingerprintsOf = (all: readonly ScanEvent[]): (string | null)[] =>
  all.flatMap((event) => (event.type === 'finding' ? [event.fingerprint] : [])).sort();

/** Dumps in a folder, one of them twice, once compressed. */
async function withDumps(body: (folder: string) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    for (const { name, bytes } of fixtureDumps()) writeFileSync(join(folder, name), bytes);
    const signer = fixtureDumps().find(({ name }) => name === 'signer.core')!;
    writeFileSync(join(folder, 'copy.core'), signer.bytes);
    writeFileSync(join(folder, 'signer.core.gz'), gzipSync(signer.bytes));
    await body(folder);
  });
}

describe('a saved report', () => {
  test('has the results that scans of its dumps one by one have', async () => {
    await withDumps(async (folder) => {
      const report = join(folder, 'report.ndjson');
      const all = await events({ paths: [folder], hash: true });
      writeFileSync(report, ndjson(all));
      const { all: reported, codes, ruleset } = await read(report);
      expect(codes).toEqual([]);
      expect(reported.map(({ dump }) => dump.uri)).toEqual(
        ['copy.core', 'idle.core', 'signer.core', 'signer.core.gz', 'wide.raw'].map(
          (name) => `file://${hostname()}${folder}/${name}`,
        ),
      );
      const listed = await list([folder]);
      for (const { dump, result } of reported) {
        const path = decodeURIComponent(new URL(dump.uri).pathname);
        const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
        const alone = await events({ paths: [path], hash: true });
        const summary = alone.at(-1) as Extract<ScanEvent, { type: 'summary' }>;
        expect(result).toMatchObject({ sha256, ruleset: ruleset.digest, complete: true, exit: summary.exit });
        expect(result.findings.map(({ fingerprint }) => fingerprint).sort()).toEqual(fingerprintsOf(alone));
        const inside = path.endsWith('.gz') ? 'signer.core' : '';
        for (const { place, occurrences } of result.findings) {
          expect(place.member).toBe(inside);
          expect(occurrences).toBeGreaterThan(0);
        }
        // A listing finds the same dump, in the same version.
        expect(listed.dumps).toContainEqual(
          expect.objectContaining({ uri: dump.uri, version: dump.version }),
        );
      }
    });
  });

  test('without digests identifies no content, so that its dumps are still scanned', async () => {
    await withDumps(async (folder) => {
      const report = join(folder, 'report.ndjson');
      writeFileSync(report, ndjson(await events({ paths: [join(folder, 'signer.core')] })));
      const { all } = await read(report);
      expect(all).toHaveLength(1);
      const [first] = all;
      expect(first?.result.sha256).toMatch(/^report:[0-9a-f]{64}$/);
      expect(first?.dump.version).toMatch(/^report:/);
      expect(first?.result.findings.length).toBeGreaterThan(0);
    });
  });

  test('of another machine has the host of its label, or none that is known', async () => {
    await withDumps(async (folder) => {
      const path = join(folder, 'signer.core');
      const report = join(folder, 'report.ndjson');
      writeFileSync(report, ndjson(await events({ paths: [path], hash: true })));
      utimesSync(path, 1, 1);
      const [first] = (await read(report)).all;
      expect(first?.dump.uri).toBe(`file://unknown${path}`);
      const [labelled] = (await read(report, ['host=tmp/{host}/*'])).all;
      const host = folder.split('/').at(-1);
      expect(labelled?.dump).toMatchObject({ uri: `file://${host}${path}`, host });
    });
  });

  test('of objects has their URIs', async () => {
    await withTempDir(async (folder) => {
      const all = await events({ paths: [join(folder, 'none')], ifNoFiles: 'ignore' });
      const [run] = all;
      const summary = all.at(-1)!;
      const artifact = (path: string): unknown => ({
        type: 'artifact',
        path,
        format: 'raw',
        size: 5,
        sha256: 'ab'.repeat(32),
        verdict: 'nothing-found',
        coverage: { file: { bytes: 5, unread: [] }, limits: [] },
        warnings: [],
      });
      const report = join(folder, 'report.ndjson');
      const lines = [
        run,
        artifact('s3://bucket/a%\\x0ab'),
        artifact('https://host.example/a?sig=1'),
        summary,
      ];
      writeFileSync(report, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { all: reported } = await read(report);
      expect(reported.map(({ dump }) => dump.uri)).toEqual([
        's3://bucket/a%25%0Ab',
        'https://host.example/a',
      ]);
    });
  });

  test('of a run that did not end is incomplete', async () => {
    await withDumps(async (folder) => {
      const all = await events({ paths: [folder], hash: true });
      const report = join(folder, 'report.ndjson');
      writeFileSync(report, ndjson(all.slice(0, -1)));
      const { all: reported, codes } = await read(report);
      expect(codes.some((code) => code.startsWith('incomplete '))).toBe(true);
      for (const { result } of reported) {
        expect(result.complete).toBe(false);
        expect(result.exit).toBe(result.findings.some(({ counts }) => counts) ? 1 : 2);
      }
    });
  });

  test('has answers for keys, and says that those for values are left out', async () => {
    await withDumps(async (folder) => {
      const token = githubToken(new SeededRandom('report'));
      writeFileSync(join(folder, 'values.env'), `TOKEN=${token}\n`);
      const digest = `sha256:${'12'.repeat(32)}`;
      const idle = join(folder, 'idle.core');
      const all = await events({ paths: [idle], hash: true, find: [join(folder, 'values.env'), digest] });
      const report = join(folder, 'report.ndjson');
      writeFileSync(report, ndjson(all));
      const { all: reported, targets, codes, ruleset } = await read(report);
      expect(codes).toEqual(['note report-target-unknown']);
      expect(targets.map(({ digest: each }) => each)).toEqual([digest]);
      expect(ruleset.targets).toEqual([digest]);
      expect(reported[0]?.result.answers).toEqual([{ target: digest, status: 'absent', complete: true }]);
    });
  });

  test('is recognised by name and content', async () => {
    await withTempDir(async (folder) => {
      const text = ndjson(await events({ paths: [folder], ifNoFiles: 'ignore' }));
      const files = { 'a.ndjson': text, 'a.core': text, 'b.json': '{"type":"run"}', 'c.json': '' };
      for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
      const names = [...Object.keys(files), 'missing.json', '.'].map((name) => join(folder, name));
      const { dumps, reports } = await splitReports([...names, 's3://bucket/report.json']);
      expect(reports).toEqual([join(folder, 'a.ndjson')]);
      expect(dumps).toHaveLength(names.length);
    });
  });
});
