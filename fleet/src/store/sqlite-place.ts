import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf } from '../../../src/core/base/runtime/errors.js';
import { failure } from '../host.js';

/** Numbers of statfs(2) of file systems that several machines mount. SQLite's WAL needs one machine. */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x517b, 'smb'],
  [0x01021997, '9p'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
  [0x0bd00bd0, 'lustre'],
  [0x47504653, 'gpfs'],
  [0x73757245, 'coda'],
  [0x7461636f, 'ocfs2'],
  [0x01161970, 'gfs2'],
]);

const FUSE = 0x65735546;

/** Drivers of FUSE that reach another machine. */
const NETWORK_FUSE =
  /^fuse\..*(?:ssh|s3|gcs|nfs|smb|rclone|gluster|ceph|goofys|blob|dav|ftp|juice|moose|seaweed|lustre)/;

/** Type of the file system of a folder, by the longest mount point above it (proc_pid_mountinfo(5)). */
function mountedType(folder: string, mountinfo: string): string | undefined {
  const unescaped = (text: string) =>
    text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  let best = { length: -1, type: undefined as string | undefined };
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const point = unescaped(left.split(' ')[4] ?? '');
    const isAbove = point !== '' && `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`);
    if (isAbove && point.length >= best.length) best = { length: point.length, type: right.split(' ')[0] };
  }
  return best.type;
}

/** Name of the network file system that a folder is on; undefined if it is on a disk of this machine. */
export function networkFileSystem(
  folder: string,
  type: number = statfsSync(folder).type,
  mountinfo: () => string = () => readFileSync('/proc/self/mountinfo', 'utf8'),
): string | undefined {
  if (process.platform === 'win32') return folder.startsWith('\\\\') ? 'smb' : undefined;
  if (process.platform !== 'linux') return undefined;
  // A number with the highest bit set is negative where the kernel's field is signed.
  const known = NETWORK.get(type >>> 0);
  if (known !== undefined || type !== FUSE) return known;
  const mounted = mountedType(folder, mountinfo());
  return mounted !== undefined && NETWORK_FUSE.test(mounted) ? mounted : undefined;
}

const refused = (message: string, hint: string) => failure({ code: 'store-refused', message, hint });

/** First bytes of each SQLite file. */
const MAGIC = 'SQLite format 3\0';

/**
 * Path of the file of a store, with mode 0600 before SQLite opens it: its -wal and -shm get the mode of the
 * file. `create`: makes an empty one if it is missing.
 */
export function preparedFile(given: string, create: boolean): string {
  try {
    return prepared(given, create);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw refused(
        `${given} cannot be opened: ${reasonOf(error)}`,
        'name a file that this user can read and write, in a folder where it can make files',
      );
    throw error;
  }
}

function prepared(given: string, create: boolean): string {
  const path = resolve(given);
  const folder = dirname(path);
  if (!existsSync(folder)) throw refused(`${folder} does not exist`, 'name a file in an existing folder');
  const network = networkFileSystem(realpathSync(existsSync(path) ? dirname(realpathSync(path)) : folder));
  if (network !== undefined) {
    const hint = 'use a local disk, or a server: --store postgres://…';
    throw refused(`${given} is on a network file system (${network}), where two writers destroy it`, hint);
  }
  if (!existsSync(path)) {
    if (!create)
      throw failure({
        code: 'store-missing',
        message: `there is no store ${given}`,
        hint: '`dumpsieve hunt add` makes one',
      });
    closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY, 0o600));
    return path;
  }
  const facts = statSync(path);
  if (!facts.isFile()) throw refused(`${given} is not a file`, 'name a file, or postgres://…');
  if (facts.size > 0 && !readFileStart(path).startsWith(MAGIC))
    throw refused(`${given} is not a store`, 'name the file of a store, or a new one');
  // The store is as sensitive as a report.
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0)
    for (const each of [path, join(folder, `${basename(path)}-wal`), join(folder, `${basename(path)}-shm`)])
      if (existsSync(each)) chmodSync(each, 0o600);
  return path;
}

function readFileStart(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MAGIC.length);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes.toString('latin1');
  } finally {
    closeSync(file);
  }
}
