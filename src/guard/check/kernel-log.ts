import fs from 'node:fs';
import { reasonOf, systemCode } from '../../core/base/runtime/errors.js';
import { type Check, note, ok } from './check-row.js';

/** Lines of the kernel (fs/coredump.c) and of the handler about dumps that are lost. */
const LINES: readonly [pattern: RegExp, what: string][] = [
  [/over core_pipe_limit/i, 'skipped by the kernel, over core_pipe_limit'],
  [/core dump to \|.*fail/i, 'lost, as the kernel could not start the handler'],
  [/RLIMIT_CORE is set to 1/, 'of the handler itself or of a program with RLIMIT_CORE 1, not taken'],
  [/dumpsieve seal: refused/, 'refused by the handler'],
];

/** Records of /dev/kmsg at most: more than any ring buffer has. */
const MOST = 1_000_000;
/** Octets of the longest record (CONSOLE_EXT_LOG_MAX). */
const LONGEST = 8192;

/** The kernel's log since boot, as far as its ring buffer reaches. Each read of the device is one record. */
function readKernelLog(name: string): string {
  const fd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const parts: string[] = [];
  const buffer = Buffer.alloc(LONGEST);
  try {
    for (let records = 0; records < MOST; records++) {
      const length = readRecord(fd, buffer);
      if (length === 0) break;
      if (length !== undefined) parts.push(buffer.toString('latin1', 0, length));
    }
  } finally {
    fs.closeSync(fd);
  }
  return parts.join('');
}

/** Octets of the next record; 0 at the end, undefined for one that was overwritten meanwhile. */
function readRecord(fd: number, buffer: Buffer): number | undefined {
  try {
    return fs.readSync(fd, buffer);
  } catch (error) {
    if (systemCode(error) === 'EPIPE') return undefined;
    if (systemCode(error) === 'EAGAIN') return 0;
    throw error;
  }
}

export const checkKernelLog: Check = ({ places }) => {
  let text: string;
  try {
    text = readKernelLog(places.kernelLog);
  } catch (error) {
    const reason = `the kernel's log cannot be read (${reasonOf(error)})`;
    return [note(`${reason}: dumps that the kernel skipped are not counted`, 'run as root')];
  }
  const lines = text.split('\n');
  const results = LINES.flatMap(([pattern, what]) => {
    const count = lines.filter((line) => pattern.test(line)).length;
    return count === 0 ? [] : [note(`dumps ${what}: ${count}`, "look at: dmesg | grep -iE 'core|dumpsieve'")];
  });
  return results.length > 0 ? results : [ok('the kernel has skipped no dump since boot')];
};
