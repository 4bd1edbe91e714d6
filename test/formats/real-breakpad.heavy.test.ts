import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { openDump } from '../../src/formats/formats.js';
import { breakpadArguments } from '../support/breakpad.js';
import { scanJson } from '../support/cli.js';
import { describeWith } from '../support/describe.js';
import { program } from '../support/programs.js';
import { freshSecrets } from '../support/secrets.js';
import { expectAsLlvm } from './llvm-minidump.js';
import { ARGS, compile, ENV, expected, lookUp, parsePrinted } from './marked-process.js';

/** Lets Breakpad's client dump the program when it crashes: to a file, or to standard error as text. */
const CLIENT = `
#include <stdlib.h>
#include <unistd.h>
#include "client/linux/handler/exception_handler.h"
using namespace google_breakpad;
static bool done(const MinidumpDescriptor &, void *, bool succeeded) { _exit(!succeeded); }
__attribute__((constructor)) static void install() {
  MinidumpDescriptor text(MinidumpDescriptor::kMicrodumpOnConsole), file(".");
  new ExceptionHandler(getenv("MICRODUMP") ? text : file, nullptr, done, nullptr, true, -1);
}
`;

/** Memory that Breakpad leaves out: it dumps stacks. */
const LEFT_OUT = ['small', 'large', 'bss', 'data'];

describeWith(['gcc', 'g++', 'breakpad', 'obj2yaml-19'], 'a dump by Breakpad', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dumpsieve-breakpad-'));
    compile(folder, ['-c', '-o', 'program.o']);
    writeFileSync(join(folder, 'client.cc'), CLIENT);
    const args = ['-O0', '-o', 'program', 'program.o', 'client.cc', ...breakpadArguments()];
    execFileSync(program('g++'), args, { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const crash = (env: Record<string, string>) => {
    const options = { cwd: folder, env: { ...env, CRASH: '1' }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(join(folder, 'program'), ARGS, options);
    expect(status).toBe(0);
    return { printed: parsePrinted(stdout), stderr };
  };

  test('as a minidump says what each place is, and what LLVM reads of it', () => {
    const { printed } = crash(ENV);
    const path = join(folder, readdirSync(folder).find((file) => file.endsWith('.dmp'))!);
    const reader = bufferReader(readFileSync(path));
    const dump = openDump(reader);
    for (const [key, seen] of expected(printed)) {
      const found = lookUp(reader, dump, printed.get(key)!.address);
      expect([key, found]).toEqual([key, LEFT_OUT.includes(key) ? undefined : seen]);
    }
    expect(dump.process).toMatchObject({
      pid: printed.get('main')!.id,
      signalName: 'SIGABRT',
      command: [join(folder, 'program'), ...ARGS].join(' '),
    });
    expect(dump.warnings).toEqual([]);
    expectAsLlvm(dump, path);
  });

  test('as a microdump has the stack by address', async () => {
    const { github } = freshSecrets();
    const { printed, stderr } = crash({ MARKED: github, MICRODUMP: '1' });
    const path = join(folder, 'microdump.txt');
    writeFileSync(path, stderr);
    const { report } = await scanJson([path]);
    const { address } = printed.get('environment')!;
    expect(report.artifacts).toMatchObject([{ format: 'breakpad-microdump' }, { warnings: [] }]);
    expect(report.findings.map(({ location: { address, region } }) => [address, region])).toEqual([
      [`0x${address.toString(16)}`, { kind: 'stack' }],
    ]);
  });
});
