import type { Command } from 'commander';
import { EXIT } from '../core/base/runtime/errors.js';
import { INSPECT_OPTIONS } from '../core/options/inspect-table.js';
import type { LibraryOptionsOf } from '../core/options/table.js';
import { printMasked } from './failure.js';
import { addFlags, INSPECT_FLAGS, valuesOf } from './flags.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print } from './print.js';
import { rawPath } from './raw-arguments.js';
import { requireOtherOutput } from './standard-output.js';
import { stoppable } from './stoppable.js';

/** The values of `inspect`'s options, by their names in the table. */
type Values = LibraryOptionsOf<typeof INSPECT_OPTIONS> & {
  format: (typeof INSPECT_OPTIONS.format.choices)[number];
  verbose?: boolean;
};

export function registerInspect(program: Command, finish: Finish): void {
  const command = program
    .command('inspect')
    .description('say what a dump is: process, memory that is there and missing, region of a place')
    .argument('<file>', 'a dump, a container with dumps, a folder, or - for standard input')
    .argument('[place]', 'an address (0x7f…), or an offset in the file (4096, +0x1000)')
    .addHelpText(
      'after',
      `
No secret is searched for, and no byte of memory is printed. Where a dump has no addresses, 0x… is an offset.

Exit status: 0 the dump is whole; 2 it is damaged, lacks memory that it describes, or its format is not
parsed; 3 wrong call.`,
    );
  addExamples(command, [
    ['dumpsieve inspect core.1234'],
    ['dumpsieve inspect core.1234 0x7ffc12345678', 'stack of which thread, or which module'],
    ['dumpsieve inspect --format json app.dmp'],
  ]);
  addFlags(command, INSPECT_FLAGS, true).action(async (file: string, place: string | undefined) => {
    finish(await inspectVerb(file, place, valuesOf<Values>(command, INSPECT_OPTIONS)));
  });
}

/** Inspects, prints the answer, and returns the exit status. */
async function inspectVerb(file: string, place: string | undefined, values: Values): Promise<number> {
  const path = rawPath(file);
  const { format, verbose = false, archivePasswordFile, spoolDir } = values;
  const given = { ...(archivePasswordFile && { archivePasswordFile }), ...(spoolDir && { spoolDir }) };
  requireOtherOutput(INSPECT_OPTIONS, given, [path]);
  const { inspect } = await import('../index.js');
  return stoppable(
    false,
    ({ signal }) => inspect({ path, ...(place !== undefined && { place }), ...given, signal }),
    async (result) => {
      if (format === 'json') print(`${JSON.stringify(result, null, 2)}\n`);
      else {
        const { inspectionLines } = await import('./inspect-lines.js');
        print(inspectionLines(result, verbose).join(''));
        for (const { code, message, hint } of result.warnings)
          await printMasked(`dumpsieve: ${code}: ${message}\n${hint ? `  hint: ${hint}\n` : ''}`, []);
      }
      return result.complete ? EXIT.clean : EXIT.incomplete;
    },
  );
}
