import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import type { EffortLevel } from '../model/effort.js';
import { CHECKS, type Check, isList, isText } from './option-types.js';
import type { ScanOptions } from './scan-options.js';
import { type LibraryOptions, type OptionRow, SCAN_OPTIONS } from './table.js';

/** An object with these methods. Its class is not tested, since it may come from another realm. */
const having = (allowed: string, ...methods: string[]): Check => ({
  allowed,
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
});

const callback: Check = { allowed: 'a function', holds: (value) => typeof value === 'function' };

/** Options that only a library caller can give. */
const CALLER: { readonly [Name in Exclude<keyof ScanOptions, keyof LibraryOptions>]: Check } = {
  paths: {
    allowed: 'a list of at least one path, as text or bytes',
    holds: (value) =>
      isList(value, (each) => isText(each) || ArrayBuffer.isView(each)) && (value as unknown[]).length > 0,
  },
  configFile: CHECKS.path([]),
  stdin: having('a readable stream', 'pipe', 'on'),
  signal: having('an AbortSignal', 'addEventListener', 'throwIfAborted'),
  onProgress: callback,
  onTimings: callback,
};

const rows: [name: string, row: OptionRow][] = Object.entries(SCAN_OPTIONS);

const CHECK_OF: Readonly<Record<string, Check>> = {
  ...CALLER,
  ...Object.fromEntries(
    rows
      .filter(([, { commandOnly }]) => !commandOnly)
      .map(([name, { type, choices = [] }]) => [name, CHECKS[type](choices)]),
  ),
};

function wrong(message: string, hint: string): DumpsieveError {
  return new DumpsieveError({ code: 'wrong-option', message, hint });
}

/**
 * Checks a library call's options against the table; throws `wrong-option` (exit 3). An undefined option
 * counts as left out. Written by hand, since a schema library takes longer to load than a small dump to scan.
 */
export function checkOptions(options: unknown): asserts options is ScanOptions {
  if (typeof options !== 'object' || options === null)
    throw wrong('the options are no object', "as in scan({ paths: ['core.1234'] })");
  const given = { paths: undefined, ...options } as Record<string, unknown>;
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(CHECK_OF, name) ? CHECK_OF[name] : undefined;
    if (check === undefined) throw unknown(name);
    const { allowed, holds } = check;
    if (value === undefined && name !== 'paths') continue;
    if (!holds(value)) throw wrong(`the option ${name} is not what it should be`, `allowed is ${allowed}`);
  }
  effortOf(given);
}

/** The effort of a scan. Throws `wrong-option` if `deep` contradicts it. */
export function effortOf({ effort, deep = false }: Pick<LibraryOptions, 'effort' | 'deep'>): EffortLevel {
  if (deep && effort !== undefined && effort !== 'deep')
    throw wrong(`the option deep is the effort deep, and the effort is ${effort}`, 'leave one of them out');
  return effort ?? (deep ? 'deep' : 'normal');
}

function unknown(name: string): DumpsieveError {
  const names = Object.keys(CHECK_OF);
  const known = closest(name, names);
  return wrong(
    `there is no option ${JSON.stringify(name)}`,
    known === undefined ? `there are ${names.join(', ')}` : `did you mean ${known}?`,
  );
}
