import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { asset } from '../../src/core/base/runtime/assets.js';
import { type InspectResult, inspect } from '../../src/index.js';
import { expectGolden } from '../report/golden.js';
import { runCli } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';
import { leaks } from '../support/planted.js';
import { describeWithSamples } from '../support/samples.js';
import { Planter } from './planter.js';

const signer = readFileSync(asset('fixtures/dumps/signer.core'));

/** What a run prints, after the names of files in a folder. */
async function printed(args: readonly string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await runCli(['inspect', ...args], { cwd });
  return `$ dumpsieve inspect ${args.join(' ')}\n${stdout}${stderr}= ${status}\n`;
}

async function json(
  args: readonly string[],
  cwd: string,
): Promise<{ status: number | null; result: InspectResult }> {
  const { status, stdout } = await runCli(['inspect', '--format', 'json', ...args], { cwd });
  return { status, result: JSON.parse(stdout) };
}

describe('inspect', () => {
  test('says what a dump is, what is missing, and what places belong to', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'core'), signer);
      writeFileSync(join(folder, 'cut'), signer.subarray(0, 20_000));
      writeFileSync(join(folder, 'core.gz'), gzipSync(signer));
      writeFileSync(join(folder, 'raw'), Buffer.alloc(5_000, 7));
      writeFileSync(join(folder, 'empty'), '');
      const runs = [
        ['core'],
        ['--verbose', 'core'],
        ['core', '0x55819c2e1040'],
        ['core', '12352'],
        ['core', '+0x3040'],
        ['core', '0x7ffd4a3c1f00'],
        ['core', '0x55819b000010'],
        ['core', '0x3040'],
        ['core', '0xffffffffffffffff'],
        ['core', '99999999999999999999'],
        ['core', '-1'],
        ['core', 'main'],
        ['cut'],
        ['cut', '0x7ffd4a3c1f00'],
        ['core.gz', '0x55819c2e1040'],
        ['raw'],
        ['raw', '0x10'],
        ['empty'],
        ['gone'],
        ['.', '12'],
      ];
      const all: string[] = [];
      for (const run of runs) all.push(await printed(run, folder));
      expectGolden('inspect.golden.txt', all.join('\n'));
    }));

  test('gives the same as JSON, of a file, a pipe and a container', () =>
    withTempDir(async (folder) => {
      writeFileSync(join(folder, 'core'), signer);
      writeFileSync(join(folder, 'core.gz'), gzipSync(signer));
      const { status, result } = await json(['core', '0x55819c2e1040'], folder);
      expect(status).toBe(0);
      const [dump] = result.dumps;
      expect(dump).toMatchObject({ format: 'elf-core', size: signer.length, damaged: false });
      expect(dump!.place).toMatchObject({ state: 'present', offset: 0x3040, region: { kind: 'heap' } });
      expect(dump!.regions.reduce((sum, { present }) => sum + present, 0)).toBe(signer.length);
      expect(dump!.process).not.toHaveProperty('command');
      const inside = await json(['core.gz', '0x55819c2e1040'], folder);
      expect(inside.result.dumps[0]).toEqual({ ...dump, path: 'core.gz!core', mtime: expect.anything() });
      const { stdout } = await runCli(['inspect', '--format', 'json', '-'], { input: signer });
      const piped: InspectResult = JSON.parse(stdout);
      expect(piped.dumps[0]!.regions).toEqual(dump!.regions);
      const called = await inspect({ path: join(folder, 'core'), place: '0x55819c2e1040' });
      expect(called.dumps[0]!.place).toEqual(dump!.place);
    }));

  test('prints no secret, and no byte of memory', () =>
    withTempDir(async (folder) => {
      const planter = new Planter('inspected');
      const dumps = join(folder, 'dumps');
      mkdirSync(dumps);
      for (let i = 0; i < 20; i++) planter.dump(dumps, i);
      expect(planter.planted.length).toBeGreaterThanOrEqual(200);
      const all: string[] = [];
      for (const flags of [[], ['--verbose'], ['--format', 'json']]) {
        const { stdout, stderr } = await runCli(['inspect', ...flags, dumps], { cwd: folder });
        expect(stdout).toContain('elf-core');
        all.push(stdout, stderr);
      }
      const [name = ''] = readdirSync(dumps);
      const file = join(dumps, name);
      const heap = readFileSync(file).indexOf('-----BEGIN');
      expect(heap).toBeGreaterThan(0);
      for (const place of [heap, heap + 40, 60, 900].map(String)) {
        const result = await inspect({ path: file, place });
        all.push(JSON.stringify(result));
      }
      expect(leaks(planter.planted, all.join('\n'))).toEqual([]);
    }));

  test.each([
    [{ path: 'a', place: '' }, 'wrong-option'],
    [{}, 'wrong-option'],
    [{ path: 'a', places: '1' }, 'wrong-option'],
    [{ path: 'a', place: '0x' }, 'bad-place'],
  ])('refuses %j', async (options, code) => {
    await expect(inspect(options as never)).rejects.toMatchObject({ code, exit: 3 });
  });
});

describeWithSamples('inspect of real dumps', (folder) => {
  test('says what each is', async () => {
    const files = ['elf-core', 'minidump', 'microdump', 'hprof', 'kdump', 'other'].flatMap((kind) =>
      readdirSync(join(folder, kind))
        .filter((name) => !name.endsWith('.xz'))
        .map((name) => `${kind}/${name}`),
    );
    const all: string[] = [];
    for (const file of files) {
      const { status, stdout, stderr } = await runCli(['inspect', file], { cwd: folder });
      expect([0, 2]).toContain(status);
      all.push(`${stdout}${stderr}= ${status}\n`);
    }
    expectGolden('inspect-samples.golden.txt', all.join('\n'));
  });
});
