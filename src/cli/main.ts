import { type Command, CommanderError } from 'commander';
import { protectOwnMemory } from '../core/base/runtime/own-memory.js';
import { explain, explainUncaught, printMasked, quietOnBrokenPipe } from './failure.js';
import type { Finish } from './help.js';
import { addLateVerbs, createProgram } from './program.js';

/** The whole program: `process.argv` in, exit status out. */
export async function main(argv: string[]): Promise<number> {
  quietOnBrokenPipe();
  explainUncaught(argv.includes('--debug'));
  let status = 0;
  const complaints: string[] = [];
  const finish: Finish = (code) => {
    status = code;
  };
  const program = createProgram(finish);
  if (argv[2] !== 'scan') await addLateVerbs(program, finish);
  for (const command of [program, ...verbsOf(program)])
    command.configureOutput({ writeErr: (text) => complaints.push(text) });
  try {
    protectOwnMemory();
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      await printMasked(complaints.join(''), secretFiles(argv, program));
      return error.exitCode === 0 ? 0 : 3;
    }
    const debug = verbsOf(program).some((command) => command.opts<{ debug?: boolean }>().debug === true);
    return explain(error, debug, secretFiles(argv, program));
  }
}

/** All verbs, and verbs of verbs. */
const verbsOf = (program: Command): Command[] => program.commands.flatMap((verb) => [verb, ...verb.commands]);

const SECRET_FLAGS = ['find', 'allow', 'key'] as const;

/** The files of --find, --allow and --key, on the command line and in the configuration. */
function secretFiles(argv: readonly string[], program: Command): string[] {
  const parsed = verbsOf(program).flatMap((command) => {
    const options = command.opts<Partial<Record<(typeof SECRET_FLAGS)[number], string | string[]>>>();
    return SECRET_FLAGS.flatMap((name) => options[name] ?? []);
  });
  // A wrong flag ends the parse before later ones are read.
  const given = argv.flatMap((word, i) =>
    SECRET_FLAGS.flatMap((name) => {
      if (word === `--${name}`) return argv[i + 1] ?? [];
      return word.startsWith(`--${name}=`) ? word.slice(`--${name}=`.length) : [];
    }),
  );
  return [...new Set([...parsed, ...given])];
}
