import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { scanJson } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { cases } from '../support/property.js';

/**
 * Programs and libraries with their data: tables of curves, test vectors, moduli of certificates, compressed
 * parts.
 */
const FOLDER = '/usr/lib';
/** A tenth of a gibibyte in each run. */
const SIZE = cases(1024) * 2 ** 20;

/** The files concatenated in the order of their names, each aligned to 16 bytes as a loader would. */
function gather(path: string): number {
  const fd = openSync(path, 'w');
  let size = 0;
  try {
    for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 15)]);
      writeSync(fd, padded);
      size += padded.length;
      if (size >= SIZE) break;
    }
  } finally {
    closeSync(fd);
  }
  return size;
}

test('numbers of programs and libraries yield no key but published ones', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'files');
    const size = gather(path);
    const rules = ['private-key-number', 'key-agreement-number', 'signing-secret-number'];
    const { status, report } = await scanJson([...rules.flatMap((id) => ['--only', id]), path]);
    const found = report.findings.filter(({ reason }) => reason !== 'published-test-key');
    expect(found.map(({ ruleId, proof, location }) => [ruleId, proof, location.offset])).toEqual([]);
    expect([status, report.summary.bytesScanned]).toEqual([0, size]);
  });
});
