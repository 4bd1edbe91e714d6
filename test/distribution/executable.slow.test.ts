import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { SeededRandom } from '../../fixtures/random.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { scratch } from '../source/collect.js';
import { type CliResult, runProgram, startCli } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { program, type RequirementName } from '../support/programs.js';

const EXECUTABLE = fileURLToPath(asset('dist/dumpsieve'));
/** Content of this length is decoded in a thread while it is swept. */
const DECODED_IN_THREAD = 2_200_000;
/** So much starts a worker of the sweep. */
const SWEPT_BY_WORKERS = 24 << 20;

/** Base64 of gzip, in lines, as Apport writes a core. */
const APPORT =
  "printf 'ProblemType: Crash\\nCoreDump: base64\\n'; " +
  "gzip -nc IN | base64 -w 400 | sed 's/^/ /'; echo 'End: x'";
/** A member of lzip: the stream of xz without its header, the CRC and the lengths behind it. */
const LZIP =
  "const fs = require('fs'), zlib = require('zlib'), tail = Buffer.alloc(20), all = fs.readFileSync('IN');" +
  "const stream = fs.readFileSync('IN.lzma').subarray(13);" +
  'tail.writeUInt32LE(zlib.crc32(all), 0); tail.writeBigUInt64LE(BigInt(all.length), 4);' +
  'tail.writeBigUInt64LE(BigInt(stream.length + 26), 12);' +
  "process.stdout.write(Buffer.concat([Buffer.from('LZIP\\x01\\x14', 'latin1'), stream, tail]))";

const ZLIB = "process.stdout.write(require('zlib').deflateSync(require('fs').readFileSync('IN')))";

/** A container of each kind that is opened: by its name, a shell command that writes it of the file IN. */
const CONTAINERS: Readonly<Record<string, string>> = {
  'a.gz': 'gzip -nc IN',
  'a.zst': 'zstd -qc IN',
  'a.xz': 'xz -0c IN',
  'a.lz4': 'lz4 -qc IN',
  'legacy.lz4': 'lz4 -qlc IN',
  'a.bz2': 'bzip2 -c IN',
  'a.lz': `xz --format=lzma --lzma1=lc=3,lp=0,pb=2,dict=1MiB -kf IN && '${process.execPath}' -e "${LZIP}"`,
  'a.lzma': 'xz --format=lzma -c IN',
  'a.zlib': `'${process.execPath}' -e "${ZLIB}"`,
  'a.zip': 'zip -q - IN',
  'a.7z': '7z a -bd IN.7z IN >/dev/null && cat IN.7z',
  'ppmd.7z': '7z a -bd -m0=PPMd ppmd.7z IN >/dev/null && cat ppmd.7z',
  'a.cab': 'gcab -cz IN.cab IN && cat IN.cab',
  'a.tar': 'tar -cf - IN',
  'a.tgz': 'tar -czf - IN',
  'a.cpio': 'echo IN | cpio -o --quiet -H newc',
  'a.ar': 'ar qc IN.ar IN && cat IN.ar',
  'a.crash': APPORT,
  'a.run': `(printf '#!/bin/sh\\ntail -n +3 "$0" | zcat\\nexit\\n'; gzip -nc IN)`,
};
const TOOLS: RequirementName[] = ['gzip', 'xz', 'lz4', 'bzip2', 'zstd', 'zip', '7z', 'gcab', 'cpio', 'ar'];

const files = scratch();
afterAll(() => files.remove());

/** A system of its own: the executable, the libraries that it names, a folder for spools, and dumps. */
const root = join(files.folder, 'root');

function copyInto(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  cpSync(realpathSync(path), join(root, path));
}

function writeDumps(): void {
  const samples = fixtureDumps();
  const { bytes } = samples.find(({ name }) => name === 'signer.core')!;
  const text = Buffer.alloc(SWEPT_BY_WORKERS, 'a line of a log, and no more\n');
  const random = new SeededRandom('executable').bytes(DECODED_IN_THREAD);
  for (const each of samples) files.write(`root/dumps/${each.name}`, each.bytes);
  files.write('root/dumps/large.core', Buffer.concat([bytes, text]));
  files.write('in/small', bytes);
  files.write('in/large', Buffer.concat([bytes, random]));
  for (const size of ['small', 'large'])
    for (const [name, command] of Object.entries(CONTAINERS)) {
      const cwd = join(files.folder, 'in');
      const output = execFileSync('bash', ['-c', command.replaceAll('IN', size)], {
        cwd,
        maxBuffer: 1 << 28,
      });
      files.write(`root/dumps/${size}/${name}`, output);
    }
}

