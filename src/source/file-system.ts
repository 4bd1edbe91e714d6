import type { BigIntStats } from 'node:fs';
import fs from 'node:fs';
import { names, type WalkName } from './names.js';

type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

const promised = <T>(call: (done: Callback<T>) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });

/** Sizes and inode numbers are 64-bit: bigint. A link itself, not what it leads to. */
export const lstat = (name: WalkName): Promise<BigIntStats> =>
  promised((done) => fs.lstat(names.toSystem(name), { bigint: true }, done));

export const stat = (name: WalkName): Promise<BigIntStats> =>
  promised((done) => fs.stat(names.toSystem(name), { bigint: true }, done));

export const fstat = (fd: number): Promise<BigIntStats> =>
  promised((done) => fs.fstat(fd, { bigint: true }, done));

export const close = (fd: number): void => fs.closeSync(fd);

/** Where the system has them (POSIX): no wait for a FIFO's writer. */
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = fs.constants;

/** Opens for reading without ever waiting. `follow` false: what became a link meanwhile is refused (ELOOP). */
export const open = (name: WalkName, follow: boolean): Promise<number> =>
  promised((done) => fs.open(names.toSystem(name), O_RDONLY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW), done));

/**
 * The files and folders that a run met, by inode, so that two names of one are scanned once. The time of birth tells
 * an inode from the next file that gets its number while the walk is under way.
 */
export class VisitedFiles {
  readonly #keys = new Set<string>();

  /** True the first time. */
  add(stats: BigIntStats): boolean {
    // Some file systems number nothing: each of their files is scanned, at worst twice.
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
