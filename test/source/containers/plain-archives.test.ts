import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { listAr } from '../../../src/source/containers/ar/ar.js';
import { recognise } from '../../../src/source/containers/containers.js';
import { listCpio } from '../../../src/source/containers/cpio/cpio.js';
import type { Lister } from '../../../src/source/containers/decoding/member.js';
import fc from '../../support/property.js';
import { collect, sample, scratch } from '../collect.js';
import { isReported, listed, membersOf } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** A member of cpio(5) in the new format; `mode`: octal, a regular file by default. */
function newc(name: string, bytes: Buffer, mode = 0o100644): Buffer {
  const fields = [1, mode, 0, 0, 1, 1000, bytes.length, 0, 0, 0, 0, name.length + 1, 0].map(hex).join('');
  const head = Buffer.from(`070701${fields}${name}\0`);
  const padded = (part: Buffer): Buffer => Buffer.concat([part, Buffer.alloc(-part.length & 3)]);
  return Buffer.concat([padded(head), padded(bytes)]);
}
const cpioEnd = newc('TRAILER!!!', Buffer.alloc(0), 0);
const cpio = Buffer.concat([
  newc('a', sample(100)),
  newc('folder', Buffer.alloc(0), 0o40755),
  newc('b', sample(31, 2)),
  cpioEnd,
]);

/** Without the zeros at its end. */
const cpioEnds = [4, 3, 2, 1].map((missing) => cpio.length - missing);

/** A member of ar(5). */
function inAr(field: string, bytes: Buffer): Buffer {
  const numbers = `${'1000'.padEnd(12)}0     0     100644  ${String(bytes.length).padEnd(10)}`;
  const header = Buffer.from(`${field.padEnd(16)}${numbers}\`\n`);
  return Buffer.concat([header, bytes, Buffer.alloc(bytes.length & 1, '\n')]);
}
const LONG = 'a-name-that-is-longer-than-its-field.o';
const arParts = [
  Buffer.from('!<arch>\n'),
  inAr('//', Buffer.from(`${LONG}/\nother.o/\n`)),
  inAr('short.o/', sample(33)),
  inAr('/0', sample(20, 2)),
  inAr(`#1/${LONG.length + 2}`, Buffer.concat([Buffer.from(`${LONG}\0\0`), sample(9, 3)])),
];
const ar = Buffer.concat(arParts);
/** Offsets where a member of it ends, and those before a byte that only fills it up. */
const arEnds = [...arParts, null].flatMap((_, i) => {
  const end = Buffer.concat(arParts.slice(0, i)).length;
  return arParts[i - 1]?.at(-1) === 0x0a ? [end - 1, end] : [end];
});

const ARCHIVES: readonly (readonly [
  name: string,
  list: Lister,
  bytes: Buffer,
  members: Record<string, Buffer>,
  unseen: readonly number[],
])[] = [
  ['cpio', listCpio, cpio, { a: sample(100), b: sample(31, 2) }, cpioEnds],
  [
    'ar',
    listAr,
    ar,
    { '//': Buffer.from(`${LONG}/\nother.o/\n`), 'short.o': sample(33), [LONG]: sample(20, 2) },
    arEnds,
  ],
];

describe.each(ARCHIVES)('%s', (name, list, bytes, expected, unseen) => {
  test('members', async () => {
    const { members, all } = await membersOf(files.write('whole', bytes));
    expect(all.artifacts[0]?.container).toBe(name);
    for (const [member, content] of Object.entries(expected))
      expect(members.has(member)).toBe(content.length > 0);
    const { members: plain, report } = await listed(list, bytes);
    expect(report).toEqual({ unread: [], warnings: [] });
    for (const { name: member, stored } of plain) {
      const content = bytes.subarray(stored.offset, stored.offset + stored.length);
      // One name is there twice.
      const known = [expected[String(member)]!, sample(9, 3)];
      expect(known.some((each) => each.equals(content))).toBe(true);
    }
  });

  test('a cut is reported, but for one where a member ends and the format has no end mark', async () => {
    for (let length = 130; length < bytes.length; length++) {
      const { report } = await listed(list, bytes.subarray(0, length));
      expect([length, report.unread.length === 0]).toEqual([length, unseen.includes(length)]);
    }
  });

  test('no bytes make it throw, or list a byte that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))), async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        const { members } = await listed(list, damaged);
        for (const { stored } of members) {
          expect(stored.length).toBeGreaterThanOrEqual(0);
          expect(stored.offset + stored.length).toBeLessThanOrEqual(bytes.length);
        }
      }),
    );
  });
});

describe('Apport', () => {
  const packed = gzipSync(sample(300_000));
  const lines = (bytes: Buffer, size: number): string[] =>
    Array.from(
      { length: Math.ceil(bytes.length / size) },
      (_, i) => ` ${bytes.subarray(i * size, (i + 1) * size).toString('base64')}`,
    );
  const report = (core: string[]): Buffer =>
    Buffer.from(
      [
        'ProblemType: Crash',
        'Text:',
        ' line',
        'CoreDump: base64',
        ...core,
        'Other: base64',
        ' aGVsbG8=',
        'End: x',
        '',
      ].join('\n'),
    );

  test.each([10, 1000, 50_000, 70_000, 1_000_000])('lines of %d bytes', async (size) => {
    const { members, all } = await membersOf(files.write('a.crash', report(lines(packed, size))));
    expect([...members.keys()]).toEqual(['CoreDump', 'CoreDump!CoreDump', 'Other']);
    expect(members.get('CoreDump!CoreDump')!.equals(sample(300_000))).toBe(true);
    expect(members.get('Other')!.toString()).toBe('hello');
    expect(isReported(all)).toBe(false);
  });

  test('what is no base64 is reported', async () => {
    const damaged = lines(packed, 1000);
    damaged[3] = damaged[3]!.replace(/.{8}$/, '!!!!!!!!');
    expect(isReported(await collect([files.write('a.crash', report(damaged))]))).toBe(true);
  });

  test('is recognised by any key with base64', () => {
    expect(recognise(bufferReader(Buffer.from('VarLog: base64\n aGVsbG8=\n')))?.name).toBe('apport');
    expect(recognise(bufferReader(Buffer.from('data: base64, as the standard says\n')))).toBeUndefined();
  });
});
