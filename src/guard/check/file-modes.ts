import fs from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../core/base/runtime/errors.js';
import { escapeText } from '../../core/base/text/escape.js';
import { type CheckResult, wrong } from './check-row.js';

/** Permission bits of the group and of all others. */
const OTHERS_ANY = 0o077;
const OTHERS_WRITE = 0o022;
const ALL_WRITE = 0o002;
const STICKY = 0o1000;

/** Who else may do what: `secret` files and folders are their owner's alone, others may read. */
export type Exposure = 'secret' | 'readable';

/**
 * What is wrong with the owner and mode of a file or folder. Errors of the system are results, too. Windows
 * has no such modes: nothing is wrong there.
 */
export function exposureOf(name: string, exposure: Exposure, isFolder = false): CheckResult[] {
  const shown = escapeText(name);
  try {
    const stats = fs.statSync(name);
    if (isFolder !== stats.isDirectory() || !(isFolder || stats.isFile()))
      return [wrong(`${shown} is no ${isFolder ? 'folder' : 'regular file'}`, 'check the policy')];
    if (process.getuid === undefined) return [];
    if (stats.uid !== 0 && stats.uid !== process.getuid())
      return [wrong(`${shown} belongs to another user`, `chown root ${shown}`)];
    const bits = stats.mode & (exposure === 'secret' ? OTHERS_ANY : OTHERS_WRITE);
    if (bits !== 0) return [wrong(...exposed(shown, (bits & OTHERS_WRITE) !== 0, exposure, isFolder))];
    const folder = path.dirname(fs.realpathSync(name));
    const { mode } = fs.statSync(folder);
    if ((mode & ALL_WRITE) === 0 || (mode & STICKY) !== 0) return [];
    const above = escapeText(folder);
    return [wrong(`all users may replace ${shown}: they may write to its folder`, `chmod o-w ${above}`)];
  } catch (error) {
    return [
      wrong(`${shown} cannot be seen (${reasonOf(error)})`, 'check the path in the policy; run as root'),
    ];
  }
}

function exposed(
  shown: string,
  isWritable: boolean,
  exposure: Exposure,
  isFolder: boolean,
): [message: string, hint: string] {
  const mode = exposure === 'readable' ? 'go-w' : isFolder ? '700' : '600';
  return [`${shown}: other users may ${isWritable ? 'write to' : 'read'} it`, `chmod ${mode} ${shown}`];
}