const inRoot = (args: readonly string[]): Promise<CliResult> =>
  runProgram(program('chroot'), [root, '/dumpsieve', ...args]);
/** What the checkout prints. Paths are relative, so that both name the same. */
const inCheckout = (args: readonly string[]): Promise<CliResult> => startCli(args, { cwd: root }).result;

/** A text without times and lengths of time. */
const timeless = (text: string): string =>
  text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"time"').replace(/("seconds": ?)[\d.]+/g, '$10');

const sectionsOf = (path: string): string[] =>
  [...execFileSync('readelf', ['-SW', path], { encoding: 'utf8' }).matchAll(/^ +\[ *\d+\] (\.\S+)/gm)].map(
    ([, name]) => name!,
  );

describeWith(
  ['root', 'chroot', 'bash', 'readelf', ...TOOLS],
  'the executable, where there is no Node',
  () => {
    beforeAll(() => {
      execFileSync('npm', ['run', 'executable'], { cwd: fileURLToPath(asset('.')), stdio: 'pipe' });
      mkdirSync(join(root, 'tmp'), { recursive: true });
      copyFileSync(EXECUTABLE, join(root, 'dumpsieve'));
      const linked = execFileSync('ldd', [EXECUTABLE], { encoding: 'utf8' });
      for (const [, path] of linked.matchAll(/(\/\S+) \(0x/g)) copyInto(path!);
      writeDumps();
    });

    test('reports what the checkout does of samples and containers, in threads too', async () => {
      const args = ['scan', '--no-config', '--format', 'json', '--jobs', '2', '--hash', 'dumps'];
      const [own, checkout] = [await inRoot(args), await inCheckout(args)];
      expect({ status: own.status, stderr: own.stderr }).toEqual({ status: checkout.status, stderr: '' });
      expect(timeless(own.stdout)).toBe(timeless(checkout.stdout));
      const { artifacts } = JSON.parse(own.stdout) as { artifacts: { path: string; format?: string }[] };
      for (const size of ['small', 'large'])
        for (const name of Object.keys(CONTAINERS)) {
          const inside = artifacts.filter(({ path }) => path.startsWith(`dumps/${size}/${name}!`));
          expect([name, inside.some(({ format }) => format === 'elf-core')]).toEqual([name, true]);
        }
    });

    test.each(['signer.core', 'large.core'])('writes the copy that the checkout writes: %s', async (name) => {
      const args = (out: string) => ['redact', '-q', '--jobs', '2', '-o', out, `dumps/${name}`];
      const [own, checkout] = [await inRoot(args(`tmp/own-${name}`)), await inCheckout(args(`tmp/${name}`))];
      expect(own).toEqual(checkout);
      expect({ status: own.status, stderr: own.stderr }).toEqual({ status: 0, stderr: '' });
      const written = (file: string) => readFileSync(join(root, 'tmp', file));
      expect(written(`own-${name}`).equals(written(name))).toBe(true);
      const manifest = timeless(written(`own-${name}.manifest.json`).toString());
      expect(manifest.replaceAll(`own-${name}`, name)).toBe(
        timeless(written(`${name}.manifest.json`).toString()),
      );
    });

    test('has its rules, and its help', async () => {
      for (const args of [['rules', 'list'], ['scan', '--help'], ['--version']])
        expect(await inRoot(args)).toEqual(await inCheckout(args));
    });

    test('has the licences of all that it holds beside it', () => {
      const text = readFileSync(`${EXECUTABLE}.licenses.txt`, 'utf8');
      const { dependencies } = JSON.parse(readFileSync(asset('package.json'), 'utf8')) as {
        dependencies: Record<string, string>;
      };
      for (const name of ['dumpsieve', ...Object.keys(dependencies), 'Node.js'])
        expect(text).toMatch(new RegExp(`^${name} v?\\d+\\.`, 'm'));
    });

    test('is not stripped: its Node has all sections', () => {
      expect(sectionsOf(EXECUTABLE)).toEqual(expect.arrayContaining(sectionsOf(process.execPath)));
    });
  },
);
