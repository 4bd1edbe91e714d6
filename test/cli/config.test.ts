import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { Command } from 'commander';
import { parse } from 'yaml';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { configure, findConfig } from '../../src/cli/config.js';
import { addFlags, keyOf, optionOf, SCAN_FLAGS } from '../../src/cli/flags.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import type { OptionRow } from '../../src/core/options/table.js';
import { runCli, scanJson } from '../support/cli.js';
import { withTempDir } from '../support/folder.js';

/** What `dumpsieve scan …args` ends up with under a configuration. */
async function options(yaml: string, args: string[] = [], folder?: string): Promise<Record<string, unknown>> {
  return withTempDir(async (temp) => {
    const file = join(folder ?? temp, 'conf.yaml');
    writeFileSync(file, yaml);
    const command = addFlags(new Command('scan').exitOverride().argument('[paths...]'), SCAN_FLAGS);
    await command.parseAsync(['--config', file, ...args], { from: 'user' });
    await configure(command, SCAN_FLAGS);
    return command.opts();
  });
}

/**
 * A row's value in the file, on the command line, and in the options; `null` where no such value is right.
 */
const SAMPLES: Record<OptionRow['type'], (flag: OptionRow) => { yaml: string; args: string[] }> = {
  switch: (flag) => ({ yaml: optionOf(flag).negate ? 'false' : 'true', args: [optionOf(flag).long!] }),
  choice: (flag) => ({ yaml: flag.choices!.at(-1)!, args: [optionOf(flag).long!, flag.choices!.at(-1)!] }),
  choices: (flag) => ({
    yaml: `[${flag.choices!.join(', ')}]`,
    args: [optionOf(flag).long!, flag.choices!.join(',')],
  }),
  text: (flag) => ({ yaml: 'a b', args: [optionOf(flag).long!, 'a b'] }),
  names: (flag) => ({ yaml: '[a, b]', args: [optionOf(flag).long!, 'a,b'] }),
  path: (flag) => ({ yaml: resolve('/x/y'), args: [optionOf(flag).long!, resolve('/x/y')] }),
  paths: (flag) => ({ yaml: resolve('/x'), args: [optionOf(flag).long!, resolve('/x')] }),
  outputs: (flag) => ({
    yaml: `json=${resolve('/x=y')}`,
    args: [optionOf(flag).long!, `json=${resolve('/x=y')}`],
  }),
  globs: (flag) => ({ yaml: "'{a,b}'", args: [optionOf(flag).long!, '{a,b}'] }),
  count: (flag) => ({ yaml: '7', args: [optionOf(flag).long!, '7'] }),
  byte: (flag) => ({ yaml: '42', args: [optionOf(flag).long!, '42'] }),
  seconds: (flag) => ({ yaml: '1.5', args: [optionOf(flag).long!, '1.5'] }),
};

const keys = SCAN_FLAGS.filter((flag) => !flag.commandLineOnly);

describe('every flag is a key', () => {
  test.each(keys.map((flag) => [keyOf(optionOf(flag)), flag] as const))(
    '%s gives what the flag gives',
    async (name, flag) => {
      const { yaml, args } = SAMPLES[flag.type](flag);
      const fromFile: Record<string, unknown> = { ...(await options(`${name}: ${yaml}`)), config: undefined };
      const fromArgs: Record<string, unknown> = { ...(await options('', args)), config: undefined };
      expect(fromFile).toEqual(fromArgs);
      expect(fromFile[optionOf(flag).attributeName()]).not.toBe(flag.default);
    },
  );

  test('the flags that are no keys are few', () => {
    const others = SCAN_FLAGS.filter((flag) => flag.commandLineOnly).map((flag) => optionOf(flag).long);
    expect(others).toEqual([
      '--find-password-file',
      '--pid',
      ...['--archive-password-file', '--config', '--no-config', '--no-progress'],
    ]);
  });
});

describe('the command line overrides the file', () => {
  test.each<[string, string, string[], string, unknown]>([
    ['a choice', 'fail-on: low', ['--fail-on', 'high'], 'failOn', 'high'],
    ['the default, said aloud', 'format: json', ['--format', 'pretty'], 'format', 'pretty'],
    ['a list as a whole', 'skip: [a, b]', ['--skip', 'c'], 'skip', ['c']],
    ['a switch taken back', 'strict: true', ['--no-strict'], 'strict', false],
    ['a switch that the file takes back', 'strict: false', ['--strict'], 'strict', true],
    ['an alias over its option', 'effort: quick', ['--deep'], 'effort', undefined],
    ['an option over its alias', 'deep: true', ['--effort', 'quick'], 'deep', undefined],
    ['an alias taken back', 'deep: true', ['--no-deep'], 'deep', false],
    ['progress', 'progress: true', ['--no-progress'], 'progress', false],
  ])('%s', async (_, yaml, args, name, value) => {
    expect((await options(yaml, args))[name]).toEqual(value);
  });
});

