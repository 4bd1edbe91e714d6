import { randomBytes } from 'node:crypto';
import fs, { type BigIntStats, fstatSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from './errors.js';
import { orUndefined } from './or-undefined.js';
import { tryTo } from './try-to.js';

/** A new name in a folder; its prefix identifies what a killed process leaves. */
export const temporaryIn = (folder: string): string =>
  path.join(folder, `.dumpsieve-${randomBytes(12).toString('hex')}`);

/** Links that a name may lead through (Linux: 40). */
const MOST_LINKS = 40;

/** A folder that has descriptors of a process as links (proc(5)). */
const DESCRIPTORS = /^\/(?:proc\/\d+(?:\/task\/\d+)?|dev)\/fd$/;

/** True for a name of an open file, such as /dev/fd/3, behind all other links. */
export const isDescriptor = (name: string): boolean => DESCRIPTORS.test(folderOf(name) ?? '');

/** The name behind all links, whether there is such a file or not; of an open file that of its descriptor. */
export function nameBehindLinks(name: string): string {
  let at = name;
  for (let links = 0; links < MOST_LINKS; links++) {
    const [folder, target] = [folderOf(at), linkOf(at)];
    if (folder === undefined || target === undefined || DESCRIPTORS.test(folder)) return at;
    at = path.resolve(folder, target);
  }
  return at;
}

const folderOf = (name: string): string | undefined => orUndefined(() => fs.realpathSync(path.dirname(name)));

const linkOf = (name: string): string | undefined => orUndefined(() => fs.readlinkSync(name));

/** Permission bits of a mode, without setuid, setgid and sticky. */
const PERMISSIONS = 0o777;
const PRIVATE = 0o600;
/** Less the process's umask. */
const NEW = 0o666;

/** Temporary names of the drafts that are open. */
const unpublished = new Set<string>();

function removeAll(): void {
  for (const name of unpublished) tryTo(() => fs.rmSync(name, { force: true }));
}

/**
 * A file under a temporary name beside its target, which takes its place when it is complete. Without
 * {@link publish} nothing is left of it, even if the process exits in between. Errors are the system's.
 */
export class DraftFile {
  readonly #target: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #forget: () => void;
  #open = true;

  /** `target`: behind all links. It keeps its permissions, and if possible its owner. */
  constructor(target: string) {
    this.#target = target;
    this.#temporary = temporaryIn(path.dirname(target));
    const there = fs.statSync(target, { throwIfNoEntry: false });
    this.#fd = fs.openSync(this.#temporary, 'wx', there === undefined ? NEW : PRIVATE);
    if (unpublished.size === 0) process.once('exit', removeAll);
    unpublished.add(this.#temporary);
    this.#forget = writesDraft(fs.lstatSync(this.#temporary, { bigint: true }));
    if (there === undefined) return;
    tryTo(() => fs.fchownSync(this.#fd, there.uid, there.gid));
    tryTo(() => fs.fchmodSync(this.#fd, there.mode & PERMISSIONS));
  }

  write(text: string): void {
    fs.writeFileSync(this.#fd, text);
  }

  /** Gives the file its name. */
  publish(): void {
    fs.fsyncSync(this.#fd);
    this.#close();
    try {
      fs.renameSync(this.#temporary, this.#target);
    } catch (error) {
      // A single file that is mounted (into a container) can be written, and not replaced.
      if (systemCode(error) !== 'EBUSY') throw error;
      fs.copyFileSync(this.#temporary, this.#target);
    }
    this.discard();
  }

  /** Removes the file, unless it has its name. */
  discard(): void {
    tryTo(() => this.#close());
    this.#forget();
    tryTo(() => fs.rmSync(this.#temporary, { force: true }));
    unpublished.delete(this.#temporary);
    if (unpublished.size === 0) process.off('exit', removeAll);
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.#fd);
  }
}

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
function writesDraft(file: FileId): () => void {
  drafts.add(file);
  return () => drafts.delete(file);
}

/** True for a file that changes because this process writes to it: a report in a scanned folder. */
export const isOwnFile = (file: FileId): boolean => holds(written, file);

/** True for a report of this process that is not complete: no input, though it lies in a scanned folder. */
export const isDraft = (file: FileId): boolean => holds(drafts, file);
