import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BacktraceCopy, type RedactOptions, redact } from '../../src/api/redact.js';
import { withTempDir } from '../support/folder.js';

/** The copy of a dump, and what is reported of it. */
export function copyOf(
  bytes: Uint8Array,
  options: Partial<Omit<RedactOptions, 'keep'>> = {},
): Promise<{ copy: Buffer; result: BacktraceCopy }> {
  return withTempDir(async (folder) => {
    const [input, output] = [join(folder, 'dump'), join(folder, 'copy')];
    writeFileSync(input, bytes);
    const result = await redact({ input, output, keep: 'backtrace', ...options });
    return { copy: readFileSync(output), result };
  });
}
