import { createRequire } from 'node:module';
import type { Call } from './warm.js';

/**
 * Executes each call it receives like a run of its own: the entry point of bin/, the output, the exit status.
 * Argument: the module that loads the program.
 */

const [node, , loader] = process.argv as [string, string, string];
const { Program } = createRequire(import.meta.url)(loader) as {
  Program: new () => { load(name: string): { main(argv: string[]): Promise<number> } };
};
const { main } = new Program().load('main.cjs');

// Each call installs its listeners as if it were the only one.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);

/** Captures what is written to the stream from now on; the returned function reads it. */
function keep(stream: NodeJS.WriteStream): () => string {
  const parts: Buffer[] = [];
  stream.write = (part: Uint8Array | string): boolean => {
    parts.push(Buffer.from(part as string));
    return true;
  };
  return () => Buffer.concat(parts).toString();
}

process.on('message', async ({ args, cwd }: Call) => {
  process.chdir(cwd);
  const [stdout, stderr] = [keep(process.stdout), keep(process.stderr)];
  const status = await main([node, 'dumpsieve', ...args]);
  process.send!({ status, signal: null, stdout: stdout(), stderr: stderr() });
});
