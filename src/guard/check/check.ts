import fs from 'node:fs';
import path from 'node:path';
import { EXIT, reasonOf, systemCode } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { escapeText } from '../../core/base/text/escape.js';
import type { Policy } from '../policy/policy.js';
import { isServed } from '../state/is-served.js';
import { Layout } from '../state/layout.js';
import { refusals } from '../state/refused.js';
import {
  type Check,
  type CheckPlaces,
  type CheckResult,
  type CheckRow,
  checkIdentity,
  checkPrograms,
  checkRecipients,
  checkSign,
  exposureOf,
  note,
  ok,
  PLACES,
  unknown,
  wrong,
} from './key-checks.js';
import { corePattern, handlerPath, handlerSettings, probe } from './probe.js';

const SET = 'copy install/guard/sysctl.conf to /etc/sysctl.d/60-dumpsieve.conf and run: sysctl --system';

const checkPattern: Check = (context) => {
  const pattern = corePattern(context);
  if (pattern === undefined)
    return [unknown('kernel.core_pattern cannot be read', 'run it where the kernel is, on Linux')];
  if (pattern.kind === 'handler') return [ok(`the kernel hands dumps to ${escapeText(pattern.program)}`)];
  if (pattern.kind === 'socket') return [ok(`the kernel hands dumps to ${escapeText(pattern.path)}`)];
  const shown = pattern.text === '' ? 'empty' : `"${escapeText(pattern.text)}"`;
  return [wrong(`kernel.core_pattern is ${shown}: dumps do not come to the guard`, SET)];
};

const checkHandler: Check = (context) => {
  const pattern = corePattern(context);
  if (pattern?.kind === 'socket') return [checkSocket(pattern.path)];
  if (pattern?.kind !== 'handler') return [];
  const { program } = pattern;
  const shown = escapeText(program);
  const exposed = exposureOf(program, 'readable');
  if (exposed.length > 0) return exposed;
  const { mode } = fs.statSync(program);
  if ((mode & 0o100) === 0) return [wrong(`${shown} is not executable`, `chmod 755 ${shown}`)];
  return isExecutable(program)
    ? [ok(`${shown} is executable`)]
    : [wrong(`${shown} cannot be run: its file system forbids it`, 'move it to /usr/lib/dumpsieve/seal')];
};

