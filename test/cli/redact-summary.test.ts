import { expect, test } from '@jest/globals';
import { summaryOf } from '../../src/cli/redact-summary.js';
import type { BacktraceCopy, FilledCopy, RedactResult } from '../../src/index.js';

const PUBLISHED = { sha256: 'ab'.repeat(32), manifest: 'm.json' };
const filled = (bytes: number): FilledCopy => ({
  ...{ keep: 'all', format: 'elf-core', bytes: 4096, filled: bytes, rounds: bytes > 0 ? 1 : 0 },
  causes: bytes > 0 ? [{ cause: 'github-token', places: 1, bytes }] : [],
  ...PUBLISHED,
});
const backtrace = (word: 4 | 8, heap = false): BacktraceCopy =>
  ({
    ...{
      keep: 'backtrace',
      format: 'elf-core',
      bytes: 4096,
      kept: 96,
      threads: 1,
      modules: 1,
      withoutStack: 0,
    },
    ...{
      words: { words: 9, code: 1, stack: 1, dropped: 7 },
      memory: { described: 0, present: 0, missing: [] },
      word,
    },
    ...(heap ? { heap: { objects: 3, texts: 2, filledTexts: 1, damaged: 0 } } : {}),
    ...PUBLISHED,
  }) as unknown as BacktraceCopy;

/** A debugger prints what was replaced as if it were real, and one line says so. */
test.each<[what: string, copy: RedactResult, line: RegExp | undefined]>([
  ['filled bytes', filled(40), /^a debugger prints filled bytes as if they were values of the program$/m],
  ['an equal copy', filled(0), undefined],
  [
    'words of 8 bytes',
    backtrace(8),
    /^a debugger prints replaced words \(0x0defaced0defaced, outside of stacks 0\) as/m,
  ],
  [
    'words of 4 bytes',
    backtrace(4),
    /^a debugger prints replaced words \(0x0defaced, outside of stacks 0\) as/m,
  ],
  ['values of a heap', backtrace(8, true), /^tools print replaced values and texts as if they were values/m],
])('%s', (_what, copy, line) => {
  const summary = summaryOf(copy, 'm.json');
  expect(summary.match(/as if they were/g) ?? []).toHaveLength(line === undefined ? 0 : 1);
  if (line !== undefined) expect(summary).toMatch(line);
});
