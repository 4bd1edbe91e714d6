import { describe, expect, test } from '@jest/globals';
import { type ByteReader, bufferReader, memoryStorage } from '../../src/core/base/bytes/storage.js';
import { allowanceOf, type ExpansionBudget, listMembers } from '../../src/source/archive.js';
import { listAr } from '../../src/source/containers/ar/ar.js';
import { listCpio } from '../../src/source/containers/cpio/cpio.js';
import { warnings } from '../../src/source/containers/decoding/decoder.js';
import {
  type ArchiveReport,
  type Lister,
  LONGEST_NAME,
  type Member,
  MOST_NAMES,
  reportRest,
} from '../../src/source/containers/decoding/member.js';
import { listTar } from '../../src/source/containers/tar/tar.js';
import { listZip } from '../../src/source/containers/zip/zip.js';
import { LeftOut } from '../../src/source/selection.js';
import { SpoolMemory } from '../../src/source/spool.js';
import { EXPANSION, LARGE, type SourceContext } from '../../src/source/stored-bytes.js';
import type { Artifact } from '../../src/source/types.js';
import { listed } from './containers/archives.js';

/* Bounds on what listing an archive keeps and reads: members, names, parts of sparse members, reports. */

const MOST = { decoded: 1e9, members: 1e6, names: MOST_NAMES, pieces: 1e6 };

async function list(
  lister: Lister,
  {
    allowance = {},
    signal,
    bytes = 1000,
  }: { allowance?: Partial<ExpansionBudget>; signal?: AbortSignal; bytes?: number } = {},
) {
  const artifact: Artifact = {
    path: 'archive',
    storage: memoryStorage(new Uint8Array(bytes)),
    unread: [],
    warnings: [],
    live: false,
    close() {},
  };
  const context: SourceContext = {
    budget: new SpoolMemory(),
    expansion: EXPANSION,
    large: LARGE,
    fifoLooks: 1,
    signal,
  };
  const left = { ...MOST, ...allowance };
  let empty = 0;
  const onEmpty = () => {
    empty++;
  };
  const archive = { artifact, list: lister, isWhole: true, selected: undefined, leftOut: new LeftOut() };
  const { members } = await listMembers({ ...archive, allowance: left, onEmpty }, context);
  const names = Array.from({ length: members.length }, (_, i) =>
    Buffer.from(members.nameAt(i)).toString('latin1'),
  );
  return { artifact, members, names, left, empty };
}

const yielding = (members: Iterable<Member | undefined>): Lister =>
  async function* () {
    yield* members;
  };

const member = (name: string, more: Partial<Member> = {}): Member => ({
  name: Buffer.from(name),
  stored: { offset: 0, length: 10 },
  ...more,
});

const many = (count: number, block: Buffer): Buffer =>
  Buffer.alloc(count * block.length, block.toString('latin1'), 'latin1');

function emptyTar(): Buffer {
  const block = Buffer.alloc(512);
  block.write('empty', 0);
  block.write('0000644\x000000000\x000000000\x0000000000000\x0000000000000\x00        0', 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A local file header without a name is none: the directory has them all at its own offsets. */
function emptyZip(count: number): Buffer {
  const entry = Buffer.alloc(47);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(1, 28);
  entry.write('m', 46);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(count * entry.length, 12);
  return Buffer.concat([many(count, entry), end]);
}

const COUNT = 10_000;
const EMPTY_CPIO = Buffer.from(`070701${'0'.repeat(13 * 8 - 16)}00000002${'0'.repeat(8)}e\0`);
const EMPTY_AR = Buffer.from(`${'e/'.padEnd(16)}${'0'.padEnd(32)}${'0'.padEnd(10)}\`\n`);

describe('a lister of members without content lets its consumer stop', () => {
  test.each([
    ['tar', listTar, () => many(COUNT, emptyTar())],
    ['cpio', listCpio, () => many(COUNT, EMPTY_CPIO)],
    ['ar', listAr, () => Buffer.concat([Buffer.from('!<arch>\n'), many(COUNT, EMPTY_AR)])],
    ['zip', listZip, () => emptyZip(COUNT)],
  ] as const)('%s', async (_name, lister, bytes) => {
    const report: ArchiveReport = { unread: [], warnings: [] };
    const yielded: (Member | undefined)[] = [];
    for await (const each of lister(bufferReader(bytes()), report)) yielded.push(each);
    const members = yielded.filter((each) => each !== undefined);
    expect(members.every(({ stored }) => stored.length === 0)).toBe(true);
    expect(yielded.length - members.length).toBe(Math.floor(COUNT / 4096));
  });

  test('zeros between the members of a tar archive', async () => {
    const zeros: ByteReader = { length: 20 * 2 ** 20, read: (_at, target) => target.fill(0).length };
    let pauses = 0;
    for await (const each of listTar(zeros, { unread: [], warnings: [] })) if (each === undefined) pauses++;
    expect(pauses).toBe(1);
  });
});

test('listing ends with the reason of a signal, however long the archive is', async () => {
  function* endless() {
    for (;;) yield undefined;
  }
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error('stopped')));
  await expect(list(yielding(endless()), { signal: controller.signal })).rejects.toThrow('stopped');
});

