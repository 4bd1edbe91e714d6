import { availableParallelism } from 'node:os';
import { EFFORTS } from '../model/effort.js';
import { CONFIDENCES, FORMATS, KINDS, SEVERITIES } from '../model/report.js';
import type { OptionRow, OptionValues } from './option-types.js';

export { OPTION_GROUPS, type OptionRow } from './option-types.js';

/** Threads by default: each costs memory, and further ones wait for the thread that takes their hits. */
const MOST_BY_DEFAULT = 16;

/** The options of a scan, by their names in the library. */
export const SCAN_OPTIONS = {
  format: {
    flag: '-f, --format <format>',
    type: 'choice',
    help: 'format of the report on standard output',
    group: 'Report',
    choices: FORMATS,
    default: 'pretty',
    commandOnly: true,
  },
  output: {
    flag: '-o, --output <format=file>',
    type: 'outputs',
    help: 'also write a report to a file (may be repeated)',
    group: 'Report',
    commandOnly: true,
  },
  /** `regions` and `entropy` of every artifact in its event. */
  regions: {
    flag: '--regions',
    type: 'switch',
    help: 'report the regions of memory and samples of their entropy (json, ndjson; html has them anyway)',
    group: 'Report',
  },
  /** Folders of further rule files. */
  ruleFolders: {
    flag: '--rules <dir>',
    type: 'paths',
    reads: 'in the folder of --rules',
    help: 'add the rule files (*.yaml) of a folder (may be repeated)',
    group: 'Rules',
  },
  /** Use only these rules, by id or group (`service:*`). */
  only: {
    flag: '--only <ids>',
    type: 'names',
    help: 'use only these rules, by id or group such as service:* (a,b, or repeated)',
    group: 'Rules',
  },
  /** Rules that are off by default, enabled beside the others. */
  with: {
    flag: '--with <ids>',
    type: 'names',
    help: 'enable rules that are off by default, by id or group (a,b, or repeated)',
    group: 'Rules',
  },
  /** Leave these rules out, by id or group (`service:*`). */
  skip: {
    flag: '--skip <ids>',
    type: 'names',
    help: 'leave these rules out, by id or group such as service:* (a,b, or repeated)',
    group: 'Rules',
  },
  /** Use only rules whose secrets can sign or forge. */
  onlySigning: {
    flag: '--only-signing',
    type: 'switch',
    help: 'use only rules whose secrets can sign or forge',
    group: 'Rules',
  },
  /** Files of keys and tokens that are known and do not count. */
  allow: {
    flag: '--allow <file>',
    type: 'paths',
    reads: 'the file of --allow',
    help:
      'known keys and tokens, which pass the gate: certificate or request, public or private key, JWKS, ' +
      'SSH key, .env, list of values, Kubernetes Secret, or a folder of them (may be repeated)',
    group: 'Known and searched-for secrets',
  },
  /** Files of keys and values to search for. Each target is answered by a `find` event. */
  find: {
    flag: '--find <file>',
    type: 'paths',
    reads: 'the file of --find',
    help:
      'search for exactly these: certificate or request, public or private key, JWKS, SSH key, .env, ' +
      'list of values, Kubernetes Secret, a folder of them, or the sha256: of a public key (may be repeated)',
    group: 'Known and searched-for secrets',
  },
  /** File with the passwords of encrypted keys in the files of `find` and `allow`, one a line. */
  findPasswordFile: {
    flag: '--find-password-file <file>',
    type: 'path',
    reads: 'the file of --find-password-file',
    help: 'file with the passwords of encrypted keys in the files of --find and --allow, one a line',
    group: 'Known and searched-for secrets',
    commandLineOnly: true,
  },
  /** Only targets of `find` fail the gate; implies `strict`, but for limits of other searches. */
  expectAbsent: {
    flag: '--expect-absent',
    type: 'switch',
    help: 'only targets of --find fail the gate; implies --strict, but for limits of other searches',
    group: 'Known and searched-for secrets',
  },
  /** Baseline file: findings accepted before do not count. */
  baseline: {
    flag: '--baseline <file>',
    type: 'path',
    reads: 'the file of --baseline',
    help: 'findings accepted in this file pass the gate',
    group: 'Known and searched-for secrets',
  },
  /** File for the next baseline, written when all findings are reported; not when the scan was stopped. */
  writeBaseline: {
    flag: '--write-baseline <file>',
    type: 'path',
    help: 'write the findings that fail the gate, and those of the present baseline, as the next baseline',
    group: 'Known and searched-for secrets',
  },
  /** Least severity that counts. Default high. */
  failOn: {
    flag: '--fail-on <severity>',
    type: 'choice',
    help: 'least severity that fails the gate',
    group: 'Exit status',
    choices: SEVERITIES,
    default: 'high',
  },
  /** Only these kinds count. Default all. */
  failOnKind: {
    flag: '--fail-on-kind <kinds>',
    type: 'choices',
    help: 'only these kinds fail the gate (a,b, or repeated)',
    group: 'Exit status',
    choices: KINDS,
  },
  /** Least confidence that counts. Default medium. */
  minConfidence: {
    flag: '--min-confidence <level>',
    type: 'choice',
    help: 'least confidence that fails the gate',
    group: 'Exit status',
    choices: CONFIDENCES,
    default: 'medium',
  },
  /** Search runs of random-looking words for keys without a marker. Default true. */
  entropyNet: {
    flag: '--no-entropy-net',
    type: 'switch',
    help: 'do not search for keys without a marker (bare integers)',
    group: 'Search',
  },
  /** Work beyond the sweep: less than usual, as usual, or without budgets. Default normal. */
  effort: {
    flag: '--effort <level>',
    type: 'choice',
    help:
      'work beyond the sweep, for bare integers and in floods of matches: quick (an eighth of the ' +
      'budgets), normal (the default), deep (without budgets; may take long)',
    group: 'Search',
    choices: EFFORTS,
  },
  /** A shorthand of the effort `deep`. */
  deep: {
    flag: '--deep',
    type: 'switch',
    help: 'the same as --effort deep',
    group: 'Search',
    aliasOf: 'effort',
  },
  /** Names of `coverage.limits` that have no effect on the exit status, but for those of `find`. */
  acceptLimits: {
    flag: '--accept-limits <names>',
    type: 'names',
    help:
      'searches of coverage.limits that may end at a limit without exit 2, but not those for --find ' +
      '(a,b, or repeated)',
    group: 'Exit status',
  },
  /** Findings do not fail the scan; unread bytes still do. */
  exitZero: {
    flag: '--exit-zero',
    type: 'switch',
    help: 'findings do not fail the command; unread bytes still do',
    group: 'Exit status',
  },
  /**
   * Missing memory, searches at any limit, formats not parsed, links that lead outside, files left out,
   * changed metadata and a scan without a byte make the scan incomplete.
   */
  strict: {
    flag: '--strict',
    type: 'switch',
    help:
      'exit 2 also for missing memory, searches at any limit, ' +
      'unparsed formats, links that lead outside, files left out, no byte searched',
    group: 'Exit status',
  },
  /** What to do where a path or pattern holds no file, and where no byte was searched. Default warn. */
  ifNoFiles: {
    flag: '--if-no-files <what>',
    type: 'choice',
    help:
      'what to do if a path or pattern matches no file, or no byte was searched ' +
      '(with --find or --strict the latter is always exit 2)',
    group: 'Files',
    choices: ['error', 'warn', 'ignore'],
    default: 'warn',
  },
  /** A running process, whose memory is scanned. It is stopped while that is copied. */
  pid: {
    flag: '--pid <pid>',
    type: 'count',
    help: 'scan the memory of a running process, which is stopped while it is copied (Linux)',
    group: 'Files',
    commandLineOnly: true,
  },
  /** Secrets in memory of `pid` that no core would have (MADV_DONTDUMP) fail the gate too. */
  includeUndumped: {
    flag: '--include-undumped',
    type: 'switch',
    help: 'with --pid: secrets in memory that no core dump would have (MADV_DONTDUMP) fail the gate too',
    group: 'Exit status',
  },
  /** Follow links found in a folder. */
  follow: {
    flag: '--follow',
    type: 'switch',
    help: 'follow links found in folders',
    group: 'Files',
  },
  /** Globs of files in folders and of members of archives: only these are scanned. */
  include: {
    flag: '--include <glob>',
    type: 'globs',
    help:
      'scan only files of folders and members of archives whose name, or path where the glob has a slash, ' +
      'matches; archives are opened all the same (may be repeated)',
    group: 'Files',
  },
  /** Globs of files in folders and of members of archives that are left out; outranks `include`. */
  exclude: {
    flag: '--exclude <glob>',
    type: 'globs',
    help: 'leave out such files of folders and members of archives; outranks --include (may be repeated)',
    group: 'Files',
  },
  /** File whose first line is the password of encrypted ZIP and 7z archives. */
  archivePasswordFile: {
    flag: '--archive-password-file <file>',
    type: 'path',
    reads: 'the file of --archive-password-file',
    help: 'file whose first line is the password of encrypted ZIP and 7z archives',
    group: 'Files',
    commandLineOnly: true,
  },
  /** SHA-256 of every artifact in its event. */
  hash: {
    flag: '--hash',
    type: 'switch',
    help: 'report the SHA-256 of each file and of what it unpacks to',
    group: 'Files',
  },
  /**
   * Threads that sweep, at most 256: one worker, or the calling thread and one worker less.
   * Default: os.availableParallelism(), at most 16.
   */
  jobs: {
    flag: '-j, --jobs <n>',
    type: 'count',
    help: 'number of threads, the main thread included',
    group: 'Program',
    default: Math.min(availableParallelism(), MOST_BY_DEFAULT),
    defaultText: 'one per processor, at most 16',
  },
  /** Folder of the unlinked, encrypted spool for standard input and unpacked streams. */
  spoolDir: {
    flag: '--spool-dir <dir>',
    type: 'path',
    help: 'folder for the encrypted, unlinked spool of standard input and unpacked streams',
    group: 'Files',
  },
  timeLimit: {
    flag: '--time-limit <seconds>',
    type: 'seconds',
    help: 'stop after this time; what was not read by then is reported, exit 2',
    group: 'Program',
    commandOnly: true,
  },
  config: {
    flag: '--config <file>',
    type: 'path',
    reads: 'the configuration file',
    help: 'configuration file (default: .dumpsieve.yaml, here or in a folder above)',
    group: 'Program',
    commandOnly: true,
    commandLineOnly: true,
  },
  noConfig: {
    flag: '--no-config',
    type: 'switch',
    help: 'use no configuration file',
    group: 'Program',
    commandOnly: true,
    commandLineOnly: true,
  },
  progress: {
    flag: '--progress',
    type: 'switch',
    help: 'show progress on standard error (default: on a terminal)',
    group: 'Program',
    commandOnly: true,
  },
  noProgress: {
    flag: '--no-progress',
    type: 'switch',
    help: 'show no progress',
    group: 'Program',
    commandOnly: true,
    commandLineOnly: true,
  },
  verbose: {
    flag: '--verbose',
    type: 'switch',
    help: 'pretty says all of each finding: statements of the proof, places, rules, digests, certificates',
    group: 'Report',
    commandOnly: true,
  },
  quiet: {
    flag: '-q, --quiet',
    type: 'switch',
    help: 'print no report on standard output',
    group: 'Report',
    commandOnly: true,
  },
  debug: {
    flag: '--debug',
    type: 'switch',
    help: 'print stacks of errors and timings, without secrets',
    group: 'Program',
    commandOnly: true,
  },
} as const satisfies Record<string, OptionRow>;

