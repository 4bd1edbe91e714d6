import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scan, type Timings } from '../../src/api/scan.js';
import { SEARCHES } from '../../src/core/limits/searches.js';
import { parts, spkiOf } from '../search/harness.js';
import { LAYOUTS, Memory } from '../search/memory.js';
import { rsaFrom } from '../search/seeded.js';
import { withTempDir } from '../support/folder.js';

test('timings name the searches and detectors of a scan', () =>
  withTempDir(async (folder) => {
    const key = rsaFrom('timings', 1024);
    const memory = new Memory();
    memory.chunk(Buffer.from(spkiOf(key), 'base64'));
    memory.chunk(LAYOUTS['limbs-le']!(parts(key).dp!));
    const path = join(folder, 'dump');
    writeFileSync(path, memory.bytes());
    let timings: Timings | undefined;
    for await (const _ of scan({ paths: [path], onTimings: (all) => (timings = all) }));
    const { searches, detectors, total } = timings!;
    expect(Object.keys(searches)).toEqual(expect.arrayContaining(['rsa-known-crt', 'ec-scalars']));
    const ids: readonly string[] = SEARCHES.map(({ id }) => id);
    expect(Object.keys(searches).filter((id) => !ids.includes(id))).toEqual([]);
    expect(Object.keys(detectors)).toContain('spki');
    for (const spent of Object.values(searches)) expect(spent).toBeLessThanOrEqual(total);
  }));
