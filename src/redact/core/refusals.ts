import { DumpsieveError } from '../../core/base/runtime/errors.js';

/** A dump of which no copy is made; exit 2. */
const refused = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint }, 2);

export const refusals = {
  bits32: () =>
    refused(
      'redact-32bit',
      'the dump is of a 32-bit process: with 4 bytes a word, data often looks like an address',
      'say --accept-32bit if some words of secrets may stay',
    ),
  machine: (name: string) =>
    refused(
      'redact-machine',
      `the layout of registers of this machine (${name}) is unknown`,
      'a copy for backtraces can be made of dumps of Linux and Windows on common machines',
    ),
  noThreads: () =>
    refused(
      'redact-no-threads',
      'the dump has no registers of threads: there is nothing to print a backtrace of',
      'the file may be truncated: gcore writes registers after the memory. Take the dump again',
    ),
  physical: () =>
    refused(
      'redact-physical',
      'the dump is of a machine, not of a process',
      'a copy for backtraces can be made of the dump of one process',
    ),
  noProgram: () =>
    new DumpsieveError({
      code: 'redact-no-program',
      message: "--exe cannot be read, or has no symbols of Go's runtime",
      hint: 'name the file that was running, not stripped; other languages need no --exe',
    }),
  otherProgram: () =>
    new DumpsieveError({
      code: 'redact-other-program',
      message: '--exe is not the program of the dump: its program headers are others',
      hint: 'name the very file that was running, or leave --exe out',
    }),
  overlap: () =>
    refused(
      'redact-overlap',
      'headers or notes share bytes with memory in the file: what they hold may be data',
      'the dump is damaged or made to mislead; keep it where it is',
    ),
  codeEverywhere: () =>
    refused(
      'redact-code-everywhere',
      'the dump calls more memory executable than any process has: most addresses would pass as code',
      'the dump is damaged or made to mislead; keep it where it is',
    ),
  heapHeader: () =>
    refused(
      'redact-heap-header',
      'the header of the heap dump is cut or damaged: the size of its identifiers is unknown',
      'get a whole copy of the dump',
    ),
  snapshotForm: (offset: number) =>
    new DumpsieveError(
      {
        code: 'redact-snapshot-form',
        message: `the heap snapshot has at offset ${offset} what V8 does not write, or its counts differ`,
        hint: 'the file may be truncated or written by another program: take the snapshot again',
        offset,
      },
      2,
    ),
  tooLarge: () =>
    refused(
      'redact-too-many-parts',
      'the dump has more threads, notes and modules than any process',
      'the dump is damaged or made to mislead; keep it where it is',
    ),
};
