import { createRequire } from 'node:module';
import type { Call } from './warm.js';

/**
 * Makes each call that it is sent as a run of its own would: the entry that bin/ calls, what is printed, the exit status.
 * Its argument is what loads the program.
 */

const [node, , loader] = process.argv as [string, string, string];
const { Program } = createRequire(import.meta.url)(loader) as {
  Program: new () => { load(name: string): { main(argv: string[]): Promise<number> } };
};
const { main } = new Program().load('main.cjs');

// Each call listens as if it were the only one.
for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);

/** From now on keeps what is written to the stream; the answer is read with what it returns. */
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
