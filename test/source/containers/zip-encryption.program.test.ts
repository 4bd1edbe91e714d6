import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Secret } from '../../../src/core/base/crypto/secret.js';
import { aesFacts } from '../../../src/source/containers/zip/encryption.js';
import { listZip } from '../../../src/source/containers/zip/zip.js';
import { describeWith } from '../../support/describe.js';
import { program } from '../../support/programs.js';
import fc from '../../support/property.js';
import { collect, sample, scratch } from '../collect.js';
import { isReported, listed, packed } from './archives.js';

const files = scratch();
afterAll(() => files.remove());

const TEXT = 'pass & word-17';
const password = Secret.text(TEXT);
const contents = {
  short: 'x',
  text: 'some text '.repeat(90),
  'dir/core': sample(300_000),
  stored: sample(70),
};
const names = Object.keys(contents);

/** An archive by 7z, which writes no streams. */
function by7z(...args: string[]): Buffer {
  const path = `${files.folder}/${args.join('')}.zip`;
  const folder = `${files.folder}/7z`;
  for (const [name, bytes] of Object.entries(contents)) files.write(`7z/${name}`, bytes);
  execFileSync(program('7z'), ['a', '-tzip', `-p${TEXT}`, ...args, path, '.'], {
    cwd: folder,
    stdio: 'ignore',
  });
  return readFileSync(path);
}

/** To a file: what it writes to a pipe is padded. */
function byBsdtar(how: string): Buffer {
  const path = `${files.folder}/bsdtar.zip`;
  const options = ['--format', 'zip', '--passphrase', TEXT, '--options', `zip:encryption=${how}`];
  packed(files, contents, 'bsdtar', [...options, '-cf', path, ...names]);
  return readFileSync(path);
}

const ARCHIVES: [how: string, make: () => Buffer][] = [
  ['traditional, by zip', () => packed(files, contents, 'zip', ['-qr', '-P', TEXT, '-', '.'])],
  ['traditional, stored, by zip', () => packed(files, contents, 'zip', ['-q0r', '-P', TEXT, '-', '.'])],
  ['traditional, by 7z', () => by7z('-mem=ZipCrypto')],
  ['AES-128, by 7z', () => by7z('-mem=AES128')],
  ['AES-192, by 7z', () => by7z('-mem=AES192')],
  ['AES-256, by 7z', () => by7z('-mem=AES256')],
  ['AES-256, stored, by 7z', () => by7z('-mem=AES256', '-mx=0')],
  ['traditional, by bsdtar', () => byBsdtar('traditional')],
  ['AES-128, by bsdtar', () => byBsdtar('aes128')],
  ['AES-256, by bsdtar', () => byBsdtar('aes256')],
];

const codesOf = (all: Awaited<ReturnType<typeof collect>>): string[] =>
  [...new Set(all.artifacts.flatMap(({ warnings }) => warnings.map(({ code }) => code)))].sort();

describeWith(['7z', 'bsdtar', 'zip'], 'encrypted members', () => {
  describe.each(ARCHIVES)('%s', (how, make) => {
    const bytes = make();
    const path = files.write(`${how}.zip`, bytes);

    test('are read with the password', async () => {
      const all = await collect([path], { password });
      const members = all.artifacts
        .slice(1)
        .map((each) => [each.path.slice(path.length + 1), each.bytes] as const);
      expect(members.map(([name]) => name).sort()).toEqual([...names].sort());
      for (const [name, found] of members)
        expect(found.equals(Buffer.from(contents[name as keyof typeof contents]))).toBe(true);
      expect(all.artifacts.flatMap(({ unread, warnings }) => [...unread, ...warnings])).toEqual([]);
    });

    test.each<[string, Secret | undefined]>([
      ['no password', undefined],
      ['another one', Secret.text('another')],
    ])('are named with %s', async (_what, given) => {
      const all = await collect([path], given && { password: given });
      expect(codesOf(all)).toContain('member-encrypted');
      expect(isReported(all)).toBe(true);
      // Of 128 other passwords one fits the check of the traditional header: then stored bytes follow.
      const opened = all.artifacts.slice(1).filter(({ path }) => !path.endsWith('!(stored)'));
      const right = opened.filter(({ unread }) => unread.length === 0);
      expect(right).toEqual([]);
    });
  });

  test('members that only have a local header are decrypted too', async () => {
    const bytes = byBsdtar('aes256');
    // The directory, by the record at the end (APPNOTE.TXT, 4.3.16): its signature also occurs by chance.
    const path = files.write('local.zip', bytes.subarray(0, bytes.readUInt32LE(bytes.length - 6)));
    const { artifacts } = await collect([path], { password });
    expect(artifacts[0]!.warnings.map(({ code }) => code)).toEqual(['archive-damaged']);
    const core = artifacts.find((each) => each.path.endsWith('!dir/core'))!;
    expect(core.bytes.equals(contents['dir/core'])).toBe(true);
  });

  test('a password that fits none of many members is not tried on all', async () => {
    const many = Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`${i}`, 'x']));
    const { members } = await listed(listZip, packed(files, many, 'zip', ['-q0r', '-P', TEXT, '-', '.']));
    const other = Secret.text('another');
    const refused = members.map(({ unlock }) => unlock?.(other)).filter((each) => typeof each === 'object');
    expect(refused.at(0)!.message).toContain('the password does not fit');
    expect(refused.at(-1)!.message).toContain('the password was not tried');
  });

  describe('damage is reported', () => {
    const expectDamage = async (bytes: Uint8Array, codes: string[]): Promise<void> => {
      const all = await collect([files.write('damaged.zip', bytes)], { password });
      expect(isReported(all)).toBe(true);
      expect(codesOf(all)).toEqual(codes);
    };

    test.each<[string, () => Buffer, string[]]>([
      ['stored AES-256', () => by7z('-mem=AES256', '-mx=0'), ['container-checksum', 'member-encrypted']],
      [
        'a traditional stored member',
        () => packed(files, contents, 'zip', ['-q0r', '-P', TEXT, '-', '.']),
        ['member-checksum', 'member-encrypted'],
      ],
    ])('of %s', async (_what, make, codes) => {
      const bytes = make();
      const { members } = await listed(listZip, bytes);
      const { offset, length } = members.find(
        ({ name }) => Buffer.from(name).toString() === 'dir/core',
      )!.stored;
      bytes[offset + (length >> 1)]! ^= 1;
      await expectDamage(bytes, codes);
    });

    test('no change of a byte goes unseen, or makes it throw', async () => {
      const bytes = byBsdtar('aes256');
      const { members } = await listed(listZip, bytes);
      const { offset, length } = members[0]!.stored;
      await fc.assert(
        fc.asyncProperty(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
          const damaged = Buffer.from(bytes);
          damaged[offset + at]! ^= change;
          expect(isReported(await collect([files.write('changed.zip', damaged)], { password }))).toBe(true);
        }),
        { numRuns: 20 },
      );
    });
  });
});

test('an extra field of another kind is no AES', () => {
  const field = (version: number, vendor: string, strength: number): Buffer =>
    Buffer.from([version, 0, ...Buffer.from(vendor), strength, 8, 0]);
  expect(aesFacts(field(2, 'AE', 3))).toEqual({ salt: 16, key: 32, method: 8, hasChecksum: false });
  expect(aesFacts(field(1, 'AE', 1))).toEqual({ salt: 8, key: 16, method: 8, hasChecksum: true });
  for (const other of [field(3, 'AE', 3), field(1, 'AX', 1), field(1, 'AE', 4), Buffer.alloc(3)])
    expect(aesFacts(other)).toBeUndefined();
});
