import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asset } from '../../../src/core/base/runtime/assets.js';
import { holdsWindows } from '../../redact/windows.js';
import { gcore, startTarget, type Target } from '../../support/processes.js';
import { PYTHON, program, type RequirementName } from '../../support/programs.js';

const run = promisify(execFile);

/**
 * Programs that read random bytes into heap and stacks, get them as an argument and in the environment, and
 * wait in nested calls.
 */
const MARK = 64 * 1024;

const C_PROGRAM = `
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static unsigned char *mark;
static volatile int up;
static void *work(void *number) {
  volatile unsigned char local[4096];
  memcpy((void *)local, mark + 4096 * (long)number, sizeof local);
  up++;
  for (;;) pause();
  return (void *)(long)local[0];
}
__attribute__((noinline)) static int deep(int left) {
  volatile unsigned char local[1000];
  memcpy((void *)local, mark + 1000 * left, sizeof local);
  if (left > 0) return deep(left - 1) + local[3];
  while (up < THREADS) usleep(1000);
  puts("ready");
  fflush(stdout);
  unsigned long *r = (unsigned long *)(mark + 32768);
  /* pause(2) with marked registers */
  __asm__ volatile("movups 64(%0), %%xmm3; mov 0(%0), %%rbx; mov 8(%0), %%r12; mov 16(%0), %%r13;"
    "mov 24(%0), %%r14; mov 32(%0), %%r15; mov 40(%0), %%r8; mov 48(%0), %%r9; mov 56(%0), %%r10;"
    "mov 80(%0), %%rsi; mov 88(%0), %%rdi; mov $34, %%eax; syscall"
    :: "r"(r) : "rbx", "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11",
    "r12", "r13", "r14", "r15", "rax", "memory");
  return local[5];
}
int main(void) {
  pthread_t thread;
  mark = malloc(${MARK});
  if (fread(mark, 1, ${MARK}, stdin) != ${MARK}) return 1;
  for (long number = 0; number < THREADS; number++) pthread_create(&thread, 0, work, (void *)number);
  return deep(10);
}
`;

const PYTHON_PROGRAM = `
import sys, threading, time
data = sys.stdin.buffer.read(${MARK})
numbers, text = list(data[:4096]), data[4096:8192].hex()
for i in range(2): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
def deep(left):
    if left > 0: return deep(left - 1)
    print('ready', flush=True)
    time.sleep(1000)
deep(10)
`;

const NODE_PROGRAM = `
const chunk = Buffer.alloc(${MARK});
for (let at = 0; at < ${MARK}; ) at += require('fs').readSync(0, chunk, at, ${MARK} - at, null);
globalThis.held = [[...chunk.subarray(0, 4096)], chunk.toString('hex'), chunk.toString('base64')];
function deep(left) {
  if (left > 0) return deep(left - 1) + 1;
  console.log('ready');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1e6);
}
deep(10);
`;

export interface Prepared {
  file: string;
  args: string[];
}

export function compiled(folder: string, threads: number): Prepared {
  writeFileSync(join(folder, 'program.c'), C_PROGRAM);
  const args = ['-O2', '-pthread', `-DTHREADS=${threads}`, '-o', 'program', 'program.c'];
  execFileSync('gcc', args, { cwd: folder });
  return { file: join(folder, 'program'), args: [] };
}

/** Tests take those before JavaScript: gdb reads Node's symbols for ten seconds. */
export const PROGRAMS: [name: string, needs: RequirementName[], prepare: (folder: string) => Prepared][] = [
  ['in C with 7 threads', ['gcc'], (folder) => compiled(folder, 7)],
  ['in Python', ['python3'], () => ({ file: PYTHON, args: ['-c', PYTHON_PROGRAM] })],
  ['in JavaScript', [], () => ({ file: process.execPath, args: ['-e', NODE_PROGRAM] })],
];

export async function started({ file, args }: Prepared): Promise<{ target: Target; secrets: Buffer[] }> {
  const mark = randomBytes(MARK);
  const env = { MARK: mark.subarray(0, 30_000).toString('base64') };
  const argument = mark.subarray(0, 256).toString('hex');
  const waiting = startTarget(file, [...args, argument], { env, ready: 'ready', input: mark });
  const texts = [mark.toString('hex'), mark.toString('base64'), env.MARK];
  return { target: await waiting, secrets: [mark, ...texts.map((text) => Buffer.from(text))] };
}

/** Frames and libraries, as gdb prints them; without guesses, for which it has no unwind tables. */
async function backtraces(exe: string, core: string): Promise<string[]> {
  const commands = ['thread apply all bt', 'info sharedlibrary'];
  const args = [
    ...['-nx', '-batch', '-iex', 'set debuginfod enabled off', '-iex', 'set auto-load off'],
    ...['-ex', 'set width 0', '-ex', 'set print frame-arguments none', '-ex', `core-file ${core}`],
    ...commands.flatMap((command) => ['-ex', command]),
  ];
  const { stdout } = await run(program('gdb'), [...args, exe]);
  return stdout.split('\n').filter((line) => /^(#\d+ |0x)/.test(line) && !line.includes('in ?? ()'));
}

/** A dump of a program, its copy, and both as gdb prints them. */
export interface Compared {
  before: string[];
  after: string[];
  /** True if the copy has 8 bytes of what the program has read. */
  leaks: boolean;
}

/** Starts a program, dumps it by gcore, copies the dump by the command line and compares the two. */
export async function compareCopy(prepared: Prepared, folder: string): Promise<Compared> {
  const { target, secrets } = await started(prepared);
  const core = await gcore(target.pid, folder).finally(() => target.stop());
  const copy = join(folder, 'copy');
  const command = fileURLToPath(asset('bin/dumpsieve.js'));
  const args = [command, 'redact', core, '-o', copy, '--keep', 'backtrace'];
  const { stderr } = await run(process.execPath, args);
  if (stderr !== '') throw new Error(stderr);
  const [before, after] = await Promise.all([
    backtraces(prepared.file, core),
    backtraces(prepared.file, copy),
  ]);
  return { before, after, leaks: holdsWindows(copy, secrets) };
}
