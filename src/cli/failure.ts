import { DumpsieveError, systemCode } from '../errors.js';
import { escapeText } from '../escape.js';

/** Status of a program that a closed pipe ended (128 + SIGPIPE): never 0, since not all may have been read. */
const SIGPIPE_STATUS = 141;

/** A closed pipe (`| head`) ends the program as its reader wishes: at once and without a word. */
export function quietOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (systemCode(error) === 'EPIPE') process.exit(SIGPIPE_STATUS);
      throw error;
    });
  }
}

/** Prints an error as what, where and how to mend it; returns the exit status. A stack only with --debug. */
export function explain(error: unknown, debug: boolean): number {
  const known = error instanceof DumpsieveError;
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`dumpsieve: ${known ? `${error.code}: ` : 'internal error: '}${escapeText(text)}\n`);
  if (known && error.hint !== undefined) process.stderr.write(`  hint: ${escapeText(error.hint)}\n`);
  if (!known)
    process.stderr.write('  hint: run again with --debug and report what it prints; it holds no secret\n');
  if (debug && error instanceof Error && error.stack !== undefined) {
    process.stderr.write(`${error.stack.split('\n').slice(1).map(escapeText).join('\n')}\n`);
  }
  return known ? error.exit : 3;
}
