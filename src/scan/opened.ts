import { statSync } from 'node:fs';
import type { Secret } from '../core/base/crypto/secret.js';
import { DumpsieveError } from '../core/base/runtime/errors.js';
import { acceptedLimits } from '../core/limits/limit-facts.js';
import type { EffortLevel } from '../core/model/effort.js';
import { effortOf, type ScannerOptions, type ScanOptions } from '../core/options/check-options.js';
import type { Stopwatch } from '../core/options/stopwatch.js';
import { DEFAULTS } from '../core/options/table.js';
import type { ExamineObserver } from '../detect/observer.js';
import { openMaskingBook, openRulebook, type Rulebook } from '../detect/rulebook/rulebook.js';
import { PreparedCopies } from '../known/prepared-copies.js';
import { SweepPool } from '../sweep/pool.js';
import { settlePrestart } from '../sweep/worker-prestart.js';
import { readArchivePassword } from './archive-password.js';
import { type BareKeyRules, bareKeyRules } from './bare-key-rules.js';
import { copiesOfTargets, openTargetFiles, type TargetFiles } from './find/find.js';
import { type KnownSecret, secretsOf } from './find/find-targets.js';
import { KnownSecrets } from './policy/known-secrets.js';
import { readFindPasswords } from './secret-files/passwords.js';

/** What is opened once and depends on no source: rules, threads, known secrets, targets. */
export interface Opened {
  options: ScannerOptions;
  effort: EffortLevel;
  book: Rulebook;
  maskingBook: Rulebook;
  /** Undefined if the search for keys without a marker is off. */
  bareKeyRules: BareKeyRules | undefined;
  pool: SweepPool;
  /** Known secrets of the first report, which may write a baseline. */
  knownSecrets: KnownSecrets;
  /** Secrets of allow lists, to be masked. */
  allowedSecrets: readonly KnownSecret[];
  targetFiles: TargetFiles;
  /** Needles of the targets. */
  targetCopies: PreparedCopies;
  /** Passwords of encrypted keys in files of targets and allow lists. */
  findPasswords: readonly Secret[];
  /** Password of encrypted members of archives. */
  archivePassword: Secret | undefined;
  /** Names of limits. */
  acceptedLimits: ReadonlySet<string>;
  observer: ExamineObserver | undefined;
}

/** For the check of rules. */
export interface ScannerInternals {
  /** Counts and times what each rule costs. */
  observer?: ExamineObserver;
  /** All hits of literals and all values are examined, also those that a filter would drop. */
  everyHit?: boolean;
}

/** Throws (exit 3) for a file that cannot be read, and for a name that no rule or limit has. */
export async function openOnce(
  options: ScannerOptions & Pick<ScanOptions, 'writeBaseline'>,
  { observer, everyHit = false }: ScannerInternals,
  stopwatch: Stopwatch,
): Promise<Opened> {
  if (options.spoolDir !== undefined) requireFolder(options.spoolDir);
  const accepted = acceptedLimits(options.acceptLimits);
  const parts = await stopwatch.wait('start', async () => {
    const opened = await openRulebook(options);
    const book = everyHit ? { ...opened, net: { ...opened.net, unfiltered: true } } : opened;
    const maskingBook = await openMaskingBook(options, book);
    const findPasswords = readFindPasswords(options.findPasswordFile);
    const knownSecrets = await KnownSecrets.open(options, findPasswords);
    const targetFiles = await openTargetFiles(options, findPasswords);
    const archivePassword = readArchivePassword(options.archivePasswordFile);
    return { book, maskingBook, knownSecrets, targetFiles, findPasswords, archivePassword };
  });
  // Masking and sweeping choose a kernel, which changes V8's settings: no worker may be starting then.
  await settlePrestart();
  return {
    ...parts,
    targetCopies: new PreparedCopies(copiesOfTargets(parts.targetFiles)),
    allowedSecrets: [...secretsOf(parts.knownSecrets.allowed, parts.maskingBook)],
    options,
    effort: effortOf(options),
    bareKeyRules: options.entropyNet === false ? undefined : bareKeyRules(parts.book.rules.rules),
    pool: new SweepPool(options.jobs ?? DEFAULTS.jobs),
    acceptedLimits: accepted,
    observer,
  };
}

/** Throws (exit 3) if it was closed: its secrets are overwritten, so that nothing would be masked by them. */
export function requireOpen({ pool }: Pick<Opened, 'pool'>): void {
  if (pool.isClosed) throw new DumpsieveError({ code: 'scanner-closed', message: 'the scanner is closed' });
}

/** Checked before the first byte is read: an error from the spool would end the scan midway. */
function requireFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new DumpsieveError({
    code: 'bad-spool-dir',
    message: `the spool folder ${folder} is not a directory`,
    hint: 'name a writable folder on a disk with room for the unpacked content',
  });
}
