import { type BigIntStats, fstatSync } from 'node:fs';

/** Device and inode of a file. */
export type FileId = Pick<BigIntStats, 'dev' | 'ino'>;

export const isSameFile = (a: FileId, b: FileId): boolean => a.dev === b.dev && a.ino === b.ino;

/** Undefined for what is no file (a pipe, a terminal), and for a closed descriptor. */
export function fileOf(fd: number): BigIntStats | undefined {
  try {
    const stats = fstatSync(fd, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Files that this process writes reports to: standard output and error, and those of --output. */
const written = new Set<FileId>([1, 2].flatMap((fd) => fileOf(fd) ?? []));

/** Files without a name of their own yet. */
const drafts = new Set<FileId>();

const holds = (files: ReadonlySet<FileId>, file: FileId): boolean => {
  for (const each of files) if (isSameFile(each, file)) return true;
  return false;
};

/** Adds the file of a descriptor; returns the function that removes it. */
export function writesTo(fd: number): () => void {
  const file = fileOf(fd);
  if (file === undefined) return () => {};
  written.add(file);
  return () => written.delete(file);
}

/** Adds a file under a temporary name; returns the function that removes it. */
export function writesDraft(file: FileId): () => void {
  drafts.add(file);
  return () => drafts.delete(file);
}

/** True for a file that changes because this process writes to it: a report in a scanned folder. */
export const isOwnFile = (file: FileId): boolean => holds(written, file);

/** True for a report of this process that is not complete: no input, though it lies in a scanned folder. */
export const isDraft = (file: FileId): boolean => holds(drafts, file);