test('a flag --no-X is the key X, and the command line can override it', async () => {
  const table: OptionRow[] = [
    { flag: '--config <file>', help: 'x', type: 'path', group: 'Program', commandLineOnly: true },
    { flag: '--no-word-net', help: 'x', type: 'switch', group: 'Search' },
  ];
  await withTempDir(async (folder) => {
    const file = join(folder, 'conf.yaml');
    const net = async (yaml: string, ...args: string[]) => {
      writeFileSync(file, yaml);
      const command = addFlags(new Command('scan').exitOverride(), table);
      await command.parseAsync(['--config', file, ...args], { from: 'user' });
      await configure(command, table);
      return command.opts().wordNet;
    };
    expect(await net('')).toBe(true);
    expect(await net('word-net: false')).toBe(false);
    expect(await net('word-net: true', '--no-word-net')).toBe(false);
    expect(await net('word-net: false', '--word-net')).toBe(true);
    await expect(net('no-word-net: true')).rejects.toThrow(
      'unknown key "no-word-net" (did you mean "word-net"?)',
    );
  });
});

test('paths are relative to the file', async () => {
  await withTempDir(async (folder) => {
    const yaml =
      'baseline: a/b.json\nallow: [c.pem, ../d, "sha256:00"]\noutput: sarif=out/e=f.sarif\nspool-dir: .\n';
    expect(await options(yaml, [], folder)).toMatchObject({
      baseline: join(folder, 'a/b.json'),
      allow: [join(folder, 'c.pem'), resolve(folder, '../d'), 'sha256:00'],
      output: [`sarif=${join(folder, 'out/e=f.sarif')}`],
      spoolDir: folder,
    });
  });
});

describe('what is wrong is named by file, line and key', () => {
  test.each<[string, string, string]>([
    ['an unknown key', '# x\n\nfail-onn: high', ':3: unknown key "fail-onn" (did you mean "fail-on"?)'],
    ['a key like no other', 'zzzzzzzzzzz: 1', ':1: unknown key "zzzzzzzzzzz"'],
    ['a flag of the command line alone', 'config: a.yaml', ':1: unknown key "config"'],
    ['the spelling of the library', 'failOn: high', '(did you mean "fail-on"?)'],
    ['a wrong choice', 'jobs: 1\nfail-on: hih', ':2: key "fail-on" must be one of info, low, medium, high'],
    ['a wrong one of several', 'fail-on-kind:\n  - token\n  - tok', 'key "fail-on-kind" must be one of'],
    ['text for a switch', 'strict: "yes"', ':1: key "strict" must be true or false'],
    ['nothing', 'baseline:', ':1: key "baseline" must be text'],
    ['no whole number', 'jobs: 1.5', ':1: key "jobs" must be a whole number'],
    ['zero', 'jobs: 0', ':1: key "jobs" must be 1 or more'],
    ['an output without a file', 'output: json', ':1: key "output" must be FORMAT=FILE'],
    ['an output of no format', 'output: [xml=a]', ':1: key "output" must be FORMAT=FILE'],
    ['a list', '- strict', ':1: a configuration is a map'],
    ['no YAML', 'a: [\nb', ': not YAML: '],
    ['a key twice', 'jobs: 1\njobs: 2', ':2: not YAML: duplicate key'],
    ['a second document', 'jobs: 1\n---\nstrict: true', ':2: a second document begins with this "---": put'],
    ['an empty second document', '---\njobs: 1\n---\n', ':3: a second document'],
    ['a bomb of aliases', bomb(), ':1: too many aliases'],
  ])('%s', async (_, yaml, message) => {
    await expect(options(yaml)).rejects.toMatchObject({ code: 'bad-config', exit: 3 });
    await expect(options(yaml)).rejects.toThrow(message);
    await expect(options(yaml)).rejects.toThrow('conf.yaml:');
  });

  test('all mistakes at once, and no value of the file', async () => {
    const yaml = 'fail-on: hunter2\njobs: hunter2\nhunter2hunter2hunter2hunter2: 1\n';
    const error = await options(yaml).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ lines: { length: 3 } });
    expect(String((error as Error).message)).not.toContain('hunter2');
  });

  test('on standard error, each on its line, with exit 3', async () => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, '.dumpsieve.yaml'), 'a-b: 1\nc-d: 2\n');
      const { status, stdout, stderr } = await runCli(['scan', 'x'], { cwd });
      expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
      expect(stderr.split('\n').slice(0, 2).join()).toMatch(
        /bad-config: \S+:1: unknown key "a-b",.*:2: unknown key "c-d"/,
      );
    });
  });
});