function isExecutable(program: string): boolean {
  try {
    fs.accessSync(program, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function checkSocket(name: string): CheckResult {
  const isSocket = orUndefined(() => fs.statSync(name))?.isSocket() ?? false;
  return isSocket
    ? ok(`${escapeText(name)} is a socket`)
    : wrong(
        `${escapeText(name)} is no socket: dumps are lost`,
        'systemctl enable --now dumpsieve-seal.socket',
      );
}

const checkSettings: Check = (context) => {
  const { policy } = context;
  const settings = handlerSettings(context);
  if (settings === undefined) return [];
  const { file, isThere, isNamed, values } = settings;
  if (isNamed && !isThere)
    return [wrong(`${escapeText(file)}: the settings of the handler are missing`, `write them, or ${SET}`)];
  const exposed = isThere ? exposureOf(file, 'readable') : [];
  if (exposed.length > 0) return exposed;
  const shown = isThere ? escapeText(file) : 'the handler without settings';
  const results = (['state', 'recipients'] as const).flatMap((name) => {
    const value = values[name] ?? '';
    if (isSamePlace(value, policy[name])) return [];
    const message = `${shown} has ${name}=${escapeText(value)}, the policy ${escapeText(policy[name])}`;
    return [wrong(message, `write the same in ${escapeText(file)} and in the policy`)];
  });
  const share = Math.round(policy.disk * 100);
  if (values.share !== String(share))
    results.push(note(`${shown} has share=${escapeText(values.share ?? '')}, the policy disk: ${share}%`));
  return results.length > 0 ? results : [ok(`${shown} agrees with the policy`)];
};

function isSamePlace(a: string, b: string): boolean {
  const real = (name: string) => orUndefined(() => fs.realpathSync(name)) ?? path.resolve(name);
  return real(a) === real(b);
}

/** The least limit for several crashes at once: the slots of the handler. */
const LEAST = 16;

const checkPipeLimit: Check = ({ places }) => {
  const text = orUndefined(() => fs.readFileSync(path.join(places.kernel, 'core_pipe_limit'), 'latin1'));
  const limit = Number(text ?? Number.NaN);
  if (Number.isNaN(limit)) return [note('kernel.core_pipe_limit cannot be read')];
  if (limit === 0 || limit >= LEAST) return [ok(`kernel.core_pipe_limit is ${limit}`)];
  const message = `kernel.core_pipe_limit is ${limit}: of more crashes at once the kernel skips dumps`;
  return [note(message, `set 0 (no limit) or ${LEAST}`)];
};

/** Folders without which the handler refuses, or the service does not start. */
const NEEDED = ['spool', 'work', 'out', 'quarantine'] as const;

const checkSpool: Check = ({ policy: { state } }) => {
  const folders = [state, ...NEEDED.map((name) => path.join(state, name))];
  const results = folders.flatMap((folder) => exposureOf(folder, 'secret', true));
  return results.length > 0
    ? results
    : [ok(`${escapeText(state)} and its folders are there, for their owner alone`)];
};

/** Part of the share at which there must be room made. */
const FULL = 0.8;
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

const checkDisk: Check = ({ policy: { state, disk } }) => {
  let used: number;
  try {
    used = new Layout(state).share();
  } catch (error) {
    return [unknown(`what ${escapeText(state)} takes cannot be seen (${reasonOf(error)})`, 'run as root')];
  }
  const { bavail, blocks } = fs.statfsSync(state);
  const free = bavail / blocks;
  const message = `the folders take ${percent(used)} of the disk, and may take ${percent(disk)}`;
  const hint = 'release or remove what is in quarantine, move out/, or set retain: and disk: in the policy';
  const results = [used >= FULL * disk ? wrong(`${message}: 80 % of it are reached`, hint) : ok(message)];
  if (free < disk - used) results.push(note(`only ${percent(free)} of the disk are free`, 'make room'));
  return results;
};

const checkService: Check = async ({ policy }) =>
  (await isServed(policy))
    ? [ok('guard watch is running')]
    : [
        wrong(
          'guard watch is not running: dumps are sealed and stay in the spool',
          'systemctl enable --now dumpsieve-guard (from another network namespace it cannot be seen)',
        ),
      ];

const checkRefusals: Check = ({ policy }) => {
  const counts = orUndefined(() => [...refusals(policy.state)].filter(([, count]) => count > 0));
  if (counts === undefined)
    return [
      unknown('what the handler refused cannot be seen', 'run as root; refused/ of the state is a folder'),
    ];
  if (counts.length === 0) return [ok('the handler has refused no dump')];
  return counts.map(([reason, count]) => note(`dumps refused (${reason}): ${count}`, HINTS[reason]));
};

/** What to do about a reason of the handler. */
const HINTS: Readonly<Record<string, string>> = {
  disk: 'make room, or set disk: in the policy and share= in seal.conf',
  limit: 'their core limit is 0: the owner of the process wants no dump',
  loop: 'of a crash loop the first and the newest dump are kept: mend the program',
  slots: 'too many crashes at once: set slots= in seal.conf',
  spool: 'the spool was missing: guard check says whether it is there now',
  seal: 'age or zstd failed: look at the journal',
  failed: 'the shell failed: no memory, or no process',
};

/** Lines of the kernel (fs/coredump.c) and of the handler about dumps that are lost. */
const LINES: readonly [pattern: RegExp, what: string][] = [
  [/over core_pipe_limit/i, 'skipped by the kernel, over core_pipe_limit'],
  [/core dump to \|.*fail/i, 'lost, as the kernel could not start the handler'],
  [/RLIMIT_CORE is set to 1/, 'of the handler itself or of a program with RLIMIT_CORE 1, not taken'],
  [/dumpsieve seal: refused/, 'refused by the handler'],
];

/** Records of /dev/kmsg at most: more than any ring buffer has. */
const MOST = 1_000_000;
/** Octets of the longest record (CONSOLE_EXT_LOG_MAX). */
const LONGEST = 8192;

/** The kernel's log since boot, as far as its ring buffer reaches. Each read of the device is one record. */
function readKernelLog(name: string): string {
  const fd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const parts: string[] = [];
  const buffer = Buffer.alloc(LONGEST);
  try {
    for (let records = 0; records < MOST; records++) {
      const length = readRecord(fd, buffer);
      if (length === 0) break;
      if (length !== undefined) parts.push(buffer.toString('latin1', 0, length));
    }
  } finally {
    fs.closeSync(fd);
  }
  return parts.join('');
}

/** Octets of the next record; 0 at the end, undefined for one that was overwritten meanwhile. */
function readRecord(fd: number, buffer: Buffer): number | undefined {
  try {
    return fs.readSync(fd, buffer);
  } catch (error) {
    if (systemCode(error) === 'EPIPE') return undefined;
    if (systemCode(error) === 'EAGAIN') return 0;
    throw error;
  }
}

const checkKernelLog: Check = ({ places }) => {
  let text: string;
  try {
    text = readKernelLog(places.kernelLog);
  } catch (error) {
    const reason = `the kernel's log cannot be read (${reasonOf(error)})`;
    return [note(`${reason}: dumps that the kernel skipped are not counted`, 'run as root')];
  }
  const lines = text.split('\n');
  const results = LINES.flatMap(([pattern, what]) => {
    const count = lines.filter((line) => pattern.test(line)).length;
    return count === 0 ? [] : [note(`dumps ${what}: ${count}`, "look at: dmesg | grep -iE 'core|dumpsieve'")];
  });
  return results.length > 0 ? results : [ok('the kernel has skipped no dump since boot')];
};

/** All checks, in the order of a dump's way. */
const CHECKS: Readonly<Record<string, Check>> = {
  pattern: checkPattern,
  handler: checkHandler,
  settings: checkSettings,
  programs: checkPrograms,
  recipients: checkRecipients,
  spool: checkSpool,
  disk: checkDisk,
  service: checkService,
  identity: checkIdentity,
  sign: checkSign,
  'pipe-limit': checkPipeLimit,
  'kernel-log': checkKernelLog,
  refused: checkRefusals,
};

export interface GuardCheckOptions {
  /** Also let a child crash, and wait for its dump. Default false. */
  probe?: boolean;
  places?: Partial<CheckPlaces>;
}

/** What `guard check` has found. */
export interface GuardCheck {
  /** 0 in force; 1 something is wrong; 2 something could not be seen. */
  exit: 0 | 1 | 2;
  rows: CheckRow[];
}

/** Checks whether a guard is in force. Changes nothing; a probe leaves its dump. */
export async function checkGuard(policy: Policy, options: GuardCheckOptions = {}): Promise<GuardCheck> {
  const places = { ...PLACES, ...options.places };
  const context = { policy, places: { ...places, path: handlerPath({ policy, places }) } };
  const checks = options.probe ? { ...CHECKS, probe } : CHECKS;
  const rows: CheckRow[] = [];
  for (const [check, run] of Object.entries(checks))
    for (const result of await run(context)) rows.push({ check, ...result });
  const has = (state: CheckRow['state']) => rows.some((row) => row.state === state);
  return { rows, exit: has('wrong') ? EXIT.findings : has('unknown') ? EXIT.incomplete : EXIT.clean };
}
