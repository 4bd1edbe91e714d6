import { DumpsieveError, systemCode } from '../base/runtime/errors.js';

/** Status of a program that a closed pipe ended (128 + SIGPIPE): never 0, since not all may have been read. */
const SIGPIPE_STATUS = 141;

/** A closed pipe (`| head`) ends the program as its reader wishes: at once and without a word. */
export function quietOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      const code = systemCode(error);
      if (code === 'EPIPE') process.exit(SIGPIPE_STATUS);
      if (stream !== process.stdout || code === undefined) throw error;
      const failure = notWritten('standard output', code, error);
      process.stderr.write(`dumpsieve: ${failure.code}: ${failure.message}\n  hint: ${failure.hint}\n`);
      process.exit(failure.exit);
    });
  }
}

/** A report that could not be written whole: nobody may take what there is of it for an answer. */
export function notWritten(where: string, code: string | undefined, cause: unknown): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'output-not-written',
      message: `${where}: the report cannot be written (${code ?? 'unknown error'})`,
      hint: 'make room, or name a file on another disk; what is there of the report is not whole',
    },
    3,
    cause,
  );
}

/**
 * Errors that no call catches end the program as any internal error does. Node's own way would print the message, and a
 * message that somebody else wrote may quote what it was about.
 */
export function explainUncaught(debug: boolean): void {
  const end = (error: unknown): void => {
    process.stderr.write(internal(error, debug));
    process.exit(3);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Prints an error as what, where and how to mend it; returns the exit status. A stack only with --debug. */
export async function explain(error: unknown, debug: boolean): Promise<number> {
  if (!(error instanceof DumpsieveError)) {
    process.stderr.write(internal(error, debug));
    return 3;
  }
  const hint = error.hint === undefined ? '' : `\n  hint: ${error.hint}`;
  await printMasked(`dumpsieve: ${error.code}: ${error.lines.join('\n  ')}${hint}\n`);
  if (debug) process.stderr.write(frames(error));
  return error.exit;
}

/** Prints text that may quote the command line: an argument may be a secret in the wrong place. */
export async function printMasked(text: string): Promise<void> {
  if (text !== '') process.stderr.write(await masked(text));
}

async function masked(text: string): Promise<string> {
  try {
    const { maskText } = await import('../index.js');
    return await maskText(text);
  } catch (error) {
    // There is nothing to mask with where the environment names a kernel that there is not: this text quotes nothing.
    if (error instanceof DumpsieveError && error.code === 'no-such-kernel')
      return `dumpsieve: ${error.code}: ${error.message}\n  hint: ${error.hint}\n`;
    return 'dumpsieve: an error whose text cannot be masked, since the built-in rules cannot be read\n';
  }
}

/** What is said of an error of somebody else's: its name, its code and where it was thrown, but not its message. */
function internal(error: unknown, debug: boolean): string {
  const name = error instanceof Error ? error.name : typeof error;
  const code = systemCode(error);
  const hint = debug
    ? 'report this with what stands below; it holds no secret'
    : 'run again with --debug and report what it prints; it holds no secret';
  const what = [/^\w+$/.test(name) ? name : 'error', code && /^\w+$/.test(code) ? code : ''];
  return `dumpsieve: internal error: ${what.filter(Boolean).join(' ')}\n  hint: ${hint}\n${debug ? frames(error) : ''}`;
}

/** The stack's frames alone; the lines of the message come before them and may look like anything. */
function frames(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return '';
  const behind = error.stack.startsWith(`${error.name}: ${error.message}`)
    ? error.stack.slice(`${error.name}: ${error.message}`.length)
    : '';
  const lines = behind
    .split('\n')
    .filter((line) => /^ {4}at [\w.#<>[\] ]+ \(?(?:(?:file|node):|\/|[A-Z]:\\)[^\s]+\)?$/.test(line));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
