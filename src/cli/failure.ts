import { DumpsieveError, systemCode } from '../core/base/runtime/errors.js';
import { BROKEN, isLoadError } from '../core/base/runtime/installation.js';

/** Exit status after a closed pipe (128 + SIGPIPE): never 0, since not every byte may have been read. */
const SIGPIPE_STATUS = 141;

let settled: number | undefined;

/** Fixes the exit status: the copy is written, so a summary that cannot be printed does not change it. */
export function settleStatus(status: number): void {
  settled = status;
}

/** A closed pipe (`| head`) ends the program at once and silently. */
export function quietOnBrokenPipe(): void {
  settled = undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      const code = systemCode(error);
      if (code === 'EPIPE') process.exit(settled ?? SIGPIPE_STATUS);
      if (stream !== process.stdout || code === undefined) throw error;
      const failure = notWritten('standard output', code, error);
      process.stderr.write(`dumpsieve: ${failure.code}: ${failure.message}\n  hint: ${failure.hint}\n`);
      process.exit(settled ?? failure.exit);
    });
  }
}

/** A report was not written completely: the partial report must not pass for a result. */
export function notWritten(where: string, code: string | undefined, cause: unknown): DumpsieveError {
  return new DumpsieveError(
    {
      code: 'output-not-written',
      message: `${where}: the report cannot be written (${code ?? 'unknown error'})`,
      hint: 'make room, or name a file on another disk; what is there is not whole, or an older report',
    },
    3,
    cause,
  );
}

/**
 * Uncaught errors end the program like any internal error. Node's own handler would print the message, and
 * the message of a foreign error may quote the data that caused it.
 */
export function explainUncaught(debug: boolean): void {
  const end = (error: unknown): void => {
    process.stderr.write(internal(error, debug));
    process.exit(3);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}

/** Prints what happened, where and how to mend it; returns the exit status. Stacks only with --debug. */
export async function explain(
  error: unknown,
  debug: boolean,
  secretFiles: readonly string[],
): Promise<number> {
  if (!(error instanceof DumpsieveError)) {
    process.stderr.write(internal(error, debug));
    return 3;
  }
  const hint = error.hint === undefined ? '' : `\n  hint: ${error.hint}`;
  await printMasked(`dumpsieve: ${error.code}: ${error.lines.join('\n  ')}${hint}\n`, secretFiles);
  if (debug) process.stderr.write(frames(error));
  return error.exit;
}

/**
 * Prints text that may quote the command line, masked: an argument may be a misplaced secret, of a rule or of
 * `secretFiles`.
 */
export async function printMasked(text: string, secretFiles: readonly string[]): Promise<void> {
  if (text !== '') process.stderr.write(await masked(text, secretFiles));
}

/** This machine has none, or DUMPSIEVE_KERNEL names another. */
const KERNEL_ERRORS = ['no-wasm-simd', 'no-such-kernel', 'installation-broken'];

async function masked(text: string, secretFiles: readonly string[]): Promise<string> {
  try {
    const { maskText } = await import('../index.js');
    return await maskText(text, secretFiles);
  } catch (error) {
    // Without a kernel nothing can be masked. These texts quote nothing.
    if (error instanceof DumpsieveError && KERNEL_ERRORS.includes(error.code))
      return `dumpsieve: ${error.code}: ${error.message}\n  hint: ${error.hint}\n`;
    return 'dumpsieve: an error whose text cannot be masked, since the built-in rules cannot be read\n';
  }
}

/** A foreign error: its name, code and where it was thrown, without its message. */
function internal(error: unknown, debug: boolean): string {
  const code = systemCode(error);
  if (isLoadError(error)) {
    const said = `dumpsieve: ${BROKEN.code}: ${BROKEN.what} (${code ?? 'damaged'})\n  hint: ${BROKEN.hint}\n`;
    return debug ? said + frames(error) : said;
  }
  const name = error instanceof Error ? error.name : typeof error;
  const hint = debug
    ? 'report this with the lines below; they hold no secret'
    : 'run again with --debug and report what it prints; it holds no secret';
  const what = [/^\w+$/.test(name) ? name : 'error', code && /^\w+$/.test(code) ? code : ''];
  const shown = what.filter(Boolean).join(' ');
  return `dumpsieve: internal error: ${shown}\n  hint: ${hint}\n${debug ? frames(error) : ''}`;
}

/** The stack's frames without the message, which comes before them and may have any form. */
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
