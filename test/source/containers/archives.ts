import { execFileSync } from 'node:child_process';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import type { ArchiveReport, Lister, Member } from '../../../src/source/containers/decoding/member.js';
import { type Collected, collect, type scratch } from '../collect.js';

export type Files = ReturnType<typeof scratch>;

/** Files of a test, by name. */
export type Contents = Readonly<Record<string, Uint8Array | string>>;

/** The output of a program that packs files in a folder of their own. */
export function packed(files: Files, contents: Contents, command: string, args: string[]): Buffer {
  const folder = `packed-${Math.random().toString(36).slice(2)}`;
  for (const [name, bytes] of Object.entries(contents)) files.write(`${folder}/${name}`, bytes);
  return execFileSync(command, args, { cwd: `${files.folder}/${folder}`, maxBuffer: 1 << 28 });
}

/** Paths within a container and the bytes there, but for the container itself. */
export async function membersOf(path: string): Promise<{ members: Map<string, Buffer>; all: Collected }> {
  const all = await collect([path]);
  const members = new Map(
    all.artifacts.slice(1).map((each) => [each.path.slice(path.length + 1), each.bytes]),
  );
  return { members, all };
}

/** What a lister makes of bytes. */
export async function listed(
  list: Lister,
  bytes: Uint8Array,
): Promise<{ members: Member[]; report: ArchiveReport }> {
  const report: ArchiveReport = { unread: [], warnings: [] };
  const members: Member[] = [];
  for await (const member of list(bufferReader(bytes), report))
    if (member !== undefined) members.push(member);
  return { members, report };
}

/** True if an artifact has unread bytes, and a warning that says so. */
export const isReported = ({ artifacts }: Collected): boolean =>
  artifacts.some(({ unread, warnings }) => unread.length > 0 && warnings.length > 0);