type Rows = typeof SCAN_OPTIONS;

/** The value of a row: its words where it has any. */
type ValueOf<Row extends OptionRow> = Row extends { type: 'choice'; choices: readonly (infer Word)[] }
  ? Word
  : Row extends { type: 'choices'; choices: readonly (infer Word)[] }
    ? readonly Word[]
    : OptionValues[Row['type']];

/** Every row's value; all optional, as a configuration or a caller may leave them out. */
export type OptionsGiven = { -readonly [Name in keyof Rows]?: ValueOf<Rows[Name]> };

/** The library's options of a table: its rows that are not of the command alone. */
export type LibraryOptionsOf<Table extends Readonly<Record<string, OptionRow>>> = {
  -readonly [Name in keyof Table as Table[Name] extends { commandOnly: true } ? never : Name]?: ValueOf<
    Table[Name]
  >;
};

export type LibraryOptions = LibraryOptionsOf<Rows>;

type Defaults = {
  [Name in keyof Rows as Rows[Name] extends { default: unknown } ? Name : never]: ValueOf<Rows[Name]>;
};

/** The one place of each default. */
export const DEFAULTS: Defaults = {
  format: SCAN_OPTIONS.format.default,
  failOn: SCAN_OPTIONS.failOn.default,
  minConfidence: SCAN_OPTIONS.minConfidence.default,
  ifNoFiles: SCAN_OPTIONS.ifNoFiles.default,
  jobs: SCAN_OPTIONS.jobs.default,
};
