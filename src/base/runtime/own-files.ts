import { type BigIntStats, fstatSync } from 'node:fs';

type FileId = Pick<BigIntStats, 'dev' | 'ino'>;

/** Undefined for what is no file (a pipe, a terminal), and for a closed descriptor. */
function fileOf(fd: number): FileId | undefined {
  try {
    const stats = fstatSync(fd, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Files that this process writes reports to: standard output and error, and those of --output. */
const written = new Set([1, 2].flatMap((fd) => fileOf(fd) ?? []));

/** Adds the file of a descriptor; returns the function that removes it. */
export function writesTo(fd: number): () => void {
  const file = fileOf(fd);
  if (file === undefined) return () => {};
  written.add(file);
  return () => written.delete(file);
}

/** True for a file that changes because this process writes to it: a report in a scanned folder. */
export function isOwnFile({ dev, ino }: FileId): boolean {
  for (const file of written) if (file.dev === dev && file.ino === ino) return true;
  return false;
}
