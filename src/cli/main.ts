import { type Command, CommanderError } from 'commander';
import { protectOwnMemory } from '../base/runtime/own-memory.js';
import { explain, explainUncaught, printMasked, quietOnBrokenPipe } from './failure.js';
import { createProgram } from './program.js';

/** The whole program: `process.argv` in, exit status out. */
export async function main(argv: string[]): Promise<number> {
  quietOnBrokenPipe();
  explainUncaught(argv.includes('--debug'));
  let status = 0;
  const complaints: string[] = [];
  const program = createProgram((code) => {
    status = code;
  });
  for (const command of [
    program,
    ...program.commands,
    ...program.commands.flatMap((verb) => verb.commands),
  ]) {
    command.configureOutput({ writeErr: (text) => complaints.push(text) });
  }
  try {
    protectOwnMemory();
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      await printMasked(complaints.join(''), secretFiles(argv, program));
      return error.exitCode === 0 ? 0 : 3;
    }
    const debug = program.commands.some((command) => command.opts<{ debug?: boolean }>().debug === true);
    return explain(error, debug, secretFiles(argv, program));
  }
}

const SECRET_FLAGS = ['find', 'allow'] as const;

/** The files of --find and --allow, on the command line and in the configuration. */
function secretFiles(argv: readonly string[], program: Command): string[] {
  const parsed = program.commands.flatMap((command) => {
    const options = command.opts<Partial<Record<(typeof SECRET_FLAGS)[number], string[]>>>();
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
