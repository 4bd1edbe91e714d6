import type { BigIntStats } from 'node:fs';
import fs from 'node:fs';
import { reasonOf } from '../core/base/runtime/errors.js';
import type { Warning } from '../core/base/runtime/warnings.js';
import { names, type WalkName } from './names.js';
import { warnings } from './warnings.js';

/** What a write to the content changes, unless it falls into one tick of the file system's clock. */
const CONTENT: readonly [what: string, of: (stats: BigIntStats) => bigint][] = [
  ['its size', ({ size }) => size],
  ['its time of modification', ({ mtimeNs }) => mtimeNs],
];

/** The time of the last change of an inode: POSIX alone defines it. */
const changeTime: (stats: BigIntStats) => bigint =
  process.platform === 'win32' ? () => 0n : ({ ctimeNs }) => ctimeNs;

const hint = 'scan again when nothing writes to it; keep the dump where it is until then';

/** How the file was reached. */
export interface WatchedName {
  name: WalkName;
  /** What the name led to before it was opened: fstat may give another device (overlayfs, Linux 4.18). */
  stats: BigIntStats;
  /** Target of the symbolic link, if the name is one. */
  target: string | undefined;
}

/** Compares an open file, and what its name leads to, with what they were when it was opened. */
export class FileWatch {
  readonly #fd: number;
  readonly #opened: BigIntStats;
  readonly #place: WatchedName | undefined;

  /** `opened`: the file before its first read. Standard input has no place. */
  constructor(fd: number, opened: BigIntStats, place?: WatchedName) {
    this.#fd = fd;
    this.#opened = opened;
    this.#place = place;
  }

  /**
   * A warning if the file is another now, or has other content. Called after the last read and before the
   * descriptor is closed. `sizeReported`: another warning says that the file grew or shrank.
   */
  changes(sizeReported = false): Warning[] {
    const now = fs.fstatSync(this.#fd, { bigint: true });
    const content = CONTENT.filter(([, of]) => of(now) !== of(this.#opened)).map(([what]) => what);
    const different = [...(sizeReported ? [] : content), ...this.#elsewhere()];
    if (different.length > 0) {
      const message = `the file changed while it was read: ${different.join(', ')}`;
      return [warnings.of('file-changed', { message, hint })];
    }
    if (content.length > 0 || changeTime(now) === changeTime(this.#opened)) return [];
    return [
      warnings.of('file-metadata-changed', {
        message: 'the permissions, owner, links or times of the file changed while it was read',
        hint: 'scan again if a program that sets the time of modification back may have written to it',
      }),
    ];
  }

  /** What the name leads to now, if it is not this file. */
  #elsewhere(): string[] {
    if (this.#place === undefined) return [];
    const { name, stats, target } = this.#place;
    try {
      const now = lead(name);
      if (now.stats.dev !== stats.dev || now.stats.ino !== stats.ino) return ['another file has its name'];
      return now.target === target ? [] : ['the target of its link'];
    } catch (error) {
      return [`its name leads to no file (${reasonOf(error)})`];
    }
  }
}

/** The target of a link, each byte as a character; undefined for anything else, and where nothing is. */
export function targetOf(name: WalkName): string | undefined {
  try {
    return lead(name).target;
  } catch {
    return undefined;
  }
}

/** What a name leads to. Throws the system's error if that is nothing. */
function lead(name: WalkName): { stats: BigIntStats; target?: string } {
  const path = names.toSystem(name);
  const stats = fs.lstatSync(path, { bigint: true });
  if (!stats.isSymbolicLink()) return { stats };
  return { stats: fs.statSync(path, { bigint: true }), target: fs.readlinkSync(path, 'latin1') };
}
