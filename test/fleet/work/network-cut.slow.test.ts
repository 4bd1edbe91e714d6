import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { describeWith } from '../../support/describe.js';
import { withTempDir } from '../../support/folder.js';
import { newerNode } from '../newer-node.js';
import type { CutReport } from './cut-process.js';

/** A network that is gone in the middle of a scan: no wrong absence, no endless loop, no endless log. */

const SCRIPT = fileURLToPath(new URL('./cut-process.js', import.meta.url));

const cut = async (what: 'file' | 'server'): Promise<CutReport> => {
  const node = await newerNode();
  return withTempDir(async (folder) => {
    const args = ['--net', process.execPath, SCRIPT, what, folder, node];
    const { stdout } = await promisify(execFile)('unshare', args, { maxBuffer: 64 << 20 });
    return JSON.parse(stdout) as CutReport;
  });
};

/** Bytes that a run may print, and seconds that it may take. */
const MOST_PRINTED = 2 ** 20;
const MOST_SECONDS = 400;

function requireBounded({ runs }: CutReport): void {
  for (const { output, seconds } of runs) {
    expect(output).toBeLessThan(MOST_PRINTED);
    expect(seconds).toBeLessThan(MOST_SECONDS);
  }
}

describeWith(['namespaces', 'ip'], 'without a network', () => {
  test('a store in a file: what was not read is reported, and done by a later run', async () => {
    const report = await cut('file');
    requireBounded(report);
    const [during, without, after] = report.runs;
    const some = expect.arrayContaining([expect.stringContaining('object-unreachable')]);
    expect(during).toMatchObject({ error: '', result: { listed: { added: 15 }, notices: some } });
    expect(during!.result!.pending).toBeGreaterThan(0);
    expect(without).toMatchObject({ error: '', result: { exit: 2, listed: { gone: 0 }, notices: some } });
    // Nothing was taken for gone, and what was scanned before is not scanned again.
    expect(after).toMatchObject({ error: '', result: { exit: 1, pending: 0, listed: { unchanged: 15 } } });
    expect(after!.result!.counts.scanned).toBeLessThanOrEqual(during!.result!.pending);
    expect(report.presences).toEqual(['not-found-by-rules', 'not-found-by-rules', 'absent']);
    expect(report.digests[1]).toBe(report.digests[0]);
  });

  describeWith(['postgresql'], 'a worker of a queue', () => {
    test('goes on after a while, or ends and leaves its jobs to others', async () => {
      const report = await cut('server');
      requireBounded(report);
      const [passing, lasting, next] = report.runs;
      expect(passing).toMatchObject({ error: '', result: { pending: 0 } });
      expect(lasting!.result?.exit ?? lasting!.error).not.toBe(0);
      expect(lasting!.error).toMatch(/cannot be reached/);
      expect(next).toMatchObject({ error: '', result: { pending: 0 } });
      expect(report.presences).toEqual(['absent', 'absent', 'not-found-by-rules', 'absent']);
      expect(new Set(report.digests).size).toBe(1);
    });
  });
});
