import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import type { Dump } from '../../src/formats/memory/types.js';
import { describeWith } from '../support/describe.js';
import { CRASHPAD_HANDLER } from '../support/programs.js';
import { expectAsLlvm } from './llvm-minidump.js';
import { ARGS, compile, ENV, expected, lookUp, type Printed, parsePrinted } from './marked-process.js';

/**
 * A client without Crashpad's library: its handler for SIGABRT has chrome_crashpad_handler dump its parent,
 * as Crashpad's StartHandlerAtCrash does. The handler finds CrashpadInfo (client/crashpad_info.h) by a note
 * of the executable (client/crashpad_info_note.S).
 */
const CLIENT = `
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* snapshot/linux/exception_information.h */
static struct __attribute__((packed)) { uint64_t siginfo, context; int32_t thread; } exception;
/* client/simple_string_dictionary.h */
static struct { char key[256], value[256]; } annotations[64] = {{ "api_token", "ANNOTATION-MARKER" }};
__attribute__((visibility("hidden"))) struct {
  uint32_t signature, size, version, gather_cap, padding;
  uint8_t behavior, forwarding, gather, padding2;
  uint64_t extra_memory, annotations, user_streams, annotation_list;
} crashpad_info = { 0x43506164, sizeof crashpad_info, 1, .annotations = (uint64_t)annotations };
__asm__(".pushsection .note.crashpad.info, \\"a\\", @note\\n.balign 4\\n"
        ".long 2f - 1f, 4f - 3f, 0x4f464e49\\n"
        "1: .asciz \\"Crashpad\\"\\n2: .balign 4\\n3: .quad crashpad_info - 3b\\n"
        "4: .balign 4\\n.popsection\\n");
static void dump(int number, siginfo_t *siginfo, void *context) {
  char at[64];
  int status;
  exception.siginfo = (uint64_t)siginfo;
  exception.context = (uint64_t)context;
  exception.thread = (int32_t)syscall(SYS_gettid);
  snprintf(at, sizeof at, "--trace-parent-with-exception=%p", (void *)&exception);
  prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
  pid_t child = fork();
  if (child == 0) execl("${CRASHPAD_HANDLER}", "handler", at, "--database=database", (char *)0), _exit(1);
  waitpid(child, &status, 0);
  _exit(status != 0);
}
__attribute__((constructor)) static void install(void) {
  struct sigaction action = { .sa_sigaction = dump, .sa_flags = SA_SIGINFO };
  sigaction(SIGABRT, &action, 0);
}
`;

/** Memory that Crashpad leaves out: by default it dumps stacks alone. */
const LEFT_OUT = ['small', 'large', 'bss', 'data'];

describeWith(['gcc', 'chrome_crashpad_handler', 'obj2yaml-19'], 'a minidump by Crashpad', () => {
  let folder: string;
  let path: string;
  let bytes: Buffer;
  let dump: Dump;
  let printed: Map<string, Printed>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-crashpad-'));
    writeFileSync(join(folder, 'client.c'), CLIENT);
    compile(folder, ['client.c']);
    mkdirSync(join(folder, 'database'));
    const options = { cwd: folder, env: { ...ENV, CRASH: '1' }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(join(folder, 'program'), ARGS, options);
    if (status !== 0) throw new Error(stderr);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    path = join(folder, files.find((file) => file.endsWith('.dmp'))!);
    bytes = readFileSync(path);
    dump = openDump(bufferReader(bytes));
    printed = parsePrinted(stdout);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('says what each place is', () => {
    // Crashpad writes names of threads; the default is the program's name.
    for (const [key, seen] of expected(printed, 'program')) {
      const found = lookUp(bufferReader(bytes), dump, printed.get(key)!.address);
      expect([key, found]).toEqual([key, LEFT_OUT.includes(key) ? undefined : seen]);
    }
  });

  test('has its process and annotations', () => {
    expect(dump.process).toMatchObject({
      pid: printed.get('main')!.id,
      threads: 2,
      signalName: 'SIGABRT',
      executable: join(folder, 'program'),
    });
    const region = { kind: 'note', name: 'Crashpad annotation api_token' };
    expect(dump.locate(bytes.indexOf('ANNOTATION-MARKER')).region).toEqual(region);
    expect(dump.memory!.missing).toEqual([]);
    expect(dump.warnings).toEqual([]);
  });

  test('has what LLVM reads of it', () => {
    expectAsLlvm(dump, path);
  });
});
