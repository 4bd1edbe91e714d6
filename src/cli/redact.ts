import type { Command } from 'commander';
import { DumpsieveError } from '../base/runtime/errors.js';
import type { RedactOptions, RedactResult } from '../index.js';
import type { RedactTable } from '../options/redact-options.js';
import { REDACT_OPTIONS } from '../options/redact-table.js';
import { addFlags, REDACT_FLAGS, valuesOf } from './flags.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import type { Finish } from './program.js';
import { createProgress } from './progress.js';
import { rawPaths } from './raw-arguments.js';
import { onSignals } from './signals.js';

/** The values of `redact`'s options, by their names in the table. */
type Values = RedactTable & { progress?: boolean; quiet?: boolean; debug?: boolean };

export function registerRedact(program: Command, finish: Finish): void {
  const command = program
    .command('redact')
    .description('copy a dump so that it is still of use and holds nothing of value')
    .argument('<file>', 'the dump: an ELF core, a minidump or a heap dump of Java or V8')
    .addHelpText(
      'after',
      `
The copy is as long as the dump, and has holes where nothing stays. It gets its name when it was written, read
back and compared with the plan; else there is no new file. What stays: docs/redact.md.

Exit status: 0 the copy is there; 2 the dump was not read whole, changed meanwhile or cannot be copied safely;
3 wrong call, or the output is there and --force is not given.`,
    );
  addExamples(command, [
    ['dumpsieve redact core.1234 -o core.redacted --keep backtrace', 'for: gdb -c core.redacted'],
    ['dumpsieve redact heap.hprof -o heap.redacted.hprof --keep backtrace', 'objects without values'],
    ['dumpsieve redact crash.dmp -o crash.redacted.dmp --keep backtrace --paths hash'],
  ]);
  addFlags(command, REDACT_FLAGS, true).action(async (file: string) => {
    const values = valuesOf<Values>(command, REDACT_OPTIONS);
    finish(await redactVerb(file, values));
  });
}

/** Copies, prints a summary, and returns the exit status. */
async function redactVerb(file: string, values: Values): Promise<number> {
  const { redact } = await import('../index.js');
  const options = optionsOf(file, values);
  const signals = onSignals();
  const progress = createProgress(values.progress);
  try {
    const result = await redact({
      ...options,
      signal: signals.signal,
      onProgress: progress.update,
    });
    progress.stop();
    if (!values.quiet) print(summary(result));
    return 0;
  } catch (error) {
    const stopped = signals.status();
    if (stopped === undefined || error instanceof DumpsieveError) throw error;
    return stopped;
  } finally {
    progress.stop();
    signals.stop();
  }
}

function optionsOf(file: string, { progress: _p, quiet: _q, debug: _d, ...given }: Values): RedactOptions {
  const [input = file, ...more] = rawPaths([file]);
  if (more.length > 0)
    throw missing('two names on the command line are not UTF-8', 'name the files by paths that are');
  const { output, keep } = given;
  if (output === undefined) throw missing('no file is named for the copy', 'say -o FILE');
  if (keep === undefined) throw missing('what the copy keeps is not said', 'say --keep backtrace');
  return { ...given, input, output, keep };
}

const missing = (message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code: 'wrong-call', message, hint });

const grouped = (count: number): string => count.toLocaleString('en-US');

const ofProcess = ({ words, threads, withoutStack, modules }: RedactResult): string[] => [
  `threads: ${grouped(threads)}, modules: ${grouped(modules)}`,
  `words of stacks: ${grouped(words.words)}, of which ${grouped(words.code)} point to code, ` +
    `${grouped(words.stack)} to the same stack, ${grouped(words.dropped)} were replaced`,
  ...(withoutStack > 0 ? [`threads whose stack is not in the dump: ${grouped(withoutStack)}`] : []),
];

const ofHeap = ({ objects, texts, filledTexts, damaged }: NonNullable<RedactResult['heap']>): string[] => [
  `objects: ${grouped(objects)}`,
  `texts: ${grouped(texts)}, of which ${grouped(filledTexts)} are no names and were replaced`,
  ...(damaged > 0 ? [`damaged: ${grouped(damaged)} bytes of no known record, replaced`] : []),
];

/** Counts alone: a summary prints no text of the dump. */
function summary(result: RedactResult): string {
  const { format, bytes, kept, memory, heap, sha256 } = result;
  const lines = [
    `${format}: kept ${grouped(kept)} of ${grouped(bytes)} bytes`,
    ...(heap === undefined ? ofProcess(result) : ofHeap(heap)),
    ...(memory.present < memory.described
      ? [`memory that the dump lacks: ${grouped(memory.described - memory.present)} bytes`]
      : []),
    `sha256: ${sha256}`,
  ];
  return `${lines.join('\n')}\n`;
}
