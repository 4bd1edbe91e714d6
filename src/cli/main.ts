import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { asset } from '../assets.js';
import { explain, quietOnBrokenPipe } from './failure.js';
import { registerRules } from './rules.js';
import { registerScan } from './scan.js';

/** One row a verb: what registers it. A verb that does not work yet is not there. */
const verbs = [registerScan, registerRules];

function version(): string {
  return (JSON.parse(readFileSync(asset('package.json'), 'utf8')) as { version: string }).version;
}

/** A verb's action sets the exit status through this. */
export type Finish = (status: number) => void;

/** The whole program: `process.argv` in, exit status out. */
export async function main(argv: string[]): Promise<number> {
  quietOnBrokenPipe();
  let status = 0;
  const program = new Command('dumpsieve')
    .description(
      'Finds private keys, tokens and other signing secrets in crash and memory dumps,\nand proves what it can by arithmetic. Nothing is ever sent over a network.',
    )
    .version(version(), '-V, --version')
    .showHelpAfterError('(dumpsieve --help shows the verbs, dumpsieve <verb> --help their flags)')
    .addHelpText(
      'after',
      `
Examples:
  $ dumpsieve scan core.1234
  $ dumpsieve scan --format json --output ndjson=report.ndjson dumps/
  $ zstd -dc core.zst | dumpsieve scan -

Exit status:
  0  every byte of every file was read and searched, and nothing counts
  1  something counts
  2  not everything could be read: keep the dump where it is
  3  wrong call, bad rules or an internal error`,
    )
    .exitOverride();
  for (const register of verbs) register(program, (code) => (status = code));
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
    return explain(error, argv.includes('--debug'));
  }
}
