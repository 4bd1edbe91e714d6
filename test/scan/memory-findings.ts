import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/core/model/report.js';
import type { ScanOptions } from '../../src/index.js';
import { Memory } from '../search/memory.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

/** Findings of a scan of a memory with these chunks. */
export async function findingsIn(
  chunks: readonly Buffer[],
  options: Omit<ScanOptions, 'paths'> = {},
): Promise<Finding[]> {
  const memory = new Memory();
  memory.filler(4096);
  for (const chunk of chunks) {
    memory.chunk(chunk);
    memory.filler(512);
  }
  return withTempDir(async (folder) => {
    writeFileSync(join(folder, 'core'), memory.bytes());
    const findings: Finding[] = [];
    for await (const event of scan({ ...options, paths: [folder] }))
      if (event.type === 'finding') findings.push(event);
    return findings;
  });
}
