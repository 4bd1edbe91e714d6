import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { anchorFloods, type Flood, floods, writeFlood } from '../../bench/hostile/floods.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { collect } from './collect.js';

const MiB = 2 ** 20;

// No test looks at the clock: what is not linear does not come to an end in this time.
jest.setTimeout(120_000);

async function scanFlood(flood: Flood, size: number) {
  return withTempDir(async (folder) => {
    const path = join(folder, 'flood');
    writeFlood(flood, path, size);
    return collect({ paths: [path], jobs: 1 });
  });
}

describe('a flood', () => {
  test.each(floods)('of $name is swept to its end', async (flood) => {
    const { artifacts, findings, summary } = await scanFlood(flood, MiB);
    expect(artifacts).toMatchObject([{ size: MiB, coverage: { file: { bytes: MiB, unread: [] } } }]);
    expect(summary).toMatchObject({ complete: true, bytesScanned: MiB });
    if (flood.counts !== undefined) expect(summary.exit).toBe(flood.counts ? 1 : 0);
    expect(findings.some(({ counts }) => counts)).toBe(summary.exit === 1);
  });

  test('of any anchor of any rule is swept to its end', async () => {
    const rows = await anchorFloods();
    expect(rows.length).toBeGreaterThan(250);
    const wrong: string[] = [];
    for (const flood of rows) {
      const { summary, artifacts } = await scanFlood(flood, 64 * 1024);
      if (!summary.complete || artifacts[0]?.coverage.file.unread.length !== 0) wrong.push(flood.name);
      // An anchor alone is no secret.
      if (summary.exit !== 0) wrong.push(`${flood.name}: exit ${summary.exit}`);
    }
    expect(wrong).toEqual([]);
  });

  test('of more findings than a report lists is counted, in bounded memory', async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'flood');
      writeFlood(floods.find(({ name }) => name === 'distinct valid tokens')!, path, 8 * MiB);
      // 196 tokens a page: about 204,000. The child's heap is the bound.
      const report = join(folder, 'report');
      const { status, stderr } = await runCli(['scan', '--quiet', '--output', `json=${report}`, path], {
        nodeFlags: ['--max-old-space-size=256'],
      });
      expect([status, stderr]).toEqual([1, '']);
      const { readFileSync } = await import('node:fs');
      const { findings, artifacts, summary } = JSON.parse(readFileSync(report, 'utf8'));
      expect(findings).toHaveLength(100_000);
      const tokens = Math.floor((8 * MiB) / 41);
      expect(artifacts[0].coverage.limits).toEqual([
        {
          offset: 100_000 * 41,
          length: (tokens - 100_000) * 41 - 1,
          search: 'findings',
          reason: expect.stringContaining(`${tokens - 100_000} further matches of rule github-token`),
        },
      ]);
      expect(summary.exit).toBe(1);
    });
  });
});
