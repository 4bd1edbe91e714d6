import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { listTar } from '../../../src/source/containers/tar/tar.js';
import fc from '../../support/property.js';
import { collect, sample, scratch } from '../collect.js';
import { isReported, listed, membersOf, packed } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

const contents = {
  short: 'some text',
  'folder/core': sample(3000),
  [`folder/${'long-'.repeat(30)}name`]: sample(700, 2),
  [`${'deep/'.repeat(40)}file`]: 'within many folders',
  'empty.txt': '',
};
const filled = Object.entries(contents).filter(([, bytes]) => bytes.length > 0);
const asText = (name: string): string => `./${name}`;

/** A header block by field, with its checksum. */
function header(fields: Partial<Record<'name' | 'size' | 'type' | 'magic', string>>): Buffer {
  const block = Buffer.alloc(512);
  block.write(fields.name ?? 'file', 0, 'latin1');
  block.write('0000644\x000000000\x000000000\x00', 100, 'latin1');
  block.write(`${fields.size ?? '00000000000'}\x0000000000000\x00        `, 124, 'latin1');
  block.write(fields.type ?? '0', 156, 'latin1');
  block.write(fields.magic ?? 'ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
const END = Buffer.alloc(1024);
const octal = (size: number): string => size.toString(8).padStart(11, '0');
const member = (name: string, bytes: Buffer): Buffer =>
  Buffer.concat([header({ name, size: octal(bytes.length) }), bytes, Buffer.alloc(-bytes.length & 511)]);

describe('members of archives by GNU tar', () => {
  test.each(['gnu', 'oldgnu', 'pax', 'posix', 'ustar', 'v7'])('%s', async (format) => {
    const given = Object.fromEntries(
      Object.entries(contents).filter(([name]) => name.length < 95 || !['v7', 'ustar'].includes(format)),
    );
    const bytes = packed(files, given, 'tar', ['-cf', '-', `--format=${format}`, '.']);
    const { members, all } = await membersOf(files.write(`${format}.tar`, bytes));
    const expected = filled.filter(([name]) => name in given);
    expect([...members.keys()].sort()).toEqual(expected.map(([name]) => asText(name)).sort());
    for (const [name, content] of expected)
      expect(members.get(asText(name))!.equals(Buffer.from(content))).toBe(true);
    expect(all.artifacts.flatMap(({ unread, warnings }) => [unread, warnings]).flat()).toEqual([]);
  });

  test.each([
    ['gnu', []],
    ['pax', ['--sparse-version=0.0']],
    ['pax', ['--sparse-version=0.1']],
    ['pax', ['--sparse-version=1.0']],
  ])('sparse files, %s %s', async (format, options) => {
    const folder = files.write(`sparse-${options}/file`, '').replace(/\/file$/, '');
    const script =
      'for i in 0 1 2 3 4 5 6; do printf data | dd of=file bs=1 seek=$((i * 300000)) conv=notrunc; done';
    execFileSync('sh', ['-c', `${script}; truncate -s 5000000 file`], { cwd: folder, stdio: 'ignore' });
    const whole = execFileSync('cat', ['file'], { cwd: folder, maxBuffer: 1 << 28 });
    const args = ['-cSf', '-', `--format=${format}`, ...options, 'file'];
    const bytes = execFileSync('tar', args, { cwd: folder });
    expect(bytes.length).toBeLessThan(100_000);
    const { members, all } = await membersOf(files.write('sparse.tar', bytes));
    expect(members.get('file')!.equals(whole)).toBe(true);
    expect(all.artifacts[1]).toMatchObject({ kind: 'pieces', unread: [] });
  });

  test('archives one after the other', async () => {
    const bytes = packed(files, { a: 'first' }, 'tar', ['-cf', '-', 'a']);
    const more = packed(files, { b: 'second' }, 'tar', ['-cf', '-', 'b']);
    const { members, all } = await membersOf(files.write('two.tar', Buffer.concat([bytes, more])));
    expect([...members.keys()]).toEqual(['a', 'b']);
    expect(isReported(all)).toBe(false);
  });
});

describe('members of other archives', () => {
  test('base-256 numbers, a prefix, an unknown type', async () => {
    const big = Buffer.from(header({ name: 'x' }));
    big.set([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0], 124);
    big.fill(0x20, 148, 156);
    big.write(
      `${big
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    );
    const bytes = Buffer.concat([big, Buffer.alloc(512, 'x'), END]);
    const { members, report } = await listed(listTar, bytes);
    expect(members).toMatchObject([{ stored: { offset: 512, length: 512 } }]);
    expect(report.unread).toEqual([]);
  });

  test('names with any bytes are escaped, and never become paths', async () => {
    const bytes = Buffer.concat([member('../../etc/\x1b[2J\xff', Buffer.from('x')), END]);
    const { members } = await membersOf(files.write('names.tar', bytes));
    expect([...members.keys()]).toEqual(['../../etc/\\x1b[2J\\xff']);
  });
});

describe('damage', () => {
  const bytes = packed(files, { a: sample(900), b: sample(2000, 2), c: sample(10, 3) }, 'tar', [
    ...['-cf', '-', 'a', 'b', 'c'],
  ]);

  test.each<[string, Buffer]>([
    ['a header', Buffer.concat([bytes.subarray(0, 1536), Buffer.alloc(512, 7), bytes.subarray(2048)])],
    ['what follows the end', Buffer.concat([bytes, Buffer.alloc(700, 'x')])],
    ['no end', Buffer.concat([member('a', sample(10))])],
    [
      'a size that is no number',
      Buffer.concat([member('a', sample(10)), header({ size: 'zzzzzzzzzzz' }), END]),
    ],
    ['a size beyond the end', Buffer.concat([header({ size: octal(9999) }), sample(100), END])],
  ])('is reported: %s', async (_what, damaged) => {
    const all = await collect([files.write('damaged.tar', damaged)]);
    expect(all.artifacts[0]?.container).toBe('tar');
    expect(isReported(all)).toBe(true);
  });

  test('no end is needed in a container that says where it ends', async () => {
    const path = files.write('layer.tar.gz', gzipSync(member('a', sample(10))));
    expect(isReported(await collect([path]))).toBe(false);
  });

  test('members after a damaged header are found', async () => {
    const damaged = Buffer.from(bytes);
    damaged.fill(0xee, 1536, 1700);
    const { members, report } = await listed(listTar, damaged);
    expect(members.map(({ name }) => String(name))).toEqual(['a', 'c']);
    expect(report.unread).toMatchObject([{ offset: 1536, length: null }]);
  });

  test('a cut anywhere is reported, unless only zeros are missing', async () => {
    const content = 512 + 1024 + 512 + 2048 + 512 + 512;
    for (let length = 600; length < bytes.length; length += 509) {
      const { report } = await listed(listTar, bytes.subarray(0, length));
      expect([length, report.unread.length > 0]).toEqual([length, length < content + 512]);
    }
  });

  test('no bytes make it throw, or list a byte that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))), async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        const { members } = await listed(listTar, damaged);
        for (const { stored } of members)
          expect(stored.offset + stored.length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
