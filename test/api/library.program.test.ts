import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/core/base/runtime/assets.js';
import { DumpsieveError, listRules, type ScanEvent, type ScanOptions } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';
import { scan } from '../support/scan.js';

const dumps = new Map(fixtureDumps().map(({ name, bytes }) => [name, bytes]));

/** The library example of docs/library.md, verbatim. */
function pageExample(): string {
  const page = readFileSync(asset('docs/library.md'), 'utf8');
  const [, example] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  if (example === undefined) throw new Error('docs/library.md has no ts block');
  return example;
}

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test('the example runs as it is written', async () => {
  await withTempDir(async (folder) => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(asset('.')), join(folder, 'node_modules/dumpsieve'), 'dir');
    writeFileSync(join(folder, 'core.1234'), dumps.get('signer.core')!);
    writeFileSync(join(folder, 'example.mjs'), pageExample());
    const run = spawnSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(1);
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.filter((line) => /^RSA private key \d+ [0-9a-f]{64}$/.test(line))).toHaveLength(1);
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });
});

/** Output of the compiler, at its strictest settings, for a module that imports the package by name. */
function compilerSays(source: string): Promise<string> {
  return withTempDir(async (folder) => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(asset('.')), join(folder, 'node_modules/dumpsieve'), 'dir');
    symlinkSync(fileURLToPath(asset('node_modules/@types')), join(folder, 'node_modules/@types'), 'dir');
    writeFileSync(join(folder, 'example.mts'), source);
    const tsc = fileURLToPath(asset('node_modules/typescript/bin/tsc'));
    const settings =
      '--noEmit --strict --exactOptionalPropertyTypes --types node --module nodenext --target es2022';
    const run = spawnSync(process.execPath, [tsc, ...settings.split(' '), 'example.mts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return run.stdout;
  });
}

test('the example is typed', async () => {
  expect(await compilerSays(pageExample())).toBe('');
  const wrong = pageExample().replace('event.title', 'event.tilte');
  expect(await compilerSays(wrong)).toMatch(/tilte/);
});

test('events come in the order of the contract', async () => {
  await withTempDir(async (folder) => {
    for (const [name, bytes] of dumps) writeFileSync(join(folder, name), bytes);
    const types = (await collect(scan({ paths: [folder] }))).map(({ type }) => type);
    expect(types[0]).toBe('run');
    expect(types.at(-1)).toBe('summary');
    expect(types.slice(1, 1 + dumps.size)).toEqual([...dumps.keys()].map(() => 'artifact'));
    expect(new Set(types.slice(1 + dumps.size, -1))).toEqual(new Set(['finding']));
  });
});

test('an abort gives a partial report that says so', async () => {
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'core'), dumps.get('signer.core')!);
    const abort = new AbortController();
    const events: ScanEvent[] = [];
    const onProgress = () => abort.abort('time-limit');
    for await (const event of scan({ paths: [folder], signal: abort.signal, onProgress })) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'summary', complete: false, exit: 2 });
  });
});

test('a wrong call is an error with a code', async () => {
  const asked = collect(scan({ paths: ['.'], only: ['no-such-rule'] }));
  await expect(asked).rejects.toBeInstanceOf(DumpsieveError);
  await expect(collect(scan({ paths: ['.'], only: ['no-such-rule'] }))).rejects.toMatchObject({
    code: 'unknown-rule',
    exit: 3,
  });
});

const wrongCalls: [name: string, options: unknown, message: string, hint: string][] = [
  ['no options', undefined, 'the options are no object', 'paths'],
  ['no paths', {}, 'the option paths', 'at least one path'],
  ['an empty list of paths', { paths: [] }, 'the option paths', 'at least one path'],
  ['a path alone', { paths: 'core' }, 'the option paths', 'a list'],
  ['an empty path', { paths: [''] }, 'the option paths', 'a list'],
  [
    'an unknown kind',
    { paths: ['x'], failOnKind: ['tokens'] },
    'the option failOnKind',
    'private-key, symmetric-key, token',
  ],
  ['an unknown severity', { paths: ['x'], failOn: 'bogus' }, 'the option failOn', 'info, low, medium'],
  ['an unknown confidence', { paths: ['x'], minConfidence: 'sure' }, 'the option minConfidence', 'proven'],
  ['less than one worker', { paths: ['x'], jobs: -1 }, 'the option jobs', 'from 1 on'],
  ['half a worker', { paths: ['x'], jobs: 1.5 }, 'the option jobs', 'from 1 on'],
  ['text for a switch', { paths: ['x'], strict: 'yes' }, 'the option strict', 'true or false'],
  ['null', { paths: ['x'], baseline: null }, 'the option baseline', 'text'],
  ['one file for a list', { paths: ['x'], find: 'ours.pem' }, 'the option find', 'a list of texts'],
  ['a signal that is none', { paths: ['x'], signal: {} }, 'the option signal', 'AbortSignal'],
  [
    'a misspelt option',
    { paths: ['x'], expectAbsend: true },
    'no option "expectAbsend"',
    'did you mean expectAbsent?',
  ],
  ['an unknown option', { paths: ['x'], verbosity: 3 }, 'no option "verbosity"', 'there are paths, '],
  ['an option of every object', { paths: ['x'], constructor: 1 }, 'no option "constructor"', 'there are'],
];

test.each(wrongCalls)('a wrong call ends with a coded error: %s', async (_, options, message, hint) => {
  const failed = await collect(scan(options as ScanOptions)).then(
    () => undefined,
    (error: unknown) => error as DumpsieveError,
  );
  expect(failed).toMatchObject({ name: 'DumpsieveError', code: 'wrong-option', exit: 3 });
  expect(failed?.message).toContain(message);
  expect(failed?.hint).toContain(hint);
});

test('an option that is undefined is left out', async () => {
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'core'), 'nothing');
    const options = { paths: [join(folder, 'core')], failOn: undefined, jobs: undefined, signal: undefined };
    const last = (await collect(scan(options as unknown as ScanOptions))).at(-1);
    expect(last).toMatchObject({ type: 'summary', exit: 0 });
  });
});

test('listing rules holds its options against the same table', async () => {
  await expect(listRules({ skips: ['x'] } as never)).rejects.toMatchObject({ code: 'wrong-option' });
});
