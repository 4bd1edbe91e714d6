import fs from 'node:fs';
import path from 'node:path';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import { escapeText } from '../../core/base/text/escape.js';
import { type Check, type CheckResult, note, ok, unknown, wrong } from './check-row.js';
import { corePattern, handlerSettings } from './core-pattern.js';
import { exposureOf } from './file-modes.js';

const SET = 'copy share/guard/sysctl.conf to /etc/sysctl.d/60-dumpsieve.conf and run: sysctl --system';

export const checkPattern: Check = (context) => {
  const pattern = corePattern(context);
  if (pattern === undefined)
    return [unknown('kernel.core_pattern cannot be read', 'run it where the kernel is, on Linux')];
  if (pattern.kind === 'handler') return [ok(`the kernel hands dumps to ${escapeText(pattern.program)}`)];
  if (pattern.kind === 'socket') return [ok(`the kernel hands dumps to ${escapeText(pattern.path)}`)];
  const shown = pattern.text === '' ? 'empty' : `"${escapeText(pattern.text)}"`;
  return [wrong(`kernel.core_pattern is ${shown}: dumps do not come to the guard`, SET)];
};

export const checkHandler: Check = (context) => {
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

export const checkSettings: Check = (context) => {
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

export const checkPipeLimit: Check = ({ places }) => {
  const text = orUndefined(() => fs.readFileSync(path.join(places.kernel, 'core_pipe_limit'), 'latin1'));
  const limit = Number(text ?? Number.NaN);
  if (Number.isNaN(limit)) return [note('kernel.core_pipe_limit cannot be read')];
  if (limit === 0 || limit >= LEAST) return [ok(`kernel.core_pipe_limit is ${limit}`)];
  const message = `kernel.core_pipe_limit is ${limit}: of more crashes at once the kernel skips dumps`;
  return [note(message, `set 0 (no limit) or ${LEAST}`)];
};
