import fs from 'node:fs';
import path from 'node:path';
import { orUndefined } from '../../core/base/runtime/or-undefined.js';
import type { CheckContext } from './check-row.js';

/** What the kernel does with a dump (core(5)). */
export type CorePattern =
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

/** What the handler does without settings (share/guard/seal). */
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
