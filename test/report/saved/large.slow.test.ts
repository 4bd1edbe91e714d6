import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, test } from '@jest/globals';
import { FORMATS, type Format, type ScanEvent } from '../../../src/core/model/report.js';
import { json } from '../../../src/report/json.js';
import { startCli } from '../../support/cli.js';
import { withTempDir } from '../../support/folder.js';
import { PEAK, peakIn } from '../../support/peak.js';
import { artifact, keyFinding, run, summary } from '../events.js';

const MEBIBYTE = 2 ** 20;
/** Peak memory of the whole process for a report of 100,000 findings. */
const MOST = 300 * MEBIBYTE;

/** All formats at night; in each run those that keep the most: groups of findings, and blocks of columns. */
const SHOWN: readonly Format[] = process.env.DUMPSIEVE_CASES === 'all' ? FORMATS : ['pretty', 'html'];

/** A key of its own, with a certificate, an account and a token. */
function key(number: number): ScanEvent {
  const digest = createHash('sha256').update(String(number)).digest('hex');
  const occurrences = Array.from({ length: 3 }, (_, i) => ({
    ...{ artifact: 0, offset: 4096 * number + 512 * i, length: 128, component: 'p', encoding: 'limbs-le' },
    region: { kind: 'heap' as const },
  }));
  const whole = keyFinding({ occurrences, fingerprint: `v1:${digest}` }, 0);
  return { ...whole, key: { ...whole.key!, spkiSha256: digest } };
}

async function writeReport(file: string, findings: number): Promise<void> {
  const out = createWriteStream(file);
  const reporter = json((text) => out.write(text), { color: false });
  for (const event of [run(), artifact()]) reporter.event(event);
  for (let i = 0; i < findings; i++) {
    reporter.event(key(i));
    if (out.writableNeedDrain) await once(out, 'drain');
  }
  reporter.event(summary());
  reporter.end();
  out.end();
  await finished(out);
}

test(`a report of 100,000 findings is read within 300 MB, in these formats: ${SHOWN}`, async () => {
  await withTempDir(async (cwd) => {
    const file = join(cwd, 'large.json');
    await writeReport(file, 100_000);
    expect(statSync(file).size).toBeGreaterThan(100 * MEBIBYTE);
    for (const format of SHOWN) {
      const args = ['report', 'large.json', '--quiet', '--output', `${format}=out`];
      const { result } = startCli(args, { cwd, nodeFlags: PEAK });
      const { status, stderr } = await result;
      const { peak, rest } = peakIn(stderr);
      expect({ format, status, rest, isWithin: peak <= MOST }).toEqual({
        ...{ format, status: 1, rest: '', isWithin: true },
      });
    }
  });
});
