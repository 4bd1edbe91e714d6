import { DumpsieveError } from '../base/runtime/errors.js';
import { closest } from '../base/text/suggest.js';
import type { EffortLevel } from '../model/effort.js';
import { INSPECT_OPTIONS, type InspectOptions } from './inspect-table.js';
import { CHECKS, isList, isText, type OptionCheck } from './option-types.js';
import {
  KEEPS,
  OPTIONS_OF,
  REDACT_OPTIONS,
  VERIFY_OPTIONS,
  type VerifyFolderOptions,
  type VerifyLogOptions,
  type VerifyOptions,
  type VerifyTable,
} from './redact-table.js';
import type { Timings } from './stopwatch.js';
import { type LibraryOptions, type LibraryOptionsOf, type OptionRow, SCAN_OPTIONS } from './table.js';

/** Bytes swept so far, bytes known so far, findings so far. */
export interface ScanProgress {
  bytes: number;
  total: number;
  findings: number;
}

/** Options of a scan. All but `paths` have the command line's defaults (src/core/options/table.ts). */
export interface ScanOptions extends LibraryOptions {
  /** Files, folders, globs, or `-` for standard input, as text or as bytes. Empty with `pid` alone. */
  paths: readonly (string | Uint8Array)[];
  /** Configuration file that these options come from: for the report alone. */
  configFile?: string;
  /** Where `-` reads from. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Ends the scan with a partial report, which lists what was not read. */
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  /** Called once, at the end, with the time that each phase took. */
  onTimings?: (timings: Timings) => void;
}

/** Options of a scan that belong to no scanner: what is scanned, and for whom. */
const OF_SCAN = [
  'paths',
  'pid',
  'stdin',
  'signal',
  'onProgress',
  'onTimings',
  'configFile',
  'writeBaseline',
] as const;
type OfScan = (typeof OF_SCAN)[number];

/** Options of a scanner, for all its scans. They have the command line's defaults. */
export type ScannerOptions = Omit<ScanOptions, OfScan>;

/** When the process of a scan is ended. Without one there is no limit. */
export interface ChildLimits {
  /** For one source. */
  seconds?: number;
  /** Bytes of resident memory. */
  memory?: number;
  /** Whose permissions the child has, instead of those of this process; only root can choose. */
  user?: ChildUser;
}

/** A user and a group of this machine. */
export interface ChildUser {
  uid: number;
  gid: number;
}

/** The options that a scanner has not. */
const SCAN_ONLY: ReadonlySet<string> = new Set(OF_SCAN);

/** An object with these methods. Its class is not tested, since it may come from another realm. */
const having = (allowed: string, ...methods: string[]): OptionCheck => ({
  allowed,
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
});

const callback: OptionCheck = { allowed: 'a function', holds: (value) => typeof value === 'function' };

const PATHS = 'a list of at least one path, as text or bytes';

/** Options that only a library caller can give. */
const CALLER: { readonly [Name in Exclude<keyof ScanOptions, keyof LibraryOptions>]: OptionCheck } = {
  paths: {
    allowed: PATHS,
    holds: (value) => isList(value, (each) => isText(each) || ArrayBuffer.isView(each)),
  },
  configFile: CHECKS.path([]),
  stdin: having('a readable stream', 'pipe', 'on'),
  signal: having('an AbortSignal', 'addEventListener', 'throwIfAborted'),
  onProgress: callback,
  onTimings: callback,
};

/** The checks of a table's library options. */
function checksOf(table: Readonly<Record<string, OptionRow>>): Record<string, OptionCheck> {
  const rows = Object.entries(table).filter(([, { commandOnly }]) => !commandOnly);
  return Object.fromEntries(rows.map(([name, { type, choices = [] }]) => [name, CHECKS[type](choices)]));
}

const SCAN: Readonly<Record<string, OptionCheck>> = { ...CALLER, ...checksOf(SCAN_OPTIONS) };

const PATH: OptionCheck = {
  allowed: 'a path, as text or bytes',
  holds: (value) => isText(value) || ArrayBuffer.isView(value),
};

const REDACT_CALLER: { readonly [Name in Exclude<keyof RedactOptions, keyof RedactTable>]: OptionCheck } = {
  input: PATH,
  stdin: CALLER.stdin,
  stdout: having('a writable stream', 'write', 'on'),
  signal: CALLER.signal,
  onProgress: callback,
};

