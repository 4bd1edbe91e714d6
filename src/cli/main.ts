import { CommanderError } from 'commander';
import { explain, quietOnBrokenPipe } from './failure.js';
import { createProgram } from './program.js';

/** The whole program: `process.argv` in, exit status out. */
export async function main(argv: string[]): Promise<number> {
  quietOnBrokenPipe();
  let status = 0;
  const program = createProgram((code) => {
    status = code;
  });
  try {
    await program.parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 3;
    const debug = program.commands.some((command) => command.opts<{ debug?: boolean }>().debug === true);
    return explain(error, debug);
  }
}
