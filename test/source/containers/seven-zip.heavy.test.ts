import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { decryptSevenZip } from '../../../src/source/containers/seven-zip/decrypt.js';
import { describeWith } from '../../support/describe.js';
import { program } from '../../support/programs.js';
import fc from '../../support/property.js';
import { type Collected, collect, sample, scratch } from '../collect.js';
import { isReported } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

const TEXT = 'pass & wörd-17';
const password = Secret.text(TEXT);
const other = Secret.text('another');
const contents = {
  short: 'x',
  empty: '',
  text: 'some text '.repeat(90),
  'dir/core': sample(300_000),
  'dir/stored': sample(70),
};
const names = Object.keys(contents) as (keyof typeof contents)[];
const withContent = names.filter((name) => contents[name].length > 0);

/** Without it a file is none of these archives. */
const MAGIC = 6;

let count = 0;

function by7z(...args: string[]): Buffer {
  const path = `${files.folder}/${count++}.7z`;
  for (const [name, bytes] of Object.entries(contents)) files.write(`in/${name}`, bytes);
  execFileSync(program('7z'), ['a', ...args, path, ...names], { cwd: `${files.folder}/in`, stdio: 'ignore' });
  return readFileSync(path);
}

const encrypted = (...args: string[]): Buffer => by7z(`-p${TEXT}`, ...args);

const ARCHIVES: [how: string, args: string[]][] = [
  ['LZMA2', []],
  ['LZMA2, its names too', ['-mhe=on']],
  ['LZMA, its names too', ['-m0=LZMA', '-mhe=on']],
  ['stored', ['-mx=0']],
  ['stored, its names too', ['-mx=0', '-mhe=on', '-mhc=off']],
  ['several folders', ['-ms=off', '-mhe=on']],
  ['a header that is not compressed', ['-mhc=off']],
  ['PPMd', ['-m0=PPMd']],
  ['bzip2', ['-m0=BZip2']],
  ['a filter before LZMA2', ['-mf=BCJ']],
  [
    'several packed streams',
    ['-m0=BCJ2', '-m1=LZMA:d20', '-m2=LZMA:d16', '-m3=LZMA:d16', '-mb0:1', '-mb0s1:2', '-mb0s2:3'],
  ],
];

const membersOf = (path: string, { artifacts }: Collected) =>
  artifacts.filter(({ path: own }) => own.startsWith(`${path}!`) && !own.endsWith('.tar'));

const codesOf = ({ artifacts }: Collected): string[] =>
  artifacts.flatMap(({ warnings }) => warnings.map(({ code }) => code));

/** An archive whose header has these parts, and no packed streams. */
function withHeader(...parts: (number[] | Buffer)[]): Buffer {
  const header = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const start = Buffer.alloc(32);
  start.writeBigUInt64LE(BigInt(header.length), 20);
  return Buffer.concat([start, header]);
}

/** The longest form of a number. */
function number(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xff);
  bytes.writeBigUInt64LE(BigInt(value), 1);
  return bytes;
}

const STREAMS = [1, 4, 6, 0];
/** A folder of 32 coders with eight inputs and outputs each. */
const widest = Buffer.concat([
  Buffer.from([32]),
  Buffer.alloc(32 * 4, '\x11\0\x08\x08', 'latin1'),
  Buffer.alloc(510),
]);

test.each<[string, Buffer]>([
  ['packed streams', withHeader(STREAMS, number(2 ** 53 - 1), [9], Buffer.alloc(1000))],
  ['folders', withHeader(STREAMS, [0, 9, 0, 7, 11], number(2 ** 40), [0], Buffer.alloc(1000))],
  [
    'streams',
    withHeader(STREAMS, [0, 9, 0, 7, 11], number(5000), [0], Buffer.alloc(5000 * widest.length, widest)),
  ],
  ['coders', withHeader(STREAMS, [0, 9, 0, 7, 11, 1, 0, 255], Buffer.alloc(8, 0xff))],
  ['headers within headers', withHeader([23, 6, 0, 1, 9, 0, 0, 7, 11, 1, 0, 1, 1, 0, 12, 0, 0])],
])('a header is unknown: too many %s', async (_, archive) => {
  expect(await decryptSevenZip(archive, password)).toBe('unknown');
});

describeWith(['7z'], 'encrypted 7z archives', () => {
  describe.each(ARCHIVES)('%s', (_how, args) => {
    const bytes = encrypted(...args);
    const path = files.write(`archive-${count}.7z`, bytes);

    test('are read with the password', async () => {
      const all = await collect([path], { password });
      const members = membersOf(path, all).map((each) => [each.path.slice(path.length + 1), each.bytes]);
      expect(Object.fromEntries(members)).toEqual(
        Object.fromEntries(withContent.map((name) => [name, Buffer.from(contents[name])])),
      );
      expect(all.artifacts.flatMap(({ unread, warnings }) => [...unread, ...warnings])).toEqual([]);
    });

    test.each([
      ['no password', undefined],
      ['another one', other],
    ])('are named with %s', async (_, given) => {
      const all = await collect([path], given && { password: given });
      expect(codesOf(all)).toContain('member-encrypted');
      expect(isReported(all)).toBe(true);
    });
  });

  test('an archive that is not encrypted stays as it is', async () => {
    const [plain, unnamed] = [by7z(), by7z('-mhc=off')];
    expect(await decryptSevenZip(plain, password)).toBe('not encrypted');
    expect(await decryptSevenZip(unnamed, password)).toBe('not encrypted');
    const all = await collect([files.write('plain.7z', plain)], { password });
    expect(all.artifacts.flatMap(({ unread, warnings }) => [...unread, ...warnings])).toEqual([]);
  });

  test('a key of too many rounds is not derived', async () => {
    const bytes = encrypted('-mhc=off');
    // The method and its properties: 2^19 rounds, a vector of 16 bytes.
    const at = bytes.indexOf(Buffer.from('06f1070112530f', 'hex'));
    expect(at).toBeGreaterThan(0);
    bytes[at + 5] = 0x40 | 30;
    expect(await decryptSevenZip(bytes, password)).toBe('unknown');
  });

  test.each([
    ['at the end', '-mhc=off'],
    ['in a header that is encrypted', '-mhe=on'],
  ])('no change of a byte goes unseen, or makes it throw: %s', async (_, arg) => {
    const bytes = encrypted(arg, '-ms=off');
    const change = fc.tuple(
      fc.integer({ min: MAGIC, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(change, fc.boolean(), async ([at, mask], isCut) => {
        const damaged = Buffer.from(isCut ? bytes.subarray(0, at) : bytes);
        if (!isCut) damaged[at]! ^= mask;
        const path = files.write('damaged.7z', damaged);
        const all = await collect([path], { password });
        const whole = membersOf(path, all).filter(({ unread }) => unread.length === 0);
        const isRight = whole.every((each) => {
          const name = each.path.slice(path.length + 1) as keyof typeof contents;
          return each.bytes.equals(Buffer.from(contents[name] ?? 'none'));
        });
        expect(isReported(all) || (isRight && whole.length === withContent.length)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});
