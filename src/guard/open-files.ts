import fs from 'node:fs';
import { tryTo } from '../base/runtime/try-to.js';

const PROCESS = /^\d+$/;

/**
 * Device and inode of all files that processes have open (proc(5)). Only root sees those of other users. Where
 * there is no /proc, none.
 */
export function openFiles(): Set<string> {
  const found = new Set<string>();
  tryTo(() => {
    for (const pid of fs.readdirSync('/proc').filter((name) => PROCESS.test(name)))
      tryTo(() => {
        for (const fd of fs.readdirSync(`/proc/${pid}/fd`))
          tryTo(() => {
            const { dev, ino } = fs.statSync(`/proc/${pid}/fd/${fd}`);
            found.add(fileKey({ dev, ino }));
          });
      });
  });
  return found;
}

export const fileKey = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;
