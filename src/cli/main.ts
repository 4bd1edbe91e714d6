import { CommanderError } from 'commander';
import { explain, explainUncaught, printMasked, quietOnBrokenPipe } from './failure.js';
import { protectOwnMemory } from './own-memory.js';
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
      await printMasked(complaints.join(''));
      return error.exitCode === 0 ? 0 : 3;
    }
    const debug = program.commands.some((command) => command.opts<{ debug?: boolean }>().debug === true);
    return explain(error, debug);
  }
}
