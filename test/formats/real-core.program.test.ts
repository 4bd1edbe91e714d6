import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ByteReader, bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { describeWith } from '../support/describe.js';
import type { RequirementName } from '../support/programs.js';
import {
  ARGS,
  compile,
  ENV,
  expected,
  lookUp,
  type Printed,
  parsePrinted,
  whileRunning,
} from './marked-process.js';

interface Made {
  reader: ByteReader;
  dump: Dump;
  printed: Map<string, Printed>;
  path: string;
}

function opened(path: string, output: string): Made {
  const reader = bufferReader(readFileSync(path));
  return { reader, dump: openDump(reader), printed: parsePrinted(output), path };
}

/** Lets the program crash in a folder of its own; the kernel writes the core there. */
function kernelCore(folder: string): Made {
  const shell = ['-c', 'ulimit -c unlimited; exec ./program "$@"', 'sh', ...ARGS];
  const run = spawnSync('sh', shell, { cwd: folder, env: { ...ENV, CRASH: '1' }, encoding: 'utf8' });
  const core = readdirSync(folder).find((name) => /^core(\.\d+)?$/.test(name));
  if (core === undefined) throw new Error(`no core in ${folder}: signal ${run.signal}`);
  return opened(join(folder, core), run.stdout);
}

async function gdbCore(folder: string): Promise<Made> {
  return whileRunning(folder, (pid, output) => {
    execFileSync('gcore', ['-o', join(folder, 'gdb'), String(pid)], { stdio: 'ignore' });
    return opened(join(folder, `gdb.${pid}`), output);
  });
}

/** PT_LOAD headers with bytes in the file, as readelf prints them. */
function loads(path: string): { offset: number; address: bigint; length: number }[] {
  const text = execFileSync('readelf', ['-lW', path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows = [...text.matchAll(/^ +LOAD +(0x\S+) (0x\S+) 0x\S+ (0x\S+)/gm)];
  return rows
    .map(([, offset, address, length]) => ({
      offset: Number(offset),
      address: BigInt(address!),
      length: Number(length),
    }))
    .filter(({ length }) => length > 0);
}

/** Owner's size and thread ids, as gdb's own reader of cores sees them. */
function gdbThreads(program: string, core: string): number[] {
  const text = execFileSync('gdb', ['-q', '-batch', '-nx', '-ex', 'info threads', program, core], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [...new Set([...text.matchAll(/LWP (\d+)/g)].map(([, id]) => Number(id)))].sort((a, b) => a - b);
}

const makers: [
  name: string,
  flags: string[],
  needs: RequirementName[],
  make: (folder: string) => Made | Promise<Made>,
][] = [
  ['a core by the kernel', [], ['kernel cores in the working folder'], kernelCore],
  ['a core by gcore', [], [], gdbCore],
  ['a 32-bit core by the kernel', ['-m32'], ['gcc -m32', 'kernel cores in the working folder'], kernelCore],
];

for (const [name, flags, needs, make] of makers) {
  describeWith(['gcc', 'gdb', 'gcore', 'readelf', ...needs], name, () => {
    let folder: string;
    let made: Made;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'dumpsieve-core-'));
      compile(folder, flags);
      made = await make(folder);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('has the segments that readelf prints', () => {
      const { dump, path } = made;
      const found = dump.segments.map(({ offset, address, length }) => ({ offset, address, length }));
      expect(found).toEqual(loads(path));
      const present = found.reduce((sum, { length }) => sum + length, 0);
      expect(dump.memory).toEqual({ described: present, present, missing: [] });
    });

    test('has the threads that gdb lists', () => {
      const threads = gdbThreads(join(folder, 'program'), made.path);
      expect(made.dump.process.threads).toBe(threads.length);
      expect(threads).toEqual(
        [made.printed.get('main')!.id, made.printed.get('thread')!.id].sort((a, b) => a - b),
      );
    });

    test('tells what process it was', () => {
      const { process } = made.dump;
      expect(process).toMatchObject({
        pid: made.printed.get('main')!.id,
        name: 'program',
        executable: './program',
      });
      expect(process.command).toMatch(/^\.\/program/);
      if (name.includes('kernel')) expect(process).toMatchObject({ signal: 6, signalName: 'SIGABRT' });
    });

    test('names the module, with the build id that readelf reads', () => {
      const text = execFileSync('readelf', ['-nW', join(folder, 'program')], { encoding: 'utf8' });
      const buildId = /Build ID: ([0-9a-f]+)/.exec(text)?.[1];
      const module = made.dump.process.modules!.find(({ path }) => path.endsWith('/program'));
      expect(module?.buildId).toBe(buildId);
    });

    test('says what each place is', () => {
      const { reader, dump, printed } = made;
      for (const [key, seen] of expected(printed)) {
        expect(lookUp(reader, dump, printed.get(key)!.address)).toEqual(seen);
      }
    });
  });
}
