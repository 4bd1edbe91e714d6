import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withTempDir } from '../support/folder.js';
import { ageKey } from './seal/age-keys.js';

/** A state of a guard with keys of machine, responder and signer, made by the programs that users have. */
export interface GuardState {
  /** Folder of policy and keys. */
  root: string;
  state: string;
  policy: string;
  machine: string;
  responder: string;
  publicKey: string;
  /** The public halves of age. */
  recipients: { machine: string; responder: string };
}

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);

/** Runs `body` with a new guard. `lines`: `rules` and other lines of the policy, as YAML. */
export const withGuard = (
  lines: string,
  body: (guard: GuardState) => Promise<void>,
  options: { identity?: boolean } = {},
): Promise<void> => withTempDir((root) => body(guardIn(root, lines, options)));

function guardIn(root: string, lines: string, { identity = true }: { identity?: boolean }): GuardState {
  chmodSync(root, 0o755);
  const state = join(root, 'state');
  for (const name of ['spool', 'work', 'out', 'quarantine', 'refused'])
    mkdirSync(join(state, name), { recursive: true, mode: 0o700 });
  chmodSync(state, 0o700);
  const [machine, responder] = ['machine', 'responder'].map((name) => {
    const file = join(root, `${name}.key`);
    writeFileSync(file, ageKey(name).identity, { mode: 0o600 });
    return file;
  }) as [string, string];
  const recipients = {
    machine: ageKey('machine').recipient,
    responder: ageKey('responder').recipient,
  };
  writeFileSync(join(root, 'recipients'), `${recipients.machine}\n${recipients.responder}\n`);
  writeFileSync(join(root, 'responder'), `${recipients.responder}\n`);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const sign = join(root, 'sign.key');
  writeFileSync(sign, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(join(root, 'sign.pub'), publicKey.export({ format: 'pem', type: 'spki' }));
  const policy = join(root, 'guard.yaml');
  writeFileSync(
    policy,
    `recipients: recipients
responder: responder
${identity ? 'identity: machine.key\n' : ''}sign: sign.key
state: state
disk: 90%
${lines}`,
  );
  return { root, state, policy, machine, responder, publicKey: join(root, 'sign.pub'), recipients };
}

let pid = 1000;

/** Puts a dump into the spool as the handler does. `cut`: octets of the sealed file that stay. */
export function spool(
  { root, state }: GuardState,
  dump: Uint8Array,
  {
    program = '/usr/bin/server',
    uid = 1000,
    time = Math.floor(Date.now() / 1000),
    cut = Number.POSITIVE_INFINITY,
  } = {},
): string {
  const key = createHash('sha256').update(`${uid}\0${program}`).digest('hex').slice(0, 16);
  const id = `${time}-${BOOT}-${++pid}-${key}`;
  const file = (name: string): string => join(state, 'spool', name);
  const fields = Object.entries({ version: 1, time, pid, uid, program, source: 'kernel' });
  const info = `${fields.map(([name, value]) => `${name}: ${value}\n`).join('')}\n== cmdline\nx\n`;
  writeFileSync(file(`${id}.info.age`), sealed(Buffer.from(info), join(root, 'recipients')));
  const packed = execFileSync('zstd', ['-1', '-q', '-c'], { input: dump, maxBuffer: 2 ** 30 });
  writeFileSync(file(`.${id}.age`), sealed(packed, join(root, 'recipients')).subarray(0, cut));
  renameSync(file(`.${id}.age`), file(`${id}.age`));
  return id;
}

const sealed = (content: Uint8Array, recipients: string): Buffer =>
  execFileSync('age', ['-R', recipients], { input: content, maxBuffer: 2 ** 30 });

/** What an identity opens; undefined if it opens nothing. */
export function opened(file: string, identity: string, { isCompressed = true } = {}): Buffer | undefined {
  const script = isCompressed ? 'age -d -i "$1" "$2" | zstd -dcq' : 'age -d -i "$1" "$2"';
  const { stdout } = spawnSync('sh', ['-c', script, 'sh', identity, file], { maxBuffer: 2 ** 30 });
  return stdout.length === 0 ? undefined : stdout;
}

/** Names of the files of a folder of the state. */
export const names = ({ state }: GuardState, folderName: string): string[] =>
  existsSync(join(state, folderName)) ? readdirSync(join(state, folderName)).sort() : [];

export interface Entry {
  event: string;
  dump?: string;
  [field: string]: unknown;
}

/** The log. `torn`: its last line may be cut. */
export function entries({ state }: GuardState, { torn = false } = {}): Entry[] {
  const file = join(state, 'log.jsonl');
  if (torn && !existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.pop();
  if (!torn && last !== '') throw new Error('the last line of the log is torn');
  return lines.map((line) => JSON.parse(line) as Entry);
}

/** A folder in which programs may crash, and the handler's settings for this state. */
export function handlerSettings({ root, state }: GuardState): { work: string; settings: string } {
  const work = join(root, 'work');
  mkdirSync(work);
  chmodSync(work, 0o777);
  const settings = join(root, 'seal.conf');
  const values = Object.entries({ state, recipients: join(root, 'recipients'), share: 90 });
  writeFileSync(settings, values.map(([name, value]) => `${name}='${value}'\n`).join(''), { mode: 0o644 });
  return { work, settings };
}
