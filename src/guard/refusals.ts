import fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../base/runtime/errors.js';
import type { DumpLog } from './dump-history.js';

/** Names of the handler's reasons, each a file with a line a refusal. */
const REASON = /^[a-z][a-z-]{0,30}$/;
/** Lines of a file that are counted: 16 MiB of them. */
const LONGEST = 16 * 2 ** 20;

/** Notes in the log how many dumps the handler has refused since the last look. */
export async function countRefusals(folder: string, log: DumpLog): Promise<void> {
  for (const reason of namesIn(folder)) {
    const total = linesOf(path.join(folder, reason));
    const known = log.refused(reason);
    if (total === known) continue;
    // A file with fewer lines was begun anew.
    const count = total > known ? total - known : total;
    await log.append({ event: 'refused', reason, count, total });
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => REASON.test(name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function linesOf(name: string): number {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const fd = fs.openSync(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(Math.min(fs.fstatSync(fd).size, LONGEST));
    const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
    let lines = 0;
    for (let at = bytes.indexOf(10); at >= 0 && at < length; at = bytes.indexOf(10, at + 1)) lines++;
    return lines;
  } finally {
    fs.closeSync(fd);
  }
}
