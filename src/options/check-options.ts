import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import { CONFIDENCES, KINDS, SEVERITIES } from '../model/report.js';
import type { ScanOptions } from './scan-options.js';

/** What an option may be, in words and as a test. */
interface Check {
  allowed: string;
  holds(value: unknown): boolean;
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isList = (value: unknown, holds: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);

const ofType = (type: 'boolean' | 'function', allowed: string): Check => ({
  allowed,
  holds: (value) => typeof value === type,
});
const SWITCH = ofType('boolean', 'true or false');
const CALLBACK = ofType('function', 'a function');
const TEXT: Check = { allowed: 'text that is not empty', holds: isText };
const TEXTS: Check = { allowed: 'a list of texts', holds: (value) => isList(value, isText) };

const oneOf = (words: readonly string[]): Check => ({
  allowed: `one of ${words.join(', ')}`,
  holds: (value) => words.includes(value as string),
});
const someOf = (words: readonly string[]): Check => ({
  allowed: `a list of ${words.join(', ')}`,
  holds: (value) => isList(value, (each) => words.includes(each as string)),
});

/** An object that has these methods: it may come of another realm, so that its class says nothing. */
const having = (allowed: string, ...methods: string[]): Check => ({
  allowed,
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
});

const CHECKS: { readonly [K in keyof Required<ScanOptions>]: Check } = {
  paths: {
    allowed: 'a list of at least one path, as text or bytes',
    holds: (value) =>
      isList(value, (each) => isText(each) || ArrayBuffer.isView(each)) && (value as unknown[]).length > 0,
  },
  ruleFolders: TEXTS,
  only: TEXTS,
  with: TEXTS,
  skip: TEXTS,
  onlySigning: SWITCH,
  failOn: oneOf(SEVERITIES),
  failOnKind: someOf(KINDS),
  minConfidence: oneOf(CONFIDENCES),
  baseline: TEXT,
  writeBaseline: TEXT,
  allow: TEXTS,
  find: TEXTS,
  expectAbsent: SWITCH,
  hash: SWITCH,
  entropyNet: SWITCH,
  deep: SWITCH,
  exitZero: SWITCH,
  strict: SWITCH,
  ifNoFiles: oneOf(['error', 'warn', 'ignore']),
  follow: SWITCH,
  jobs: {
    allowed: 'a whole number from 1 on',
    holds: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  },
  spoolDir: TEXT,
  configFile: TEXT,
  stdin: having('a readable stream', 'pipe', 'on'),
  signal: having('an AbortSignal', 'addEventListener', 'throwIfAborted'),
  onProgress: CALLBACK,
  onTimings: CALLBACK,
};

function wrong(message: string, hint: string): DumpsieveError {
  return new DumpsieveError({ code: 'wrong-option', message, hint });
}

/**
 * Holds a library call's options against the table; throws `wrong-option` (exit 3). An option that is undefined is left
 * out. By hand: a schema's library takes longer to load than a small dump to scan.
 */
export function checkOptions(options: unknown): asserts options is ScanOptions {
  if (typeof options !== 'object' || options === null)
    throw wrong('the options are no object', "as in scan({ paths: ['core.1234'] })");
  const given = { paths: undefined, ...options } as Record<string, unknown>;
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(CHECKS, name)) throw unknown(name);
    const { allowed, holds } = CHECKS[name as keyof ScanOptions];
    if (value === undefined && name !== 'paths') continue;
    if (!holds(value)) throw wrong(`the option ${name} is not what it should be`, `allowed is ${allowed}`);
  }
}

function unknown(name: string): DumpsieveError {
  const names = Object.keys(CHECKS);
  const known = closest(name, names);
  return wrong(
    `there is no option ${JSON.stringify(name.slice(0, 80))}`,
    known === undefined ? `there are ${names.join(', ')}` : `did you mean ${known}?`,
  );
}
