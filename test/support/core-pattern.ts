import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequirementName } from './programs.js';

/**
 * A handler of crashes for the whole machine, as long as a test runs. Only processes whose working folder is
 * below the test's own are handed to it; all others get what the pattern `core` gives.
 */

/** What a test that sets a pattern requires. */
export const CORE_PATTERN: RequirementName[] = [
  'kernel.core_pattern of a machine for tests',
  'flock',
  'setpriv',
];

/**
 * Sets the settings under a lock, and restores them when its input ends: at the end of the test, and at the
 * end of the test's process too, even by SIGKILL. Arguments: lock, pattern.
 */
const HOLDER = `
exec 9>"$0"
flock 9
cd /proc/sys
pattern=$(cat kernel/core_pattern) pipes=$(cat kernel/core_pipe_limit) dumpable=$(cat fs/suid_dumpable)
trap 'echo "$dumpable" >fs/suid_dumpable; echo "$pattern" >kernel/core_pattern
  echo "$pipes" >kernel/core_pipe_limit' EXIT
trap '' INT TERM HUP
echo "$1" >kernel/core_pattern && echo 16 >kernel/core_pipe_limit && echo 2 >fs/suid_dumpable && echo set
cat >/dev/null
`;

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/**
 * The handler of the machine. Descriptors 1 and 2 of the command are closed, as the kernel leaves them. Its
 * arguments are {@link ARGUMENTS}, or an instance name of a socket unit.
 */
const dispatcher = (folder: string, command: readonly string[]): string => `#!/bin/sh
PATH=/usr/bin:/bin
pid=$1
case $pid in *-*) pid=\${pid%-*} pid=\${pid##*-} ;; esac
case $(readlink "/proc/$pid/cwd") in
  ${folder}*) exec ${quoted(command)} "$@" >&- 2>&- ;;
esac
[ "\${5-}" != 0 ] && cd "/proc/$pid/cwd" || exit
rm -f core
umask 077
cp --sparse=always /dev/stdin core
chown "\${2-0}:\${3-0}" core
`;

/** Path of the dispatcher: beside the folder, which other users may write to. */
export const dispatcherOf = (folder: string): string => `${folder}.dispatch`;

/** What is written to the pattern behind the path of the dispatcher. */
const ARGUMENTS = '%P %u %g %s %c %d %t %E';

/**
 * Runs `body` with `command` as the handler of crashes below `folder`. `patternOf`: another pattern than a
 * pipe to the dispatcher, whose path it gets.
 */
export async function withCorePattern<T>(
  folder: string,
  command: readonly string[],
  body: () => Promise<T>,
  patternOf: (dispatcher: string) => string = (path) => `|${path} ${ARGUMENTS}`,
): Promise<T> {
  const path = dispatcherOf(folder);
  writeFileSync(path, dispatcher(folder, command));
  chmodSync(path, 0o755);
  const lock = join(tmpdir(), 'dumpsieve-core-pattern.lock');
  const holder = spawn('/bin/sh', ['-c', HOLDER, lock, patternOf(path)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // a signal to the test's process group must not end it
  });
  const ended = once(holder, 'exit');
  try {
    const [line] = await Promise.race([once(holder.stdout, 'data'), ended]);
    if (!String(line).startsWith('set')) throw new Error('core_pattern could not be set');
    return await body();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
