import { spawn } from 'node:child_process';
import { DumpsieveError, reasonOf } from '../core/base/runtime/errors.js';

/** Seconds that a command to notify may take. */
const NOTIFYING = 60;

/** Runs the command to notify, with an entry of the log on its standard input. */
export function notifyBy(
  command: readonly string[] | undefined,
  entry: object,
  onProblem: (problem: DumpsieveError) => void,
): void {
  const [program, ...parameters] = command ?? [];
  if (program === undefined) return;
  const failed = (reason: string): void =>
    onProblem(
      new DumpsieveError(
        {
          code: 'guard-not-notified',
          message: `the command to notify failed (${reason})`,
          hint: 'the entry is in the log: dumpsieve guard list',
        },
        2,
      ),
    );
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'ignore', 'ignore'],
    timeout: NOTIFYING * 1000,
  });
  child.once('error', (error) => failed(reasonOf(error)));
  child.once('exit', (status, signal) => {
    if (status !== 0) failed(signal ?? `exit status ${status}`);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`${JSON.stringify(entry)}\n`);
}
