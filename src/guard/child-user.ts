import fs from 'node:fs';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { ChildUser } from '../options/scan-options.js';
import type { Policy } from './policy.js';

const NOBODY = 'nobody';

/** The user whose permissions processes get that read a dump. Throws (exit 3) if there is none of the name. */
export function childUserOf({ user }: Policy): ChildUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const name = String(user ?? NOBODY);
  for (const line of fs.readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [login, , uid, gid] = line.split(':');
    if (login === name || uid === name) return { uid: Number(uid), gid: Number(gid) };
  }
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(name) };
  throw new DumpsieveError({
    code: 'guard-no-user',
    message: `there is no user ${name}`,
    hint: 'name one under which dumps are read: user: nobody',
  });
}
