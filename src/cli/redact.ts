import type { Command } from 'commander';
import { compileLess } from '../core/base/runtime/compile-less.js';
import { DumpsieveError, EXIT, worstExit } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import type { RedactTable } from '../core/options/check-options.js';
import { REDACT_OPTIONS } from '../core/options/redact-table.js';
import { DEFAULTS } from '../core/options/table.js';
import type { FolderCopy, FolderOptions, RedactOptions, RedactResult } from '../index.js';
import { settleStatus } from './failure.js';
import { addFlags, REDACT_FLAGS, valuesOf } from './flags.js';
import { addExamples, type Finish } from './help.js';
import { isFolder } from './is-folder.js';
import { print, printBeside } from './print.js';
import { rawPath } from './raw-arguments.js';
import { FILLS_LOOK_REAL, grouped, summaryOf } from './redact-summary.js';
import { requireOtherOutput } from './standard-output.js';
import { stoppable } from './stoppable.js';
import { type Column, tableLines } from './table.js';
import { startThreads } from './threads.js';

/** The name of standard input and output. */
const STANDARD = '-';

/** The values of `redact`'s options, by their names in the table. */
type Values = RedactTable & { progress?: boolean; quiet?: boolean; debug?: boolean };

export function registerRedact(program: Command, finish: Finish): void {
  const command = program
    .command('redact')
    .description('copy a dump so that it is still of use and holds nothing of value')
    .argument('<file>', 'the dump, - for standard input, or a folder of dumps')
    .addHelpText(
      'after',
      `
The copy is as long as the dump, and holes stay holes. By default every place of every finding is filled,
those that pass the gate too, and what would be left is scanned, with all that is known, until a scan finds
nothing. The copy gets its name when it was written and read back; else there is no new file. What stays:
docs/redact.md. A manifest beside it says how it was made; with --sign, its receiver can prove both by
dumpsieve verify. A compressed dump (gzip, zstd) has a copy that is compressed again. Of a folder each file
has a copy of its own, and the exit status is the worst of all: 3, 1, 2, 0.

Exit status: 0 the copy is there, and proven; 1 secrets were still found in the end; 2 the dump was not read
or searched whole, changed meanwhile or cannot be copied safely; 3 wrong call, or the output is there and
--force is not given.`,
    );
  addExamples(command, [
    ['dumpsieve redact core.1234 -o core.redacted', 'all but the secrets'],
    ['dumpsieve redact core.1234 -o core.redacted --keep backtrace', 'for: gdb -c core.redacted'],
    ['dumpsieve redact dumps/ -o redacted/', 'each file below a folder'],
    ['dumpsieve redact heap.hprof -o heap.redacted.hprof --keep backtrace', 'objects without values'],
    ['dumpsieve redact crash.dmp -o crash.redacted.dmp --keep backtrace --paths hash'],
    ['dumpsieve redact core.1234 -o core.redacted --keep backtrace --sign ci.key', 'for: dumpsieve verify'],
    ['coredumpctl dump 1234 | dumpsieve redact - -o - --manifest m.json | gzip > core.gz', 'through pipes'],
  ]);
  addFlags(command, REDACT_FLAGS, true).action(async (file: string) => {
    const values = valuesOf<Values>(command, REDACT_OPTIONS);
    finish(await redactVerb(file, values));
  });
}

/** Copies, prints a summary, and returns the exit status. */
async function redactVerb(file: string, values: Values): Promise<number> {
  const options = optionsOf(file, values);
  requireOtherOutput(REDACT_OPTIONS, values, [options.input]);
  if (options.input !== STANDARD && isFolder(options.input)) return redactFolderVerb(options, values);
  const searches = options.keep !== 'backtrace';
  const threads = searches && startThreads([options.input], values.jobs ?? DEFAULTS.jobs);
  const { maskText, redact } = await import('../index.js');
  if (searches && !threads) compileLess();
  return stoppable(
    values.progress,
    (watch) => redact({ ...options, ...watch }),
    async (result) => {
      settleStatus(EXIT.clean);
      const write = options.output === STANDARD ? printBeside : print;
      if (!values.quiet) write(summaryOf(result, await shownName(result.manifest, maskText)));
      return EXIT.clean;
    },
  );
}

/** A name may be a secret, as in errors. The copy is there, whether the rules can be read or not. */
async function shownName(name: string, mask: (text: string) => Promise<string>): Promise<string> {
  try {
    return await mask(escapeText(name));
  } catch {
    return '[its name cannot be masked]';
  }
}

function optionsOf(file: string, { progress: _p, quiet: _q, debug: _d, ...given }: Values): RedactOptions {
  const { output } = given;
  if (output === undefined)
    throw new DumpsieveError({
      code: 'wrong-call',
      message: 'no file is named for the copy',
      hint: 'say -o FILE',
    });
  const options = { ...given, input: rawPath(file), output };
  if (output !== STANDARD) return options;
  if (process.stdout.isTTY)
    throw new DumpsieveError({
      code: 'wrong-call',
      message: 'a copy is no text for a terminal',
      hint: 'say -o FILE, or pipe it',
    });
  return { ...options, stdout: process.stdout };
}

/** Copies the dumps of a folder, prints a table of them, and returns the worst of their exit statuses. */
async function redactFolderVerb(
  options: FolderOptions,
  { progress, quiet }: { progress?: boolean; quiet?: boolean },
): Promise<number> {
  const { redactFolder } = await import('../index.js');
  const copies: FolderCopy[] = [];
  return stoppable(
    progress,
    async (watch) => {
      for await (const copy of redactFolder({ ...options, ...watch })) copies.push(copy);
    },
    () => {
      const status = worstExit(new Set(copies.map(({ exit }) => exit)));
      settleStatus(status);
      if (!quiet) print(tableOf(copies));
      for (const { path, problem } of copies) {
        if (problem === undefined) continue;
        const { code, message, hint = '' } = problem;
        printBeside(`dumpsieve: ${path}: ${code}: ${message}\n${hint && `  hint: ${hint}\n`}`);
      }
      return status;
    },
  );
}

const COLUMNS: readonly Column[] = [
  { heading: 'file' },
  { heading: 'copy' },
  { heading: 'exit', right: true },
  { heading: 'bytes', right: true },
  { heading: 'what' },
];

/** Names are masked by now. */
function tableOf(copies: readonly FolderCopy[]): string {
  const rows = copies.map(({ path, exit, copy, problem }) => [
    path,
    copy ? 'yes' : 'no',
    String(exit),
    copy ? grouped(copy.bytes) : '',
    copy ? whatOf(copy) : (problem?.code ?? ''),
  ]);
  const made = copies.filter(({ copy }) => copy !== undefined).length;
  const total = `copies: ${grouped(made)}, without one: ${grouped(copies.length - made)}`;
  const note = copies.some(({ copy }) => copy !== undefined && isChanged(copy)) ? [FILLS_LOOK_REAL] : [];
  return `${[...tableLines(COLUMNS, rows), total, ...note].join('\n')}\n`;
}

const isChanged = (copy: RedactResult): boolean => copy.keep === 'backtrace' || copy.filled > 0;

function whatOf(copy: RedactResult): string {
  const { format } = copy;
  if (copy.keep === 'backtrace') return `${format}, kept ${grouped(copy.kept)}`;
  return copy.filled === 0 ? `${format}, nothing found` : `${format}, filled ${grouped(copy.filled)}`;
}
