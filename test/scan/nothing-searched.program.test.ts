import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { scanWithin } from '../../src/api/scan.js';
import type { Summary } from '../../src/core/model/report.js';
import type { ScanOptions } from '../../src/index.js';
import { withTempDir } from '../support/folder.js';

const key = createPublicKey(generateKeyPairSync('ed25519').privateKey).export({
  type: 'spki',
  format: 'pem',
});
const posix = process.platform !== 'win32';

/** Inputs without a byte to search. `alone`: the exit status by default. */
const NOTHING: readonly { name: string; paths: string[]; stdin?: Uint8Array; alone: 0 | 2 }[] = [
  { name: 'empty standard input', paths: ['-'], stdin: Buffer.alloc(0), alone: 2 },
  { name: 'standard input that unpacks to nothing', paths: ['-'], stdin: gzipSync(''), alone: 2 },
  { name: 'a pattern without a match', paths: ['core.*'], alone: 0 },
  { name: 'an empty folder', paths: ['empty'], alone: 0 },
  { name: 'an empty file', paths: ['zero'], alone: 2 },
  { name: 'two empty files and a pattern', paths: ['zeros', 'core.*'], alone: 0 },
  { name: 'a file that unpacks to nothing', paths: ['zero.gz'], alone: 2 },
  ...(posix
    ? [
        { name: 'a folder of FIFOs', paths: ['fifos'], alone: 0 as const },
        { name: 'a FIFO without a writer', paths: ['fifos/fifo'], alone: 2 as const },
      ]
    : []),
];

type Given = Omit<ScanOptions, 'paths'>;

async function summaryOf(
  { paths, stdin }: { paths: string[]; stdin?: Uint8Array },
  given: Given | ((folder: string) => Given),
): Promise<Summary> {
  return withTempDir(async (folder) => {
    for (const name of ['empty', 'zeros', 'fifos']) mkdirSync(join(folder, name));
    for (const name of ['zero', 'zeros/a', 'zeros/b']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'zero.gz'), gzipSync(''));
    writeFileSync(join(folder, 'byte'), 'x');
    writeFileSync(join(folder, 'byte.gz'), gzipSync('x'));
    writeFileSync(join(folder, 'key.pem'), key);
    if (posix) execFileSync('mkfifo', [join(folder, 'fifos/fifo')]);
    const options = {
      ...(typeof given === 'function' ? given(folder) : given),
      paths: paths.map((path) => (path === '-' ? path : join(folder, path))),
      ...(stdin ? { stdin: Readable.from([stdin]) } : {}),
    };
    for await (const event of scanWithin(options, { fifoLooks: 1 }))
      if (event.type === 'summary') return event;
    throw new Error('no summary');
  });
}

const find = (folder: string): Given => ({ find: [join(folder, 'key.pem')] });

/** Options under which a scan without a byte is incomplete. */
const REQUIRING: readonly [name: string, given: Given | ((folder: string) => Given)][] = [
  ['--find', find],
  ['--find --if-no-files ignore', (folder) => ({ ...find(folder), ifNoFiles: 'ignore' })],
  ['--find --expect-absent', (folder) => ({ ...find(folder), expectAbsent: true })],
  ['--strict', { strict: true }],
  ['--strict --if-no-files ignore --exit-zero', { strict: true, ifNoFiles: 'ignore', exitZero: true }],
  ['--if-no-files error', { ifNoFiles: 'error' }],
];

describe.each(NOTHING)('$name', (input) => {
  test.each(REQUIRING)('is incomplete with %s', async (_name, given) => {
    const summary = await summaryOf(input, given);
    expect(summary).toMatchObject({ exit: 2, complete: false, verdict: 'incomplete' });
    const [warning] = summary.warnings.filter(({ code }) => code === 'nothing-searched');
    expect(warning).toMatchObject({ message: expect.any(String), hint: expect.any(String) });
  });

  test('is as --if-no-files says', async () => {
    const warned = await summaryOf(input, {});
    expect(warned).toMatchObject({ exit: input.alone, complete: input.alone === 0 });
    expect(warned.warnings.map(({ code }) => code)).toContain('nothing-searched');
    const ignored = await summaryOf(input, { ifNoFiles: 'ignore' });
    expect(ignored).toMatchObject({ exit: input.alone });
    expect(ignored.warnings.map(({ code }) => code)).not.toContain('nothing-searched');
  });
});

test.each([
  ['a file', ['byte', 'empty']],
  ['a compressed file', ['byte.gz']],
])('a single byte in %s is enough', async (_name, paths) => {
  for (const [, given] of REQUIRING.slice(0, -1)) {
    const summary = await summaryOf({ paths }, given);
    expect(summary.warnings.map(({ code }) => code)).not.toContain('nothing-searched');
    expect(summary.exit).toBe(0);
  }
});

test('an abort is reported by itself', async () => {
  const summary = await summaryOf(
    { paths: ['byte'] },
    { strict: true, signal: AbortSignal.abort('time-limit') },
  );
  expect(summary.exit).toBe(2);
  expect(summary.warnings.map(({ code }) => code)).toEqual(['stopped']);
});

test('the answer for a target is complete only for a file with bytes', async () => {
  await withTempDir(async (folder) => {
    const files = { byte: 'x', zero: '', 'zero.gz': gzipSync(''), 'byte.gz': gzipSync('x') };
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, 'key.pem'), key);
    const paths = Object.keys(files).map((name) => join(folder, name));
    const artifacts: string[] = [];
    const complete: Record<string, boolean> = {};
    for await (const event of scanWithin({ paths, ...find(folder) }, {})) {
      if (event.type === 'artifact') artifacts.push(event.path.slice(folder.length + 1));
      if (event.type !== 'find') continue;
      for (const result of event.results) complete[artifacts[result.artifact]!] = result.complete;
    }
    expect(complete).toEqual({
      ...{ byte: true, zero: false },
      ...{ 'zero.gz': true, 'zero.gz!zero': false },
      ...{ 'byte.gz': true, 'byte.gz!byte': true },
    });
  });
});