const REDACT: Readonly<Record<string, OptionCheck>> = { ...REDACT_CALLER, ...checksOf(REDACT_OPTIONS) };

const VERIFY_CALLER: { readonly [Name in Exclude<keyof VerifyOptions, keyof VerifyTable>]: OptionCheck } = {
  manifest: PATH,
  file: PATH,
  signal: CALLER.signal,
  onProgress: callback,
};

const VERIFY: Readonly<Record<string, OptionCheck>> = { ...VERIFY_CALLER, ...checksOf(VERIFY_OPTIONS) };
const { manifest: _manifest, file: _file, ...VERIFY_EACH } = VERIFY;
const VERIFY_FOLDER: Readonly<Record<string, OptionCheck>> = { ...VERIFY_EACH, folder: PATH };

const INSPECT: Readonly<Record<string, OptionCheck>> = {
  path: PATH,
  place: { allowed: 'text that is not empty', holds: isText },
  stdin: CALLER.stdin,
  signal: CALLER.signal,
  ...checksOf(INSPECT_OPTIONS),
};

function wrong(message: string, hint: string): DumpsieveError {
  return new DumpsieveError({ code: 'wrong-option', message, hint });
}

/**
 * Checks a library call's options against their checks; throws `wrong-option` (exit 3). An undefined option
 * counts as left out unless it is `required`. Written by hand, since a schema library takes longer to load
 * than a small dump to scan.
 */
function checkAll(
  options: unknown,
  checks: Readonly<Record<string, OptionCheck>>,
  required: readonly string[],
  example: string,
): Record<string, unknown> {
  if (typeof options !== 'object' || options === null)
    throw wrong('the options are no object', `as in ${example}`);
  const given: Record<string, unknown> = {
    ...Object.fromEntries(required.map((name) => [name, undefined])),
    ...options,
  };
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (check === undefined) throw unknown(name, Object.keys(checks));
    const { allowed, holds } = check;
    if (value === undefined && !required.includes(name)) continue;
    if (!holds(value)) throw wrong(`the option ${name} is not what it should be`, `allowed is ${allowed}`);
  }
  return given;
}

/** Checks the options of `scan`. */
export function checkOptions(options: unknown): asserts options is ScanOptions {
  const given = checkAll(options, SCAN, ['paths'], "scan({ paths: ['core.1234'] })");
  if ((given.paths as unknown[]).length === 0 && given.pid === undefined)
    throw wrong('the option paths is not what it should be', `allowed is ${PATHS}, or none with pid`);
  effortOf(given);
}

const SCANNER = Object.fromEntries(Object.entries(SCAN).filter(([name]) => !SCAN_ONLY.has(name)));

/** Checks the options of a scanner. */
export function checkScannerOptions(options: unknown): asserts options is ScannerOptions {
  effortOf(checkAll(options, SCANNER, [], "Scanner.open({ find: ['tls.key'] })"));
}

const EACH: Readonly<Record<string, OptionCheck>> = { signal: CALLER.signal, onProgress: CALLER.onProgress };

/** Checks the options of one scan by a scanner. */
export function checkEachOptions(options: unknown): void {
  checkAll(options, EACH, [], "scanner.scan('core.1234', { signal })");
}

const positive: OptionCheck = {
  allowed: 'a number above 0',
  holds: (value) => typeof value === 'number' && value > 0,
};

const isId = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

const user: OptionCheck = {
  allowed: '{ uid, gid }',
  holds: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'uid' in value &&
    isId(value.uid) &&
    'gid' in value &&
    isId(value.gid),
};

/** Checks the limits of a process that scans. */
export function checkChildLimits(limits: unknown): void {
  const checks = { seconds: positive, memory: positive, user };
  checkAll(limits, checks, [], 'ScanChild.open({}, { seconds: 300 })');
}

/** Checks the options of `redact`. */
export function checkRedactOptions(options: unknown): asserts options is RedactOptions {
  const example = "redact({ input: 'core.1234', output: 'core.redacted' })";
  const { output, stdout } = checkAll(options, REDACT, ['input', 'output'], example);
  if (output === '-' && stdout === undefined)
    throw wrong('the output - needs the option stdout', 'name a stream, or a file');
}

