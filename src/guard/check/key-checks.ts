import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DumpsieveError, reasonOf } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { escapeText } from '../../core/base/text/escape.js';
import { ManifestSigner } from '../../redact/signature/signer.js';
import type { Policy } from '../policy/policy.js';

/** Programs of the handler, which the service starts too. */
const PROGRAMS = ['age', 'zstd'] as const;

function found(name: string, { path: folders }: CheckPlaces): string | undefined {
  const names = folders.split(path.delimiter).map((folder) => path.join(folder, name));
  return names.find((each) => orUndefined(() => fs.accessSync(each, fs.constants.X_OK) ?? true));
}

export const checkPrograms: Check = ({ places }) =>
  PROGRAMS.map((name) => {
    const program = found(name, places);
    if (program !== undefined) return ok(`${name} is ${escapeText(program)}`);
    return wrong(
      `${name} is in none of ${escapeText(places.path)}`,
      `apt-get install ${name}, or link it there`,
    );
  });

/** Milliseconds that age may take for nothing. */
const PATIENCE = 10_000;

/** Runs age or age-keygen with nothing on standard input; undefined if it fails or is missing. */
async function run(name: string, parameters: string[], places: CheckPlaces): Promise<string | undefined> {
  const program = found(name, places);
  if (program === undefined) return undefined;
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PATIENCE,
    env: {},
  });
  let text = '';
  child.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part;
  });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status === 0 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The recipients of a file, one a line. */
