import fs from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../core/base/runtime/errors.js';

/** Names of the handler's reasons, each a file with a line a refusal. */
const REASON = /^[a-z][a-z-]{0,30}$/;
/** Octets of a file that are counted: 16 MiB of lines. */
const LONGEST = 16 * 2 ** 20;

/** Dumps that the handler has refused, by reason, as its files say. The kernel's log is the truth. */
export function refusals(state: string): Map<string, number> {
  const folder = path.join(state, 'refused');
  return new Map(namesIn(folder).map((reason) => [reason, linesOf(path.join(folder, reason))]));
}

function namesIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => REASON.test(name))
      .sort();
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
