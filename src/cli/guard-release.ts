import type { Command } from 'commander';
import { DumpsieveError, EXIT } from '../core/base/runtime/errors.js';
import { escapeText } from '../core/base/text/escape.js';
import { GUARD_OPTIONS } from '../core/options/guard-table.js';
import type { ReleasedDump } from '../index.js';
import { addFlags, valuesOf } from './flags.js';
import { policyOf } from './guard-policy.js';
import type { Finish } from './help.js';
import { addExamples } from './help.js';
import { print, printBeside } from './print.js';
import { requireOtherOutput } from './standard-output.js';

/** The values of the verb's options, by their names in the table. */
interface Values {
  policy: string;
  reason?: string;
  output?: string;
}

export function registerGuardRelease(guard: Command, finish: Finish): void {
  const command = guard
    .command('release')
    .description('hand over a dump of the quarantine, as it is sealed, with an entry in the log')
    .argument('<id>', 'id of the dump, or a beginning that only one has')
    .addHelpText(
      'after',
      `
The dump stays sealed to the responder, who opens it: age -d -i KEY FILE | zstd -dc > core. It also stays in
quarantine. Beside FILE there is FILE.info.age, if something was known of the process.

Exit status: 0 handed over; 2 the log has no entry of it, and nothing was; 3 wrong call or policy.`,
    );
  addExamples(command, [
    ['dumpsieve guard release 1796100025 --reason "incident 12" -o core.age'],
    ['dumpsieve guard release 1796100025 --reason "incident 12" -o - | ssh scan-host …'],
  ]);
  const { policy, reason, output, debug } = GUARD_OPTIONS;
  addFlags(command, [policy, reason, output, debug]).action(async (id: string) => {
    finish(await release(id, valuesOf<Values>(command, GUARD_OPTIONS)));
  });
}

async function release(id: string, { policy: file, reason, output }: Values): Promise<number> {
  if (reason === undefined) throw lacking('reason', '"why it is handed over"');
  if (output === undefined) throw lacking('output', 'FILE, or - for standard output');
  const policy = await policyOf(file);
  requireOtherOutput(GUARD_OPTIONS, { policy: file }, []);
  const { releaseDump } = await import('../index.js');
  const isStream = output === '-';
  const say = isStream ? printBeside : print;
  const onHead = (line: string): void => say(`${line}\n`);
  const released = await releaseDump(policy, {
    ...{ id, reason, onHead },
    output: isStream ? process.stdout : output,
  });
  say(summary(released));
  return EXIT.clean;
}

const lacking = (name: string, what: string): DumpsieveError =>
  new DumpsieveError({ code: 'wrong-call', message: `--${name} is missing`, hint: `say --${name} ${what}` });

function summary({ id, files, bytes, sha256 }: ReleasedDump): string {
  const lines = [
    `released: ${id}, ${bytes.toLocaleString('en-US')} bytes, still sealed`,
    `sha256: ${sha256}`,
    ...files.map((file) => `file: ${escapeText(file)}`),
  ];
  return `${lines.join('\n')}\n`;
}