const recipientsIn = (file: string): string[] =>
  (orUndefined(() => fs.readFileSync(file, 'utf8')) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

export const checkRecipients: Check = async ({ policy, places }) => {
  const results = await Promise.all(
    (['recipients', 'responder'] as const).map((name) => checkRecipientFile(policy[name], places)),
  );
  const all = new Set(recipientsIn(policy.recipients));
  const isLeftOut = recipientsIn(policy.responder).some((each) => !all.has(each));
  if (isLeftOut)
    results.push([
      note(
        `not all of ${escapeText(policy.responder)} are in ${escapeText(policy.recipients)}`,
        'add them: else what the machine cannot open is lost',
      ),
    ]);
  return results.flat();
};

async function checkRecipientFile(file: string, places: CheckPlaces): Promise<CheckResult[]> {
  const shown = escapeText(file);
  const exposed = exposureOf(file, 'readable');
  if (exposed.length > 0) return exposed;
  const count = recipientsIn(file).length;
  if (count === 0)
    return [wrong(`${shown}: there is no recipient in it`, 'write the line that age-keygen prints')];
  if (found('age', places) === undefined)
    return [wrong(`${shown} cannot be checked without age`, 'apt-get install age')];
  if ((await run('age', ['-R', file], places)) === undefined)
    return [
      wrong(`${shown}: age does not accept it`, `age -R ${shown} </dev/null says which line is damaged`),
    ];
  return [ok(`${shown}: ${count === 1 ? '1 recipient' : `${count} recipients`}`)];
}

/** Types of file systems in memory (statfs(2)): tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];
const CREDENTIALS = /^\/run\/credentials\//;

/** Where the identity lives, and what that protects against. */
function placeOf(identity: string): string {
  if (CREDENTIALS.test(identity))
    return (
      'a credential of systemd. Sealed to a TPM2 it protects against a stolen disk, with the key of the ' +
      'host against other users and copied folders only'
    );
  const type = orUndefined(() => fs.statfsSync(identity).type);
  return type !== undefined && IN_MEMORY.includes(type)
    ? 'in memory, gone at reboot: it protects against a stolen disk, backups and a later root'
    : 'a file on disk: it protects against other users and careless copying, not against a stolen disk';
}

export const checkIdentity: Check = async ({ policy, places }) => {
  const { identity } = policy;
  if (identity === undefined)
    return [
      ok('not on this machine: it protects against all but root at the moment of a crash'),
      note('nothing is opened here: all goes to quarantine', 'copy spool or quarantine to a scan host'),
    ];
  const exposed = CREDENTIALS.test(identity) && fs.existsSync(identity) ? [] : exposureOf(identity, 'secret');
  if (exposed.length > 0) return exposed;
  return [ok(`${escapeText(identity)}, ${placeOf(identity)}`), ...(await checkPublicHalf(policy, places))];
};

/** The machine must be able to open the spool, and nothing in quarantine. */
async function checkPublicHalf(policy: Policy, places: CheckPlaces): Promise<CheckResult[]> {
  const text = await run('age-keygen', ['-y', policy.identity!], places);
  const own = text?.trim().split('\n') ?? [];
  if (own.length === 0)
    return [note('age-keygen cannot read the identity: whether it opens the spool is unknown')];
  const holds = (file: string) => recipientsIn(file).some((each) => own.includes(each));
  const results: CheckResult[] = [];
  if (!holds(policy.recipients))
    results.push(
      wrong(
        `the identity is none of ${escapeText(policy.recipients)}: it opens no dump`,
        'write there what age-keygen -y prints for it',
      ),
    );
  if (holds(policy.responder))
    results.push(
      wrong(
        `the identity is one of ${escapeText(policy.responder)}: it opens quarantine`,
        'name another one there, whose identity is not on this machine',
      ),
    );
  return results;
}

export const checkSign: Check = ({ policy }) => {
  const { sign } = policy;
  const exposed = CREDENTIALS.test(sign) && fs.existsSync(sign) ? [] : exposureOf(sign, 'secret');
  if (exposed.length > 0) return exposed;
  try {
    return [ok(`${escapeText(sign)}, public half: ${ManifestSigner.open(sign).publicKey}`)];
  } catch (error) {
    if (!(error instanceof DumpsieveError)) throw error;
    return [wrong(error.message, error.hint ?? '')];
  }
};

/** Permission bits of the group and of all others. */
const OTHERS_ANY = 0o077;
const OTHERS_WRITE = 0o022;
const ALL_WRITE = 0o002;
const STICKY = 0o1000;

/** Who else may do what: `secret` files and folders are their owner's alone, others may read. */
type Exposure = 'secret' | 'readable';

/**
 * What is wrong with the owner and mode of a file or folder. Errors of the system are results, too. Windows
 * has no such modes: nothing is wrong there.
 */
export function exposureOf(name: string, exposure: Exposure, isFolder = false): CheckResult[] {
  const shown = escapeText(name);
  try {
    const stats = fs.statSync(name);
    if (isFolder !== stats.isDirectory() || !(isFolder || stats.isFile()))
      return [wrong(`${shown} is no ${isFolder ? 'folder' : 'regular file'}`, 'check the policy')];
    if (process.getuid === undefined) return [];
    if (stats.uid !== 0 && stats.uid !== process.getuid())
      return [wrong(`${shown} belongs to another user`, `chown root ${shown}`)];
    const bits = stats.mode & (exposure === 'secret' ? OTHERS_ANY : OTHERS_WRITE);
    if (bits !== 0) return [wrong(...exposed(shown, (bits & OTHERS_WRITE) !== 0, exposure, isFolder))];
    const folder = path.dirname(fs.realpathSync(name));
    const { mode } = fs.statSync(folder);
    if ((mode & ALL_WRITE) === 0 || (mode & STICKY) !== 0) return [];
    const above = escapeText(folder);
    return [wrong(`all users may replace ${shown}: they may write to its folder`, `chmod o-w ${above}`)];
  } catch (error) {
    return [
      wrong(`${shown} cannot be seen (${reasonOf(error)})`, 'check the path in the policy; run as root'),
    ];
  }
}

function exposed(
  shown: string,
  isWritable: boolean,
  exposure: Exposure,
  isFolder: boolean,
): [message: string, hint: string] {
  const mode = exposure === 'readable' ? 'go-w' : isFolder ? '700' : '600';
  return [`${shown}: other users may ${isWritable ? 'write to' : 'read'} it`, `chmod ${mode} ${shown}`];
}

/**
 * `ok`; `wrong`: the guard is not in force, or protects less than it should; `unknown`: it could not be seen;
 * `note`: for the reader to judge.
 */
type CheckState = 'ok' | 'wrong' | 'unknown' | 'note';

/** What one look at the guard's set-up has found. */
export interface CheckRow {
  /** Which check: stable, scripts match on it. */
  check: string;
  state: CheckState;
  message: string;
  /** How to mend it. */
  hint?: string;
}

/** A result before it has the name of its check. */
export type CheckResult = Omit<CheckRow, 'check'>;

export const ok = (message: string): CheckResult => ({ state: 'ok', message });
export const wrong = (message: string, hint: string): CheckResult => ({ state: 'wrong', message, hint });
export const unknown = (message: string, hint: string): CheckResult => ({ state: 'unknown', message, hint });
export const note = (message: string, hint?: string): CheckResult => ({
  state: 'note',
  message,
  ...(hint === undefined ? {} : { hint }),
});

/** Where a check looks; tests name others. */
export interface CheckPlaces {
  /** Folder of the kernel's settings. */
  kernel: string;
  kernelLog: string;
  /** PATH of the handler, which does not have that of a shell. */
  path: string;
  /** Settings of the handler, unless the pattern names others. */
  settings: string;
  /** Below it a probe crashes. */
  temporary: string;
  /** Milliseconds until the dump of a probe must be there. */
  patience: number;
}

export const PLACES: CheckPlaces = {
  kernel: '/proc/sys/kernel',
  kernelLog: '/dev/kmsg',
  path: '/usr/sbin:/usr/bin:/sbin:/bin',
  settings: '/etc/dumpsieve/seal.conf',
  temporary: tmpdir(),
  patience: 5_000,
};

export interface CheckContext {
  policy: Policy;
  places: CheckPlaces;
}

/** One check, with all its results; none where there is nothing to look at. */
export type Check = (context: CheckContext) => CheckResult[] | Promise<CheckResult[]>;
