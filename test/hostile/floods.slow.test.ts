import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { anchorFloods, type Flood, floods, writeFlood } from '../../bench/hostile/floods.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { PEAK, peakIn } from '../support/peak.js';
import { cases } from '../support/property.js';
import { validateReport } from '../support/reports.js';
import { collect } from './collect.js';

const MiB = 2 ** 20;

async function scanFlood(flood: Flood, size: number) {
  return withTempDir(async (folder) => {
    const path = join(folder, 'flood');
    writeFlood(flood, path, size);
    return collect({ paths: [path], jobs: 1 });
  });
}

/** Bound of any input that is no container, at the default number of jobs on two cores. */
const MOST = 300 * MiB;

/** Scans with the command under a heap limit; returns the report and the peak memory. */
async function measured(path: string, folder: string) {
  const file = join(folder, 'report');
  const { status, stderr } = await runCli(['scan', '--quiet', '--output', `json=${file}`, path], {
    nodeFlags: ['--max-old-space-size=256', ...PEAK],
  });
  const report = validateReport(JSON.parse(readFileSync(file, 'utf8')));
  const { peak, rest } = peakIn(stderr);
  return { status, stderr: rest, report, peak };
}

describe('a flood', () => {
  test.each(floods)('of $name is swept to its end', async (flood) => {
    const { artifacts, findings, summary } = await scanFlood(flood, MiB);
    expect(artifacts).toMatchObject([{ size: MiB, coverage: { file: { bytes: MiB, unread: [] } } }]);
    expect(summary.bytesScanned).toBe(MiB);
    // More keys than the budget allows are reported as skipped, and the status is never 0.
    expect(summary.complete).toBe(artifacts[0]?.coverage.limits.every(({ search }) => search !== 'detect'));
    if (flood.counts !== undefined) expect(summary.exit).toBe(flood.counts ? 1 : 0);
    expect(findings.some(({ counts }) => counts)).toBe(summary.exit === 1);
  });

  test('of any anchor of any rule is swept to its end', async () => {
    const rows = await anchorFloods();
    expect(rows.length).toBeGreaterThan(250);
    await withTempDir(async (folder) => {
      for (const [i, flood] of rows.entries()) writeFlood(flood, join(folder, String(i)), 8 * 1024);
      const { artifacts } = await collect({ paths: [folder], jobs: 1 });
      expect(artifacts).toHaveLength(rows.length);
      // An anchor alone is not a secret.
      const wrong = artifacts.filter(
        ({ coverage, verdict }) => coverage.file.unread.length > 0 || verdict !== 'nothing-found',
      );
      expect(wrong.map(({ path }) => rows[Number(basename(path))]!.name)).toEqual([]);
    });
  });

  // Piece by piece, in constant memory.
  test.each([
    ['-----BEGIN repeated', 256],
    ['30 82 repeated', 256],
    ['ghp_ repeated', 256],
    // At night two million findings: held in memory, they would break the bound many times over.
    ['distinct valid tokens', cases(96)],
    ['distinct valid tokens without a gap', cases(96)],
  ])('of %s, %i MiB, is swept to its end in bounded memory', async (name, mebibytes) => {
    await withTempDir(async (folder) => {
      const flood = floods.find((each) => each.name === name)!;
      const path = join(folder, 'flood');
      // Making distinct tokens takes longer than scanning them, so 200,000 are repeated.
      writeFlood(flood, path, 8 * MiB);
      const piece = readFileSync(path);
      for (let size = piece.length; size < mebibytes * MiB; size += piece.length) appendFileSync(path, piece);
      const { status, stderr, report, peak } = await measured(path, folder);
      const { artifacts, summary } = report;
      expect([status, stderr]).toEqual([flood.counts ? 1 : 0, '']);
      expect(artifacts[0]!.coverage.file).toEqual({ bytes: mebibytes * MiB, unread: [] });
      expect(summary.bytesScanned).toBe(mebibytes * MiB);
      expect(peak).toBeLessThan(MOST);
    });
  });

  test('of placeholders of one rule is incomplete, and hides no secret of another rule', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'flood');
      const aws = `AKIA${'ABCDEFGHIJKLMNOP'} `;
      // More than the budget of one rule with little effort, an eighth of the usual.
      const times = 20_000;
      const effort = 'quick';
      writeFlood({ name: '', pieces: () => [Buffer.from(aws.repeat(times))] }, path, times * aws.length);
      appendFileSync(
        path,
        `${JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))}`,
      );
      const { artifacts, findings, summary } = await collect({
        paths: [path],
        jobs: 1,
        effort,
        only: ['aws-access-key-id', 'private-key-jwk'],
      });
      expect(findings.filter(({ counts }) => counts).map(({ ruleId }) => ruleId)).toEqual([
        'private-key-jwk',
      ]);
      expect(artifacts[0]?.coverage.limits).toMatchObject([
        { search: 'detect', reason: expect.stringContaining('aws-access-key-id') },
      ]);
      expect(summary).toMatchObject({ exit: 1, complete: false });
      const deep = await collect({ paths: [path], jobs: 1, only: ['aws-access-key-id'], deep: true });
      expect(deep.artifacts[0]?.coverage.limits).toEqual([]);
      expect(deep.findings[0]?.occurrenceCount).toBe(times);
      const shallow = await collect({ paths: [path], jobs: 1, effort, only: ['aws-access-key-id'] });
      expect(shallow.summary).toMatchObject({ exit: 2, complete: false });
    });
  });

  test('of more findings than a report lists is counted in bounded memory', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'flood');
      writeFlood(floods.find(({ name }) => name === 'distinct valid tokens')!, path, 8 * MiB);
      // 196 tokens per page: about 204,000. The limit is the child's heap.
      const { status, stderr, report, peak } = await measured(path, folder);
      expect([status, stderr]).toEqual([1, '']);
      expect(peak).toBeLessThan(MOST);
      const { findings, artifacts, summary, complete } = report;
      expect(findings).toHaveLength(100_000);
      const tokens = Math.floor((8 * MiB) / 41);
      const counts = artifacts[0]!.coverage.limits.map(({ search, reason }) => [
        search,
        Number(/^([\d,]+) further .* rule github-token/.exec(reason)?.[1]?.replaceAll(',', '')),
      ]);
      // The findings up to the rule's limit, and the number of candidates not examined.
      expect(counts.map(([search]) => search).sort()).toEqual(['detect', 'findings']);
      const further = counts.reduce((sum, [, count]) => sum + Number(count), 0);
      // The last anchor belongs to a token cut off by the end of the file.
      expect([tokens - 100_000, tokens - 99_999]).toContain(further);
      expect(artifacts[0]!.warnings).toMatchObject([{ code: 'hits-not-examined' }]);
      expect(complete).toBe(false);
      expect(summary.exit).toBe(1);
    });
  });
});
