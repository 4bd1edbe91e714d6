import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { escapeText } from '../../core/base/text/escape.js';
import { ManifestSigner } from '../../redact/signature/signer.js';
import type { Policy } from '../policy/policy.js';
import { type Check, type CheckPlaces, type CheckResult, note, ok, wrong } from './check-row.js';
import { exposureOf } from './file-modes.js';

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
