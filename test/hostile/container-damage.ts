import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../fixtures/random.js';
import { collect } from '../source/collect.js';
import { PYTHON } from '../support/programs.js';

/**
 * Containers that are cut, or changed byte by byte: whatever is done to one, its content is there as it was,
 * or the report says that it is not whole, or the file is no container any more.
 */

/** How to make a container: a shell command in a folder with `core`, that writes it to OUT. */
export interface ContainerKind {
  name: string;
  command: string;
  /** Data is stored and searched as it is, whatever a checksum says: to change it is to have another file. */
  isPlain?: boolean;
  /** Nothing marks its end: a cut after a member cannot be seen. */
  isOpenEnded?: boolean;
  /** How often the content is there. */
  copies?: number;
}

export const KINDS: readonly ContainerKind[] = [
  { name: 'gzip', command: 'gzip -nc core >OUT' },
  { name: 'gzip, two members', command: '(gzip -nc core; gzip -nc core) >OUT', isOpenEnded: true, copies: 2 },
  { name: 'zstd', command: 'zstd -qc core >OUT' },
  { name: 'xz', command: 'xz -c core >OUT' },
  { name: 'xz, small blocks, SHA-256', command: 'xz --block-size=9000 -C sha256 -c core >OUT' },
  { name: 'lz4', command: 'lz4 -qc core >OUT' },
  { name: 'lz4, linked blocks', command: 'lz4 -qBD -B4 -BX -c core >OUT' },
  { name: 'bzip2', command: 'bzip2 -c core >OUT' },
  { name: 'tar', command: 'tar -cf OUT core', isPlain: true },
  { name: 'tar, sparse', command: 'truncate -s 300000 core; tar -cSf OUT core', isPlain: true },
  { name: 'tar, pax', command: 'tar --format=posix --sparse -cf OUT core', isPlain: true },
  { name: 'zip', command: 'zip -q - core >OUT' },
  { name: 'zip, stored', command: 'zip -q0 - core >OUT', isPlain: true },
  { name: 'zip by bsdtar', command: 'bsdtar -cf OUT --format=zip core' },
  { name: 'cpio', command: 'echo core | cpio -o --quiet -H newc >OUT', isPlain: true },
  { name: 'cpio, odc', command: 'echo core | cpio -o --quiet -H odc >OUT', isPlain: true },
  {
    name: 'cpio, bin',
    command: 'echo core | cpio -o --quiet -H bin >OUT',
    isPlain: true,
  },
  { name: 'ar', command: 'ar qc OUT core', isPlain: true, isOpenEnded: true },
  { name: '7z', command: '7z a -bd in.7z core >/dev/null && mv in.7z OUT' },
  { name: '7z, bzip2', command: '7z a -bd -m0=BZip2 in.7z core >/dev/null && mv in.7z OUT' },
  { name: 'cab', command: 'gcab -cz OUT core >/dev/null' },
  { name: 'lzma, lc=0 lp=4', command: 'xz --format=lzma --lzma1=lc=0,lp=4,pb=0 -c core >OUT' },
  {
    name: 'zlib',
    command: `${PYTHON} -c 'import zlib; open("OUT", "wb").write(zlib.compress(open("core", "rb").read()))'`,
  },
  { name: 'gzip behind zeros', command: '(head -c 700 /dev/zero; gzip -nc core) >OUT' },
  { name: '7z behind a program', command: '7z a -bd in.7z core >/dev/null && cat /bin/true in.7z >OUT' },
  { name: 'tar.gz', command: 'tar -czf OUT core' },
];

/** A damaged container, and what is wrong with how it was read. */
export interface Failure {
  kind: string;
  damage: string;
  what: string;
}

/** Cuts a container at `count` places and changes bytes of it as often; half of them near its ends. */
export async function damage(kind: ContainerKind, core: Buffer, count: number): Promise<Failure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'dumpsieve-test-'));
  try {
    writeFileSync(join(folder, 'core'), core);
    execFileSync('sh', ['-c', kind.command.replaceAll('OUT', 'out')], { cwd: folder });
    const whole = readFileSync(join(folder, 'out'));
    const once = readFileSync(join(folder, 'core'));
    const content = Buffer.concat(Array.from({ length: kind.copies ?? 1 }, () => once));
    const failures: Failure[] = [];
    const path = join(folder, 'damaged');
    for (const { damage: what, bytes } of [...cuts(whole, count), ...changes(whole, count)]) {
      writeFileSync(path, bytes);
      const wrong = await problem(path, kind, content, bytes.length < whole.length);
      if (wrong !== undefined) failures.push({ kind: kind.name, damage: what, what: wrong });
    }
    return failures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Damaged {
  damage: string;
  bytes: Buffer;
}

function* cuts(whole: Buffer, count: number): Generator<Damaged> {
  for (let i = 1; i <= count; i++) {
    const length = Math.floor((whole.length * i) / (count + 1));
    yield { damage: `cut at ${length}`, bytes: whole.subarray(0, length) };
  }
}

function* changes(whole: Buffer, count: number): Generator<Damaged> {
  const random = new SeededRandom('damaged containers');
  const number = (below: number): number => random.bytes(4).readUInt32LE() % below;
  for (let i = 0; i < count; i++) {
    const near = Math.min(whole.length, 600);
    const at = [number(near), whole.length - 1 - number(near), number(whole.length)][i % 3]!;
    const bytes = Buffer.from(whole);
    bytes[at] = bytes[at]! ^ (1 + number(255));
    yield { damage: `byte ${at} is ${bytes[at]}`, bytes };
  }
}

async function problem(
  path: string,
  { isPlain, isOpenEnded }: ContainerKind,
  content: Buffer,
  isCut: boolean,
): Promise<string | undefined> {
  let artifacts: Awaited<ReturnType<typeof collect>>['artifacts'];
  try {
    ({ artifacts } = await collect([path]));
  } catch (error) {
    return `it throws: ${error}`;
  }
  const [outer] = artifacts;
  const isReported = artifacts.some(({ unread, warnings }) => unread.length > 0 && warnings.length > 0);
  const halves = isOpenEnded ? [content, content.subarray(content.length / 2)] : [content];
  const isThere = artifacts.some(({ bytes }) => halves.some((each) => each.equals(bytes)));
  const isContainer = outer?.container !== undefined;
  if (isReported || isThere || !isContainer) return undefined;
  if (isPlain && !isCut) return undefined;
  return 'neither its content is there nor a report of what is not';
}
