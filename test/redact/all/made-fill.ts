import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { type FilledCopy, type RedactOptions, redact } from '../../../src/api/redact.js';
import { type ScanOptions, scan } from '../../../src/api/scan.js';
import { withTempDir } from '../../support/folder.js';

interface Made {
  copy: Buffer;
  result: FilledCopy;
  /** Exit status of a scan of the copy. */
  exit: number;
  findings: number;
}

/** A filled copy of a dump, and what a scan says of it. `options`: also from the folder with the dump. */
export function filledCopyOf(
  bytes: Uint8Array,
  options: (folder: string) => Partial<Omit<RedactOptions, 'keep'>> = () => ({}),
  scanOptions: Partial<ScanOptions> = {},
): Promise<Made> {
  return withTempDir(async (folder) => {
    const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
    writeFileSync(input, bytes);
    const result = await redact({ input, output, jobs: 1, ...options(folder) });
    const made: Made = { copy: readFileSync(output), result, exit: -1, findings: 0 };
    for await (const event of scan({ paths: [output], jobs: 1, ...scanOptions })) {
      if (event.type === 'finding') made.findings++;
      if (event.type === 'summary') made.exit = event.exit;
    }
    return made;
  });
}

/** Offsets at which two buffers of one length differ. */
export function differences(before: Uint8Array, after: Uint8Array): number[] {
  expect(after.length).toBe(before.length);
  return [...before.keys()].filter((at) => before[at] !== after[at]);
}
