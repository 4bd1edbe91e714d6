import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { ByteReader } from '../../src/core/base/bytes/storage.js';
import type { Region } from '../../src/core/model/report.js';
import { SegmentMap } from '../../src/formats/memory/segment-map.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { createView } from '../../src/formats/memory/view.js';

/**
 * Puts a marker into each kind of memory, prints its address, then crashes or waits. With ALONE: one thread.
 */
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
#ifndef ALONE
  pthread_create(&thread, 0, work, 0);
  while (!ready) usleep(1000);
#endif
  printf("main %p %d\\nbss %p 0\\ndata %p 0\\n", (void *)local, getpid(), (void *)bss, (void *)data);
  printf("small %p 0\\nlarge %p 0\\n", (void *)small, (void *)large);
  printf("argument %p 0\\nenvironment %p 0\\n", (void *)argv[argc - 1], (void *)getenv("MARKED"));
  puts("ready");
  fflush(stdout);
  if (getenv("CRASH")) abort();
  for (;;) pause();
}
`;

/** Address of a marker; `id` is that of the thread if the marker is on a stack. */
export interface Printed {
  address: bigint;
  id: number;
}

export const ENV = { MARKED: 'ENVIRONMENT-MARKER' };
export const ARGS = ['first', 'ARGUMENT MARKER'];

/** Compiles the program, or another, in a folder; `flags` may add sources. */
export function compile(folder: string, flags: readonly string[], source = PROGRAM): void {
  writeFileSync(join(folder, 'program.c'), source);
  execFileSync('gcc', ['-O0', '-pthread', '-o', 'program', 'program.c', ...flags], { cwd: folder });
}

export function parsePrinted(output: string): Map<string, Printed> {
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

/** Runs the program, and calls `visit` once its markers are set. */
export async function whileRunning<T>(
  folder: string,
  visit: (pid: number, output: string) => T,
  env: Readonly<Record<string, string>> = ENV,
): Promise<T> {
  const child = spawn('./program', ARGS, { cwd: folder, env, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    let output = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      output += chunk;
    });
    while (!output.includes('ready')) await once(child.stdout, 'data');
    return visit(child.pid!, output);
  } finally {
    child.kill('SIGKILL');
  }
}

interface Seen {
  text: string;
  address: bigint | undefined;
  region: Region;
}

/** The text, address and region at an address of a dump; undefined if this memory was not dumped. */
export function lookUp(reader: ByteReader, dump: Dump, address: bigint): Seen | undefined {
  const place = SegmentMap.of(dump.segments).place(address);
  if (place === undefined) return undefined;
  const { bytes, at } = createView(reader, dump).window(place.offset, 0, 32);
  const text = Buffer.from(bytes.subarray(at)).toString('latin1');
  const { address: located, region } = dump.locate(place.offset);
  return { text: text.slice(0, text.indexOf('\0')), address: located, region };
}

/** The expected result of {@link lookUp} at each marker. `name`: name of the threads, if the dump has it. */
export function expected(printed: ReadonlyMap<string, Printed>, name?: string): Map<string, unknown> {
  const stack = (key: string) => ({
    kind: 'stack',
    thread: printed.get(key)!.id,
    ...(name === undefined ? {} : { name }),
  });
  const inProgram = { kind: 'module', name: expect.stringMatching(/\/program\+0x[0-9a-f]+$/) };
  const regions: [key: string, text: string, region: unknown][] = [
    ['main', 'MAIN-MARKER', stack('main')],
    ['thread', 'THREAD-MARKER', stack('thread')],
    ['argument', 'ARGUMENT MARKER', { kind: 'argv' }],
    ['environment', 'ENVIRONMENT-MARKER', { kind: 'environment', name: 'MARKED' }],
    ['small', 'HEAP-MARKER', { kind: 'heap' }],
    ['large', 'MMAP-MARKER', { kind: 'heap' }],
    ['bss', 'BSS-MARKER', inProgram],
    ['data', 'DATA-MARKER', inProgram],
  ];
  return new Map(
    regions.map(([key, text, region]) => [key, { text, address: printed.get(key)!.address, region }]),
  );
}