test('members without content are counted, and take nothing of what an archive may have', async () => {
  const stored = { offset: 0, length: 0 };
  const none = [member('a', { stored }), member('b', { stored, length: 0 }), member('folder/', { stored })];
  const sparse = member('sparse', { stored, pieces: [], length: 10 });
  const { names, left, empty } = await list(yielding([...none, sparse]), { allowance: { members: 5 } });
  expect({ names, empty, members: left.members }).toEqual({ names: ['sparse'], empty: 2, members: 4 });
});

describe('names', () => {
  test('of a path are kept, longer ones are not', async () => {
    const [longest, longer] = ['a'.repeat(LONGEST_NAME), 'b'.repeat(LONGEST_NAME + 1)];
    const { names, artifact } = await list(yielding([member(longest), member(longer)]));
    expect(names).toEqual([longest, '(a name that is too long)']);
    expect(artifact.warnings).toEqual([]);
  });

  test.each([
    ['members', { members: 2 }],
    ['bytes of names', { names: 3 }],
  ])('beyond the bound on %s the rest is unread', async (_what, allowance) => {
    const given = ['a', 'b', 'cc', 'd'].map((name, i) =>
      member(name, { stored: { offset: 10 * i, length: 1 } }),
    );
    const { names, artifact } = await list(yielding(given), { allowance });
    expect(names).toEqual(['a', 'b']);
    expect(artifact.unread).toEqual([{ offset: 20, length: null, reason: artifact.warnings[0]!.message }]);
    expect(artifact.warnings.map(({ code }) => code)).toEqual(['archive-too-many-members']);
  });

  test('32 MiB of them are kept in all', async () => {
    const name = 'n'.repeat(LONGEST_NAME);
    const most = MOST_NAMES / LONGEST_NAME;
    function* endless() {
      for (;;) yield member(name);
    }
    const { members, artifact } = await list(yielding(endless()), { allowance: allowanceOf(1) });
    expect(members.length).toBe(most);
    expect(members.nameAt(most - 1).length).toBe(LONGEST_NAME);
    expect(artifact.warnings.map(({ code }) => code)).toEqual(['archive-too-many-members']);
  });

  test('the table of an ar archive is read once, and each name up to 64 KiB', async () => {
    const table = Buffer.alloc(2 ** 20, 'x');
    const header = (field: string, size: number) =>
      Buffer.from(`${field.padEnd(16)}${'0'.padEnd(32)}${String(size).padEnd(10)}\`\n`);
    const count = 2000;
    const parts = Array.from({ length: count }, (_, i) => [header(`/${i}`, 2), Buffer.from('ab')]).flat();
    const bytes = Buffer.concat([Buffer.from('!<arch>\n'), header('//', table.length), table, ...parts]);
    const plain = bufferReader(bytes);
    let read = 0;
    const counting: ByteReader = {
      length: bytes.length,
      read(offset, target) {
        read += target.length;
        return plain.read(offset, target);
      },
    };
    let [members, longest] = [0, 0];
    for await (const each of listAr(counting, { unread: [], warnings: [] })) {
      if (each === undefined || each.name.toString() === '//') continue;
      members++;
      longest = Math.max(longest, each.name.length);
    }
    expect(members).toBe(count);
    expect(longest).toBe(2 ** 16);
    expect(read).toBeLessThan(bytes.length + 60);
  });
});

describe('sparse members', () => {
  const sparse = (name: string, pieces: number, length = 100): Member =>
    member(name, {
      length,
      pieces: Array.from({ length: pieces }, (_, i) => ({ start: 2 * i, offset: i, length: 1 })),
    });

  test('have a bound on parts in all; one that is left out takes none', async () => {
    const given = [sparse('a', 3), sparse('b', 3), sparse('c', 2), sparse('d', 1)];
    const { names, artifact, left } = await list(yielding(given), { allowance: { pieces: 5 } });
    expect(names).toEqual(['a', 'c']);
    expect(left.pieces).toBe(0);
    expect(artifact.warnings.map(({ code }) => code)).toEqual(Array(2).fill('container-expands-too-far'));
    expect(artifact.unread.map(({ offset, length }) => [offset, length])).toEqual(Array(2).fill([0, 10]));
  });

  test('their holes are charged a thirty-second', async () => {
    const given = [sparse('a', 1, 3210), sparse('b', 1, 10 + 32), sparse('c', 1, 10)];
    const { names, left } = await list(yielding(given), { allowance: { decoded: 100 } });
    expect(names).toEqual(['a', 'c']);
    expect(left.decoded).toBe(0);
  });
});

test('of the rests of an archive twenty are reported', () => {
  const report: ArchiveReport = { unread: [], warnings: [] };
  for (let offset = 0; offset < 30; offset++)
    reportRest(report, warnings.of('archive-damaged', { message: 'm', hint: 'h', offset }));
  expect(report.unread.map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(report.warnings.length).toBe(20);
});

test('an ar archive with many damaged headers ends at the first', async () => {
  const bytes = Buffer.concat([Buffer.from('!<arch>\n'), many(5, Buffer.alloc(60, '?'))]);
  const { members, report } = await listed(listAr, bytes);
  expect(members).toEqual([]);
  expect(report.unread.length).toBe(1);
});