/** Nine levels of nine aliases each. */
function bomb(): string {
  const level = (n: number) => `l${n}: &l${n} [${Array.from({ length: 9 }, () => `*l${n - 1}`).join(',')}]`;
  return ['l0: &l0 [x]', ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join('\n');
}

describe('the file is found', () => {
  test('here, then upward; the nearest one counts', async () => {
    await withTempDir((folder) => {
      const below = join(folder, 'a', 'b');
      mkdirSync(below, { recursive: true });
      writeFileSync(join(folder, '.dumpsieve.yaml'), '');
      expect(findConfig(below)).toBe(join(folder, '.dumpsieve.yaml'));
      writeFileSync(join(folder, 'a', '.dumpsieve.yaml'), '');
      expect(findConfig(below)).toBe(join(folder, 'a', '.dumpsieve.yaml'));
    });
  });

  test('and named in the report; --no-config leaves it alone', async () => {
    await withTempDir(async (cwd) => {
      const { bytes } = fixtureDumps().find(({ name }) => name === 'signer.core')!;
      writeFileSync(join(cwd, 'signer.core'), bytes);
      writeFileSync(join(cwd, '.dumpsieve.yaml'), 'exit-zero: true\n');
      const withFile = await scanJson(['signer.core'], { cwd });
      expect(withFile.status).toBe(0);
      expect(withFile.report.options.configFile).toMatch(/\.dumpsieve\.yaml$/);
      const without = await scanJson(['--no-config', 'signer.core'], { cwd });
      expect({ status: without.status, file: without.report.options.configFile }).toEqual({ status: 1 });
    });
  });

  test('a link that leads to nothing is an error, one that leads to a file is that file', async () => {
    await withTempDir(async (folder) => {
      mkdirSync(join(folder, 'below'));
      writeFileSync(join(folder, '.dumpsieve.yaml'), '');
      symlinkSync('gone.yaml', join(folder, 'below', '.dumpsieve.yaml'));
      const { status, stderr } = await runCli(['scan', 'x'], { cwd: join(folder, 'below') });
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringMatching(
          /config-unreadable: .*\.dumpsieve\.yaml .*leads to nothing.*\n {2}hint: mend/,
        ),
      });
      writeFileSync(join(folder, 'below', 'gone.yaml'), '');
      expect(findConfig(join(folder, 'below'))).toBe(join(folder, 'below', '.dumpsieve.yaml'));
    });
  });

  // Only root can give a file away.
  (process.getuid?.() === 0 ? test : test.skip)(
    'a stranger’s file in a folder for everybody is refused',
    async () => {
      await withTempDir((folder) => {
        const file = join(folder, '.dumpsieve.yaml');
        writeFileSync(file, 'exit-zero: true');
        chownSync(file, 65_534, 65_534);
        expect(findConfig(folder)).toBe(file);
        chmodSync(folder, 0o1777);
        expect(() => findConfig(folder)).toThrow('belongs to another user');
        chownSync(file, 0, 0);
        expect(findConfig(folder)).toBe(file);
        // A stranger's link to a file of one's own.
        rmSync(file);
        writeFileSync(join(folder, 'own.yaml'), '');
        symlinkSync('own.yaml', file);
        expect(findConfig(folder)).toBe(file);
        lchownSync(file, 65_534, 65_534);
        expect(() => findConfig(folder)).toThrow('belongs to another user');
      });
    },
  );

  test.each([
    ['that is missing', 'none.yaml', 'ENOENT'],
    ['that is a folder', '.', 'not a regular file'],
  ])('--config with a file %s is exit 3', async (_, file, reason) => {
    const { status, stderr } = await runCli(['scan', '--config', file, 'x']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(reason) });
    expect(stderr).toContain('config-unreadable');
  });

  test('loads neither YAML nor zod where there is none', async () => {
    await withTempDir(async (cwd) => {
      writeFileSync(join(cwd, 'quiet.bin'), Buffer.alloc(64));
      // V8's coverage names every script that a run loads.
      const loaded = async (name: string) => {
        const folder = join(cwd, name);
        const env = { NODE_V8_COVERAGE: folder };
        await runCli(['scan', '--quiet', 'quiet.bin'], { cwd, env });
        const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
        return ['yaml', 'zod'].filter((each) => text.some((some) => some.includes(`/node_modules/${each}/`)));
      };
      expect(await loaded('without')).toEqual([]);
      writeFileSync(join(cwd, '.dumpsieve.yaml'), 'strict: true\n');
      expect(await loaded('with')).toEqual(['yaml', 'zod']);
    });
  });
});

describe('the schema for editors', () => {
  const schema = JSON.parse(readFileSync(asset('dist/schema/config.schema.json'), 'utf8'));
  const valid = new Ajv({ strict: false }).compile(schema);

  test('has every key with its description and default', () => {
    expect(Object.keys(schema.properties)).toEqual(keys.map((flag) => keyOf(optionOf(flag))));
    for (const flag of keys)
      expect(schema.properties[keyOf(optionOf(flag))].description).toContain(flag.help);
    expect(schema.properties['fail-on'].default).toBe('high');
    expect(schema.properties.jobs.default).toBeUndefined();
  });

  test.each([
    ['strict: true\nfail-on: low\nskip: a', true],
    ['fail-onn: low', false],
    ['fail-on: lo', false],
    ['jobs: 0', false],
    ['output: [json=a, sarif=b]', true],
    ['output: json', false],
  ])('agrees with the command on %j', (yaml, expected) => {
    expect(valid(parse(yaml))).toBe(expected);
  });
});
