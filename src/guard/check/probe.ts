import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../../core/base/runtime/errors.js';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { tryTo } from '../../core/base/runtime/try-to.js';
import { LOG_NAME } from '../log/log.js';
import { bootId } from '../state/boot.js';
import { FOLDERS } from '../state/layout.js';
import { type Check, type CheckContext, type CheckResult, ok, unknown, wrong } from './key-checks.js';

const SHELL = '/bin/sh';
/** The limit is raised first: most shells start with a core limit of 0. */
const CRASH = 'ulimit -c unlimited && kill -SEGV $$';

/** Milliseconds between two looks for the dump. */
const PERIOD = 50;

/**
 * Crashes a child on purpose, and checks that its dump or its entry appears. No other check shows that
 * crashes reach the guard: the kernel reports "core dumped" even if the handler has failed.
 */
export const probe: Check = async (context) => {
  const pattern = corePattern(context);
  if (pattern === undefined || pattern.kind === 'foreign')
    return [wrong('no probe: kernel.core_pattern does not lead to the guard', 'mend the pattern first')];
  const start = Date.now();
  const folder = fs.mkdtempSync(path.join(context.places.temporary, 'dumpsieve-probe-'));
  try {
    const pid = await crash(folder);
    return [typeof pid === 'number' ? await arrival(context, pid, start) : pid];
  } finally {
    tryTo(() => fs.rmSync(folder, { recursive: true, force: true }));
  }
};

/** The process id of a child that has crashed, or why there is none. */
async function crash(folder: string): Promise<number | CheckResult> {
  const child = spawn(SHELL, ['-c', CRASH], { cwd: folder, stdio: 'ignore', env: {} });
  try {
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    if (signal === 'SIGSEGV' && child.pid !== undefined) return child.pid;
    return unknown(
      'no probe: the hard core limit here is 0',
      'run it by systemd-run, or where it is unlimited',
    );
  } catch (error) {
    return unknown(`no probe: ${SHELL} cannot be started (${reasonOf(error)})`, 'mend it, and probe again');
  }
}

async function arrival({ policy, places }: CheckContext, pid: number, start: number): Promise<CheckResult> {
  const isOwn = matcher(pid, start);
  for (;;) {
    const id = arrived(policy.state, isOwn);
    const milliseconds = Date.now() - start;
    if (id !== undefined)
      return ok(`a child crashed, and its dump was sealed within ${milliseconds} ms: ${id}`);
    if (milliseconds >= places.patience) break;
    await sleep(PERIOD);
  }
  return wrong(
    `a child crashed, and nothing came of it within ${places.patience / 1000} s: dumps are lost`,
    'dmesg | tail says why the handler failed; look at its mode and SELinux label, and at the disk',
  );
}

/**
 * Recognises the probe's dump by its boot and process. In a PID namespace the kernel knows the process by
 * another number: there by time, user and program.
 */
function matcher(pid: number, start: number): (id: string) => boolean {
  const program = orUndefined(() => fs.realpathSync(SHELL)) ?? SHELL;
  const user = `${process.getuid?.() ?? 0}\0${program}`;
  const key = createHash('sha256').update(user).digest('hex').slice(0, 16);
  const [boot, first] = [bootId(), Math.floor(start / 1000)];
  return (id) => {
    const [time, ofBoot, ofPid, ofKey] = id.split('-');
    return ofBoot === boot && Number(time) >= first && (ofPid === String(pid) || ofKey === key);
  };
}

const ID = /\d{1,12}-[0-9a-f]{8}-\d{1,10}-[0-9a-f]{16}/g;
/** Octets at the end of the log that are searched. */
const TAIL = 256 * 1024;

/** The id of a dump in a folder or in the log. A name with a dot is still being written. */
function arrived(state: string, isOwn: (id: string) => boolean): string | undefined {
  const names = FOLDERS.flatMap((name) => orUndefined(() => fs.readdirSync(path.join(state, name))) ?? []);
  const dumps = names.filter((name) => !name.startsWith('.') && !name.endsWith('.info.age'));
  const texts = [...dumps, orUndefined(() => tailOf(path.join(state, LOG_NAME))) ?? ''];
  return texts.flatMap((text) => text.match(ID) ?? []).find(isOwn);
}

function tailOf(file: string): string {
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, bytes.length, size - bytes.length));
  } finally {
    fs.closeSync(fd);
  }
}

/** What the kernel does with a dump (core(5)). */
type CorePattern =
  | { kind: 'handler'; program: string; settings?: string }
  | { kind: 'socket'; path: string }
  | { kind: 'foreign'; text: string };

const HANDLER = /^\|\s*(\/\S*\/seal)(?:\s+(\/\S+\.conf))?(?:\s|$)/;
const SOCKET = /^@{1,2}(\/run\/\S+)$/;

/** Reads `kernel.core_pattern`; undefined if it cannot be read. */
export function corePattern({ places }: CheckContext): CorePattern | undefined {
  const text = orUndefined(() => fs.readFileSync(path.join(places.kernel, 'core_pattern'), 'utf8'))?.trim();
  if (text === undefined) return undefined;
  const [, program, settings] = HANDLER.exec(text) ?? [];
  if (program !== undefined)
    return { kind: 'handler', program, ...(settings === undefined ? {} : { settings }) };
  const [, socket] = SOCKET.exec(text) ?? [];
  return socket === undefined ? { kind: 'foreign', text } : { kind: 'socket', path: socket };
}

/** What the handler does without settings (install/guard/seal). */
const DEFAULTS: Readonly<Record<string, string>> = {
  state: '/var/lib/dumpsieve',
  recipients: '/etc/dumpsieve/recipients',
  share: '20',
};

/** The settings of the handler: variables of sh(1). */
interface HandlerSettings {
  file: string;
  /** The pattern names the file, which then must be there. */
  isNamed: boolean;
  isThere: boolean;
  /** Defaults included; of a value that the shell computes, its text. */
  values: Readonly<Record<string, string>>;
}

/** Reads the settings; undefined if the kernel calls no handler of the guard. */
export function handlerSettings(context: CheckContext): HandlerSettings | undefined {
  const pattern = corePattern(context);
  if (pattern === undefined || pattern.kind === 'foreign') return undefined;
  const named = pattern.kind === 'handler' ? pattern.settings : undefined;
  const file = named ?? context.places.settings;
  const text = orUndefined(() => fs.readFileSync(file, 'utf8'));
  const values = { ...DEFAULTS, ...variablesIn(text ?? '') };
  return { file, isNamed: named !== undefined, isThere: fs.existsSync(file), values };
}

const ASSIGNMENT = /(?:^|[\s;])(\w+)=("[^"\n]*"|'[^'\n]*'|[^\s;#]*)/g;

function variablesIn(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.replace(/(?:^|\s)#.*/, ''));
  const found = [...lines.join('\n').matchAll(ASSIGNMENT)];
  return Object.fromEntries(
    found.map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')]),
  );
}

/** PATH of the handler, which its settings may extend. */
export function handlerPath(context: CheckContext): string {
  const { path: own } = context.places;
  return handlerSettings(context)?.values.PATH?.replace(/\$PATH\b|\$\{PATH\}/g, own) ?? own;
}
