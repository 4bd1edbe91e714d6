import type { BigIntStats } from 'node:fs';
import fs from 'node:fs';
import { names, type WalkName } from './names.js';

export type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

/** Calls a function of node:fs with a callback as a promise. */
export const promised = <T>(call: (done: Callback<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });

/** Of a link itself, not of its target. Sizes and inode numbers have 64 bits, hence bigint. */
export const lstat = (name: WalkName): Promise<BigIntStats> =>
  promised((done) => fs.lstat(names.toSystem(name), { bigint: true }, done));

export const stat = (name: WalkName): Promise<BigIntStats> =>
  promised((done) => fs.stat(names.toSystem(name), { bigint: true }, done));

export const fstat = (fd: number): Promise<BigIntStats> =>
  promised((done) => fs.fstat(fd, { bigint: true }, done));

export const close = (fd: number): void => fs.closeSync(fd);

/** 0 if not POSIX. O_NONBLOCK: opening a FIFO does not wait for a writer. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;

/**
 * Opens for reading without blocking. With `follow` false, a file replaced by a link meanwhile fails (ELOOP).
 */
export const open = (name: WalkName, follow: boolean): Promise<number> =>
  promised((done) => fs.open(names.toSystem(name), O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW), done));

/** Bytes of holes below which a second descriptor does not pay. */
const HOLES = 4 * 2 ** 20;
/** Bytes of a unit of st_blocks (stat(2)). */
const STAT_BLOCK = 512n;

/**
 * Opens a file with holes once more, for direct reads: /proc names the same file, whatever its name leads to
 * now. Undefined if the file has few holes, or the system or the file system offers no direct reads.
 */
export async function openDirect(fd: number, { size, blocks }: BigIntStats): Promise<number | undefined> {
  const { O_DIRECT } = fs.constants;
  if (process.platform !== 'linux' || size - STAT_BLOCK * blocks < HOLES) return undefined;
  const open = promised<number>((done) => fs.open(`/proc/self/fd/${fd}`, O_RDONLY | O_DIRECT, done));
  return open.catch(() => undefined);
}

/**
 * The files and folders visited by a run, by inode, so that a file with two names is scanned once. The birth
 * time distinguishes a file from a later one that reuses its inode number during the walk.
 */
export class VisitedFiles {
  readonly #keys = new Set<string>();

  /** True on the first visit. */
  add(stats: BigIntStats): boolean {
    // File systems without inode numbers: a file may be scanned twice.
    if (stats.ino === 0n) return true;
    const key = keyOf(stats);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }

  has(stats: BigIntStats): boolean {
    return this.#keys.has(keyOf(stats));
  }
}

const keyOf = ({ dev, ino, birthtimeNs }: BigIntStats): string => `${dev}:${ino}:${birthtimeNs}`;
