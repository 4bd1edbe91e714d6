import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { fixtureDumps } from '../../fixtures/dumps.js';
import { asset } from '../../src/assets.js';
import { DumpsieveError, type ScanEvent, scan } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

const dumps = new Map(fixtureDumps().map(({ name, bytes }) => [name, bytes]));

/** The library example of the README, as it stands there. */
function readmeExample(): string {
  const readme = readFileSync(asset('README.md'), 'utf8');
  const [, example] = /^```ts\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  if (example === undefined) throw new Error('the README has no ts block');
  return example;
}

async function collect(events: AsyncIterable<ScanEvent>): Promise<ScanEvent[]> {
  const all: ScanEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test("the README's example runs as it is written", async () => {
  await withTempDir(async (folder) => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(fileURLToPath(asset('.')), join(folder, 'node_modules/dumpsieve'), 'dir');
    writeFileSync(join(folder, 'core.1234'), dumps.get('signer.core')!);
    writeFileSync(join(folder, 'example.mjs'), readmeExample());
    const run = spawnSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(1);
    const lines = run.stdout.trimEnd().split('\n');
    expect(lines.filter((line) => /^RSA private key \d+ [0-9a-f]{64}$/.test(line))).toHaveLength(1);
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });
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
    for await (const event of scan({ paths: [folder], signal: abort.signal })) {
      events.push(event);
      abort.abort('time-limit');
    }
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
