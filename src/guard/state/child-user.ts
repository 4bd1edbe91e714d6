import fs from 'node:fs';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { ChildUser } from '../../core/options/check-options.js';

/** User id that owns nothing, by convention of Linux (NFS, user namespaces). */
const UNPRIVILEGED = 65534;

/** The user of processes that read a dump; none if the guard is not root. Throws (exit 3) for no user. */
export function childUserOf({ user }: { user?: string | number }): ChildUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = String(user ?? UNPRIVILEGED);
  for (const line of fs.readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name || uid === name) return { uid: Number(uid), gid: Number(gid) };
  }
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(name) };
  throw new DumpsieveError({
    code: 'guard-no-user',
    message: `there is no user ${name}`,
    hint: 'name one under which dumps are read: user: 65534',
  });
}
