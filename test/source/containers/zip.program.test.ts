import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { listZip } from '../../../src/source/containers/zip/zip.js';
import fc from '../../support/property.js';
import { collect, sample, scratch } from '../collect.js';
import { isReported, listed, membersOf, packed } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

const contents = { short: 'some text', 'folder/core': sample(90_000), more: sample(700_000, 3), empty: '' };
const names = ['short', 'folder/core', 'more'];

async function expectAll(bytes: Uint8Array): Promise<void> {
  const { members, all } = await membersOf(files.write('all.zip', bytes));
  expect(all.artifacts[0]?.container).toBe('zip');
  expect([...members.keys()].sort()).toEqual([...names].sort());
  for (const name of names)
    expect(members.get(name)!.equals(Buffer.from(contents[name as keyof typeof contents]))).toBe(true);
  expect(all.artifacts.flatMap(({ unread, warnings }) => [...unread, ...warnings])).toEqual([]);
}

/** Makes an archive by Python's zipfile, which has what zip lacks. */
function byPython(script: string): Buffer {
  const path = files.write('python.zip', '');
  execFileSync('/usr/bin/python3', [
    '-c',
    `import zipfile\n${script.replaceAll('PATH', JSON.stringify(path))}`,
  ]);
  return readFileSync(path);
}

/** An archive of one member, field by field (APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16). */
interface Built {
  name?: string;
  data: Buffer;
  length: number;
  crc: number;
  method?: number;
  flags?: number;
}

function local({ name = 'm', data, length, crc, method = 8, flags = 0 }: Built): Buffer {
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(0x04034b50);
  fixed.writeUInt16LE(20, 4);
  fixed.writeUInt16LE(flags, 6);
  fixed.writeUInt16LE(method, 8);
  fixed.writeUInt32LE(crc, 14);
  fixed.writeUInt32LE(data.length, 18);
  fixed.writeUInt32LE(length, 22);
  fixed.writeUInt16LE(name.length, 26);
  return Buffer.concat([fixed, Buffer.from(name), data]);
}

function entry({ name = 'm', data, length, crc, method = 8, flags = 0 }: Built, header: number): Buffer {
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x02014b50);
  fixed.writeUInt16LE(flags, 8);
  fixed.writeUInt16LE(method, 10);
  fixed.writeUInt32LE(crc, 16);
  fixed.writeUInt32LE(data.length, 20);
  fixed.writeUInt32LE(length, 24);
  fixed.writeUInt16LE(name.length, 28);
  fixed.writeUInt32LE(header, 42);
  return Buffer.concat([fixed, Buffer.from(name)]);
}

function archive(parts: Buffer[], entries: Buffer[]): Buffer {
  const [body, directory] = [Buffer.concat(parts), Buffer.concat(entries)];
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(body.length, 16);
  return Buffer.concat([body, directory, end]);
}

const built = (content: Buffer, more: Partial<Built> = {}): Built => ({
  data: deflateRawSync(content),
  length: content.length,
  crc: crc32(content),
  ...more,
});

describe('members', () => {
  test('deflated, by zip', () => expectAll(packed(files, contents, 'zip', ['-qr', '-', '.'])));
  test('stored', () => expectAll(packed(files, contents, 'zip', ['-q0r', '-', '.'])));
  test('after a program that unpacks them', () =>
    expectAll(Buffer.concat([readFileSync('/bin/true'), packed(files, contents, 'zip', ['-qr', '-', '.'])])));
  test('with a comment', () => {
    const bytes = packed(files, contents, 'zip', ['-qr', '-', '.']);
    const end = bytes.length - 2;
    bytes.writeUInt16LE(9, end);
    return expectAll(Buffer.concat([bytes, Buffer.from('a comment')]));
  });

  test('zip64, with a data descriptor', async () => {
    const bytes = byPython(`
z = zipfile.ZipFile(open(PATH, 'wb'), 'w', zipfile.ZIP_DEFLATED)
with z.open('m', 'w', force_zip64=True) as f: f.write(b'x' * 100000)
z.close()`);
    const { members, all } = await membersOf(files.write('zip64.zip', bytes));
    expect(members.get('m')!.equals(Buffer.alloc(100_000, 'x'))).toBe(true);
    expect(isReported(all)).toBe(false);
  });

  test('that only have a local header', async () => {
    const [seen, hidden] = [built(sample(500)), built(sample(800, 2), { name: 'hidden' })];
    const bytes = archive([local(seen), local(hidden)], [entry(seen, 0)]);
    const { members } = await membersOf(files.write('hidden.zip', bytes));
    expect([...members.keys()]).toEqual(['m', 'hidden']);
    expect(members.get('hidden')!.equals(sample(800, 2))).toBe(true);
  });
});

describe('what is not decoded is reported', () => {
  const text = sample(500);
  const one = (each: Built): Buffer => archive([local(each)], [entry(each, 0)]);
  const twice = built(text);
  test.each<[string, Buffer, string]>([
    ['an encrypted member', one(built(text, { flags: 1 })), 'member-encrypted'],
    ['another method', one(built(text, { method: 9 })), 'member-not-decoded'],
    ['another CRC-32', one(built(text, { crc: 1 })), 'member-checksum'],
    ['a length that is too long', one({ ...built(text), length: 501 }), 'member-checksum'],
    ['a length that is too short', one({ ...built(text), length: 499 }), 'member-checksum'],
    ['damaged data', one({ ...built(text), data: Buffer.alloc(90, 0xff) }), 'container-corrupt'],
    [
      'data that ends early',
      one({ ...built(text), data: deflateRawSync(text).subarray(0, 80) }),
      'container-truncated',
    ],
    [
      'more data',
      one({ ...built(text), data: Buffer.concat([deflateRawSync(text), text]) }),
      'container-trailing-data',
    ],
    ['a header elsewhere', archive([local(twice)], [entry(twice, 3)]), 'archive-damaged'],
    ['members that overlap', archive([local(twice)], [entry(twice, 0), entry(twice, 0)]), 'members-overlap'],
    ['no directory', local(twice), 'archive-damaged'],
  ])('%s', async (_what, bytes, code) => {
    const all = await collect([files.write('problem.zip', bytes)]);
    expect(all.artifacts.flatMap(({ warnings }) => warnings.map((each) => each.code))).toContain(code);
    expect(isReported(all)).toBe(true);
  });

  test('many members alike are counted', async () => {
    const each = built(text, { flags: 1 });
    const parts = Array.from({ length: 50 }, () => local(each));
    const entries = parts.map((part, i) => entry(each, i * part.length));
    const { artifacts } = await collect([files.write('many.zip', archive(parts, entries))]);
    expect(artifacts[0]!.warnings).toHaveLength(21);
    expect(artifacts[0]!.warnings.at(-1)!.message).toContain('30 further members');
    const last = artifacts[0]!.unread.at(-1)!;
    expect(last.offset + last.length!).toBe(parts.length * parts[0]!.length);
  });

  const bytes = packed(files, { a: sample(900), b: sample(2000, 2) }, 'zip', ['-q', '-', 'a', 'b']);
  test('a cut anywhere', async () => {
    for (let length = 40; length < bytes.length; length += 47) {
      const all = await collect([files.write('cut.zip', bytes.subarray(0, length))]);
      expect([length, isReported(all)]).toEqual([length, true]);
    }
  });

  test('no bytes make it throw, or list a byte that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))), async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        const { members } = await listed(listZip, damaged);
        for (const { stored } of members)
          expect(stored.offset + stored.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 50 },
    );
  });
});
