import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { closest } from '../core/base/text/suggest.js';
import { registerBaseline } from './baseline.js';
import { registerCompletion } from './completion.js';
import { registerFingerprint } from './fingerprint.js';
import { registerGuard } from './guard.js';
import { addExamples, EXIT_MEANINGS, type Finish, version } from './help.js';
import { registerHunt } from './hunt.js';
import { registerInspect } from './inspect.js';
import { registerRedact } from './redact.js';
import { registerReport } from './report.js';
import { registerRules } from './rules.js';
import { registerScan } from './scan.js';
import { registerVerify } from './verify.js';

/** One row a verb. */
const verbs = [
  registerScan,
  registerInspect,
  registerRedact,
  registerVerify,
  registerReport,
  registerBaseline,
  registerGuard,
  registerHunt,
  registerRules,
  registerFingerprint,
  registerCompletion,
];

/**
 * A forgotten verb (`dumpsieve FILE`) is more common than a mistyped one, so an existing file gets a hint.
 */
function unknownCommand(program: Command, name: string): string {
  const guess = closest(
    name,
    program.commands.map((command) => command.name()),
  );
  const hint = existsSync(name)
    ? '\n(To scan it: dumpsieve scan FILE)'
    : guess === undefined
      ? ''
      : `\n(Did you mean ${guess}?)`;
  return `error: unknown command '${name}'${hint}`;
}

/** The program with all its verbs. Throws a CommanderError instead of ending the process. */
export function createProgram(finish: Finish): Command {
  const program = new Command('dumpsieve')
    .description(
      'Finds private keys, tokens and other signing secrets in crash and memory dumps,\n' +
        'and proves what it can by arithmetic. Nothing but hunt opens a connection.',
    )
    .version(version(), '-V, --version')
    .showHelpAfterError('(dumpsieve --help shows the verbs, dumpsieve <verb> --help their flags)')
    .exitOverride();
  addExamples(program, [
    ['dumpsieve scan core.1234'],
    ['dumpsieve scan --format json --output ndjson=report.ndjson dumps/'],
    ['zstd -dc core.zst | dumpsieve scan -'],
  ]);
  const statuses = EXIT_MEANINGS.map(([status, meaning]) => `  ${status}  ${meaning}`);
  program.addHelpText('after', `\nExit status:\n${statuses.join('\n')}`);
  program.on('command:*', ([name = '']: string[]) => program.error(unknownCommand(program, name)));
  for (const register of verbs) register(program, finish);
  for (const command of program.commands) {
    command.exitOverride().copyInheritedSettings(program);
    groupHelp(command);
  }
  return program;
}

/** Puts --help under the last heading. */
function groupHelp(command: Command): void {
  const heading = command.options.findLast(({ hidden }) => !hidden)?.helpGroupHeading;
  if (heading) command.addHelpOption(new Option('-h, --help', 'display help for command').helpGroup(heading));
}

/** Adds the verbs that are loaded late, so that a scan starts without them. */
export async function addLateVerbs(program: Command, finish: Finish): Promise<Command> {
  const hunt = program.commands.find((command) => command.name() === 'hunt')!;
  const { registerHuntVerbs } = await import('../../fleet/verbs/verbs.js');
  registerHuntVerbs(hunt, finish);
  for (const command of hunt.commands) groupHelp(command);
  return program;
}
