import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDump } from '../../src/dump/formats.js';
import { SegmentMap } from '../../src/dump/segment-map.js';
import type { Dump } from '../../src/dump/types.js';
import { createView } from '../../src/dump/view.js';
import { bufferReader, type Reader } from '../../src/storage.js';
import { describeWith } from './describe-with.js';

/** Puts a marker into each kind of memory, prints where, then crashes or waits. */
const PROGRAM = `
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static char bss[64];
static char data[64] = "DATA-MARKER";
static volatile int ready;
static void *work(void *argument) {
  char local[64];
  strcpy(local, "THREAD-MARKER");
  printf("thread %p %ld\\n", (void *)local, syscall(SYS_gettid));
  ready = 1;
  for (;;) pause();
  return argument;
}
int main(int argc, char **argv) {
  char local[64];
  pthread_t thread;
  char *small = malloc(100), *large = malloc(1 << 20);
  strcpy(local, "MAIN-MARKER");
  strcpy(bss, "BSS-MARKER");
  strcpy(small, "HEAP-MARKER");
  strcpy(large, "MMAP-MARKER");
  pthread_create(&thread, 0, work, 0);
  while (!ready) usleep(1000);
  printf("main %p %d\\nbss %p 0\\ndata %p 0\\n", (void *)local, getpid(), (void *)bss, (void *)data);
  printf("small %p 0\\nlarge %p 0\\n", (void *)small, (void *)large);
  printf("argument %p 0\\nenvironment %p 0\\n", (void *)argv[argc - 1], (void *)getenv("MARKED"));
  puts("ready");
  fflush(stdout);
  if (getenv("CRASH")) abort();
  for (;;) pause();
}
`;

interface Printed {
  address: bigint;
  id: number;
}

interface Made {
  reader: Reader;
  dump: Dump;
  printed: Map<string, Printed>;
  path: string;
}

function parse(output: string): Map<string, Printed> {
  const lines = output
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  return new Map(
    lines
      .filter((l) => l.length === 3)
      .map(([name, at, id]) => [name!, { address: BigInt(at!), id: Number(id) }]),
  );
}

function opened(path: string, output: string): Made {
  const reader = bufferReader(readFileSync(path));
  return { reader, dump: openDump(reader), printed: parse(output), path };
}

const ENV = { MARKED: 'ENVIRONMENT-MARKER' };
const ARGS = ['first', 'ARGUMENT MARKER'];

/** Lets the program crash in a folder of its own; the kernel writes the core there. */
function kernelCore(folder: string): Made {
  const shell = ['-c', 'ulimit -c unlimited; exec ./program "$@"', 'sh', ...ARGS];
  const run = spawnSync('sh', shell, { cwd: folder, env: { ...ENV, CRASH: '1' }, encoding: 'utf8' });
  const core = readdirSync(folder).find((name) => /^core(\.\d+)?$/.test(name));
  if (core === undefined) throw new Error(`no core in ${folder}: signal ${run.signal}`);
  return opened(join(folder, core), run.stdout);
}

async function gdbCore(folder: string): Promise<Made> {
  const child = spawn('./program', ARGS, { cwd: folder, env: ENV, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
    });
    while (!output.includes('ready')) await once(child.stdout, 'data');
    execFileSync('gcore', ['-o', join(folder, 'gdb'), String(child.pid)], { stdio: 'ignore' });
    return opened(join(folder, `gdb.${child.pid}`), output);
  } finally {
    child.kill('SIGKILL');
  }
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
  needs: string[],
  make: (folder: string) => Made | Promise<Made>,
][] = [
  ['a core by the kernel', [], ['kernel cores in the working folder'], kernelCore],
  ['a core by gcore', [], [], gdbCore],
  ['a 32-bit core by the kernel', ['-m32'], ['kernel cores in the working folder'], kernelCore],
];

function compiles(flags: readonly string[]): boolean {
  if (flags.length === 0) return true;
  const source = '#include <stdio.h>\nint main(void) { return puts(""); }\n';
  return (
    spawnSync('gcc', [...flags, '-x', 'c', '-', '-o', '/dev/null'], {
      input: source,
      stdio: ['pipe', 'ignore', 'ignore'],
    }).status === 0
  );
}

for (const [name, flags, needs, make] of makers) {
  const toolchain = compiles(flags) ? 'gcc' : `gcc ${flags.join(' ')}`;
  describeWith([toolchain, 'gdb', 'gcore', 'readelf', ...needs], name, () => {
    let folder: string;
    let made: Made;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'dumpsieve-core-'));
      writeFileSync(join(folder, 'program.c'), PROGRAM);
      execFileSync('gcc', [...flags, '-O0', '-pthread', '-o', 'program', 'program.c'], { cwd: folder });
      made = await make(folder);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** The place of a printed address, and the text there. */
    function look(key: string): { text: string; region: ReturnType<Dump['locate']>['region'] } {
      const { address } = made.printed.get(key)!;
      const place = SegmentMap.of(made.dump.segments).place(address)!;
      const located = made.dump.locate(place.offset);
      expect(located.address).toBe(address);
      const { bytes, at } = createView(made.reader, made.dump).window(place.offset, 0, 32);
      const text = Buffer.from(bytes.subarray(at)).toString('latin1');
      return { text: text.slice(0, text.indexOf('\0')), region: located.region };
    }

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
      const { printed } = made;
      expect(look('main')).toEqual({
        text: 'MAIN-MARKER',
        region: { kind: 'stack', thread: printed.get('main')!.id },
      });
      expect(look('thread')).toEqual({
        text: 'THREAD-MARKER',
        region: { kind: 'stack', thread: printed.get('thread')!.id },
      });
      expect(look('small')).toEqual({ text: 'HEAP-MARKER', region: { kind: 'heap' } });
      expect(look('large')).toEqual({ text: 'MMAP-MARKER', region: { kind: 'heap' } });
      expect(look('argument')).toEqual({ text: 'ARGUMENT MARKER', region: { kind: 'argv' } });
      expect(look('environment')).toEqual({
        text: 'ENVIRONMENT-MARKER',
        region: { kind: 'environment', name: 'MARKED' },
      });
      for (const key of ['bss', 'data']) {
        const { text, region } = look(key);
        expect(text).toBe(`${key.toUpperCase()}-MARKER`);
        expect(region.kind).toBe('module');
        expect(region.name).toMatch(/\/program\+0x[0-9a-f]+$/);
      }
    });
  });
}