/** Checks the options of `redactFolder`. */
export function checkFolderOptions(options: unknown): asserts options is FolderOptions {
  const { manifest: _manifest, stdin: _stdin, stdout: _stdout, ...checks } = REDACT;
  const { manifest, output, ...given } = { ...(options as Partial<RedactOptions> | undefined) };
  if (output === '-') throw wrong('copies of a folder go to a folder', 'name one: -o DIR');
  if (manifest !== undefined)
    throw wrong('each copy of a folder has a manifest of its own', 'leave the option manifest out');
  checkAll(
    { output, ...given },
    checks,
    ['input', 'output'],
    "redactFolder({ input: 'dumps', output: 'out' })",
  );
}

/** Refuses options of another kind of copy, unless they have their default. */
export function requireOptionsOf(keep: (typeof KEEPS)[number], options: RedactOptions): void {
  const rows: Readonly<Record<string, OptionRow>> = REDACT_OPTIONS;
  for (const other of KEEPS.filter((each) => each !== keep))
    for (const name of OPTIONS_OF[other]) {
      const value = options[name as keyof RedactOptions];
      if (value === undefined || value === false || value === rows[name]?.default) continue;
      throw wrong(`the option ${name} is of no use with keep ${keep}`, `leave it out, or keep ${other}`);
    }
}

/** Checks the options of `verify`. */
export function checkVerifyOptions(options: unknown): asserts options is VerifyOptions {
  const example = "verify({ manifest: 'copy.manifest.json', file: 'copy', key: 'minisign.pub' })";
  checkAll(options, VERIFY, ['manifest', 'file', 'key'], example);
}

export function checkVerifyFolderOptions(options: unknown): asserts options is VerifyFolderOptions {
  const example = "verifyFolder({ folder: 'copies', key: 'minisign.pub' })";
  checkAll(options, VERIFY_FOLDER, ['folder', 'key'], example);
}

/** Checks the options of `verifyLog`. */
export function checkVerifyLogOptions(options: unknown): asserts options is VerifyLogOptions {
  const checks = { log: PATH, key: CHECKS.path([]), since: CHECKS.text([]) };
  checkAll(options, checks, ['log', 'key'], "verifyLog({ log: 'log.jsonl', key: 'guard.pub' })");
}

/** Checks the options of `inspect`. */
export function checkInspectOptions(options: unknown): asserts options is InspectOptions {
  checkAll(options, INSPECT, ['path'], "inspect({ path: 'core.1234' })");
}

/** The effort of a scan. Throws `wrong-option` if `deep` contradicts it. */
export function effortOf({ effort, deep = false }: Pick<LibraryOptions, 'effort' | 'deep'>): EffortLevel {
  if (deep && effort !== undefined && effort !== 'deep')
    throw wrong(`the option deep is the effort deep, and the effort is ${effort}`, 'leave one of them out');
  return effort ?? (deep ? 'deep' : 'normal');
}

function unknown(name: string, names: readonly string[]): DumpsieveError {
  const known = closest(name, names);
  return wrong(
    `there is no option ${JSON.stringify(name)}`,
    known === undefined ? `there are ${names.join(', ')}` : `did you mean ${known}?`,
  );
}

/** Options of a copy that the table lists. */
export type RedactTable = LibraryOptionsOf<typeof REDACT_OPTIONS>;

/** Bytes of the present step so far, and of the whole step: of the last one for `keep: 'backtrace'`. */
export interface RedactProgress {
  bytes: number;
  total: number;
  /** Phase of `keep: 'all'`: scanning, writing, or reading back. */
  phase?: 'scan' | 'write' | 'prove';
  /** Of a scan: 0 for the dump itself, then one for each scan of what would be left. */
  round?: number;
}

/** Options of copies of a folder: `input` and `output` are folders. */
export type FolderOptions = Omit<RedactOptions, 'manifest' | 'stdin' | 'stdout'>;

/** Options of a copy (src/core/options/redact-table.ts). */
export interface RedactOptions extends RedactTable {
  /** The dump; bytes where its name is not UTF-8. `-`: standard input. */
  input: string | Uint8Array;
  /** File of the copy. `-`: `stdout`; then `manifest` is needed. */
  output: string;
  /** Bytes of the input `-`. Default: process.stdin. */
  stdin?: NodeJS.ReadableStream;
  /** Where the output `-` goes, when it is proven. It is not ended. */
  stdout?: NodeJS.WritableStream;
  /** Ends the copy: it rejects with the signal's reason, and there is no output. */
  signal?: AbortSignal;
  onProgress?: (progress: RedactProgress) => void;
}
