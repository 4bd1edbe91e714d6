import fs from 'node:fs';
import path from 'node:path';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { finishInTurns, type Pausing } from '../../core/base/runtime/turns.js';

/** A file that is looked for among those that processes have open. */
export interface SoughtFile {
  dev: bigint;
  ino: bigint;
  /** Its last component. */
  name: string;
}

const PROCESS = /^\d+$/;
const FLAGS = /^flags:\t(\d+)$/m;
const ACCESS = fs.constants.O_RDONLY | fs.constants.O_WRONLY | fs.constants.O_RDWR;
/** A writable shared mapping in /proc/PID/maps: inode and path. */
const SHARED = /^\S+ .w.s \S+ \S+ (\d+) +(\S.*)$/gm;

/**
 * Which files a process has open for writing, or has mapped to write to: the process by the file (proc(5)).
 * Root sees all processes, other users their own, and where there is no /proc there are none.
 */
export const findWriters = (
  files: readonly SoughtFile[],
  signal?: AbortSignal,
): Promise<Map<SoughtFile, number>> => finishInTurns(search(files), signal);

function* search(files: readonly SoughtFile[]): Pausing<never, Map<SoughtFile, number>> {
  const writers = new Map<SoughtFile, number>();
  const byInode = group(files);
  for (const pid of list('/proc').filter((name) => PROCESS.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      const file = opened(pid, fd, byInode);
      if (file !== undefined && isWritable(pid, fd)) writers.set(file, Number(pid));
      yield;
    }
    for (const file of mapped(pid, byInode)) writers.set(file, Number(pid));
    yield;
  }
  return writers;
}

type ByInode = ReadonlyMap<bigint, readonly SoughtFile[]>;

function group(files: readonly SoughtFile[]): ByInode {
  const groups = new Map<bigint, SoughtFile[]>();
  for (const file of files) groups.set(file.ino, [...(groups.get(file.ino) ?? []), file]);
  return groups;
}

/** Processes and descriptors end while they are listed. */
const list = (folder: string): string[] => orUndefined(() => fs.readdirSync(folder)) ?? [];

function opened(pid: string, fd: string, files: ByInode): SoughtFile | undefined {
  const stats = orUndefined(() => fs.statSync(`/proc/${pid}/fd/${fd}`, { bigint: true }));
  return stats && files.get(stats.ino)?.find(({ dev }) => dev === stats.dev);
}

function isWritable(pid: string, fd: string): boolean {
  const info = orUndefined(() => fs.readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'));
  const flags = FLAGS.exec(info ?? '')?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS) !== fs.constants.O_RDONLY;
}

/** Mappings outlive descriptors. Their device has another number than stat's on btrfs: the name decides. */
function* mapped(pid: string, files: ByInode): Generator<SoughtFile> {
  const maps = orUndefined(() => fs.readFileSync(`/proc/${pid}/maps`, 'latin1')) ?? '';
  for (const [, inode = '0', name = ''] of maps.matchAll(SHARED))
    for (const file of files.get(BigInt(inode)) ?? [])
      if (path.basename(Buffer.from(name, 'latin1').toString()) === file.name) yield file;
}
