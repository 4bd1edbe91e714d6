import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RemoteAccess } from '../listing/remote-access.js';
import type { StoredDump } from '../model/dump.js';
import { collectReport, type FileReport, outerOf, resultOfReport } from '../model/result-of-report.js';
import type { ScanResult } from '../model/scan-result.js';
import type { Outcome } from '../model/work.js';
import type { OpenedDump, openDump } from '../reading/open-dump.js';
import { outcomeOf } from '../reading/outcome.js';
import type { SpoolSlot } from '../reading/spool.js';
import type { Store } from '../store/store.js';
import type { UsedRules } from './ruleset.js';
import { deathOf, type ScanProcess } from './scan-process.js';
import { isLocal } from './scope.js';

/** What became of an attempt: an outcome that ends the job, or why it goes on. */
export type Attempted =
  | Outcome
  /** Its content is being scanned by another worker, or for another dump. */
  | { type: 'elsewhere'; sha256: string }
  /** The process ended, and the dump has no part in it. */
  | { type: 'lost'; message: string }
  /** The work was ended. */
  | { type: 'stopped' };

/** A process, and the spool that it reads. */
export interface Slot {
  readonly process: ScanProcess;
  readonly spool: SpoolSlot;
}

/** What all attempts of a worker share. */
export interface AttemptSetting {
  store: Pick<Store, 'hasSize' | 'isScanned' | 'claimContent'>;
  access: RemoteAccess;
  openDump: typeof openDump;
  rules: UsedRules;
  worker: string;
  /** How long a worker holds content from now on: ISO 8601. */
  until(): string;
  /** Seconds of one scan; it stops by itself, with a report of what it has done. */
  seconds?: number | undefined;
  /** Aborted when scans under way are given up. */
  cut: AbortSignal;
  /** Digest of the content, if an attempt before has read it: it is not read again while it is held. */
  sha256?: string | undefined;
}

/** Gets the bytes of a dump, and scans them unless their content has a scan. */
export async function attempt(dump: StoredDump, slot: Slot, setting: AttemptSetting): Promise<Attempted> {
  try {
    return await read(dump, slot, setting);
  } catch (error) {
    if (setting.cut.aborted) return { type: 'stopped' };
    const outcome = outcomeOf(error);
    if (outcome === undefined) throw error;
    return outcome;
  }
}

async function read(dump: StoredDump, slot: Slot, setting: AttemptSetting): Promise<Attempted> {
  const { access, store, cut, sha256, openDump } = setting;
  const before = await claimed(dump, { sha256 }, setting);
  if (before !== undefined) return before;
  // A local file is read twice only where it may be a copy.
  const hash = sha256 === undefined && isLocal(dump.uri) && (await store.hasSize(dump.size, dump.id));
  const opened = await openDump(dump, { access, slot: slot.spool, signal: cut, hash });
  try {
    const claim = opened.sha256 === sha256 ? undefined : await claimed(dump, opened, setting);
    return claim ?? (await scanned(dump, opened, slot, setting));
  } finally {
    await opened.close();
  }
}

/** Undefined if this worker is to scan the content. */
async function claimed(
  dump: StoredDump,
  { sha256 }: { sha256?: string | undefined },
  { store, rules, worker, until }: AttemptSetting,
): Promise<Attempted | undefined> {
  if (sha256 === undefined) return undefined;
  const { digest } = rules.ruleset;
  if (await store.claimContent(sha256, digest, worker, until(), dump)) return undefined;
  return (await store.isScanned(sha256, digest)) ? { type: 'known', sha256 } : { type: 'elsewhere', sha256 };
}

async function scanned(
  dump: StoredDump,
  opened: OpenedDump,
  slot: Slot,
  setting: AttemptSetting,
): Promise<Attempted> {
  const report = await reportOf(slot.process, opened, setting);
  if ('type' in report) {
    if (report.type === 'timeout') return timedOut(opened, setting);
    return report.type === 'crash' ? { ...report, type: 'crashed' } : report;
  }
  await opened.requireSame();
  const sha256 = opened.sha256 ?? outerOf(report)?.sha256 ?? (await digestOf(opened, report));
  if (sha256 === undefined) return unreadable(report);
  const { ruleset, targets } = setting.rules;
  const result = resultOfReport(report, {
    sha256,
    ruleset: ruleset.digest,
    bytes: dump.size,
    targets: targets.map(({ digest }) => digest),
  });
  return { type: 'scanned', result };
}

type Ended = Exclude<ReturnType<typeof deathOf>, undefined> | { type: 'stopped' };

/** The report of a scan, or how its process has ended. */
async function reportOf(
  process: ScanProcess,
  { source }: OpenedDump,
  { seconds, cut }: AttemptSetting,
): Promise<FileReport | Ended> {
  const time = seconds === undefined ? undefined : AbortSignal.timeout(seconds * 1000);
  try {
    const report = await collectReport(process.scan(source, time === undefined ? {} : { signal: time }));
    if (cut.aborted) return { type: 'stopped' };
    if (report === undefined) throw new Error('a scan of one dump has no report, or several');
    return report;
  } catch (error) {
    if (cut.aborted) return { type: 'stopped' };
    const death = deathOf(error);
    if (death === undefined) throw error;
    return death;
  }
}

/** A scan that was stopped has no digest. */
async function digestOf({ source }: OpenedDump, { summary }: FileReport): Promise<string | undefined> {
  if (!summary.warnings.some(({ code }) => code === 'stopped')) return undefined;
  return sha256OfSource(source);
}

/** Of a local file, which its child opens by its path. */
async function sha256OfSource(source: OpenedDump['source']): Promise<string | undefined> {
  if (typeof source !== 'string' && !(source instanceof Uint8Array)) return undefined;
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(Buffer.from(source))) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** The process was killed at its time limit: nothing is known of the content but that it takes too long. */
async function timedOut(opened: OpenedDump, { rules, seconds = 0 }: AttemptSetting): Promise<Outcome> {
  const sha256 = opened.sha256 ?? (await sha256OfSource(opened.source));
  await opened.requireSame();
  const result: ScanResult = {
    sha256: sha256!,
    ruleset: rules.ruleset.digest,
    exit: 2,
    complete: false,
    bytes: opened.size,
    seconds,
    limits: ['scan-child-timed-out'],
    findings: [],
    answers: rules.targets.map(({ digest }) => ({ target: digest, status: 'absent', complete: false })),
  };
  return { type: 'scanned', result };
}

/** Codes of what may pass: the file may be readable later. */
const TEMPORARY: ReadonlySet<string> = new Set(['read-failed', 'file-locked', 'too-many-open-files']);

/** Without a digest it is unknown what was scanned. */
function unreadable({ artifacts, summary }: FileReport): Outcome {
  const notices = [...summary.warnings, ...artifacts.flatMap(({ warnings }) => warnings)];
  const [first] = notices;
  const code = first?.code ?? 'read-failed';
  const message = first?.message ?? 'not all of its bytes could be read';
  return { type: 'unreadable', code, message, isTemporary: TEMPORARY.has(code) };
}
