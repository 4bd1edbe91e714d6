import { type BigIntStats, fstatSync } from 'node:fs';

/** Descriptors that this process writes reports to: standard output and error, and the files of --output. */
const written = new Set([1, 2]);

/** Adds a descriptor; returns the function that removes it, to be called before it is closed. */
export function writesTo(fd: number): () => void {
  written.add(fd);
  return () => written.delete(fd);
}

/** True for a file that changes because this process writes to it: a report in a scanned folder. */
export function isOwnFile({ dev, ino }: BigIntStats): boolean {
  return [...written].some((fd) => {
    try {
      const stats = fstatSync(fd, { bigint: true });
      return stats.isFile() && stats.dev === dev && stats.ino === ino;
    } catch {
      return false;
    }
  });
}
