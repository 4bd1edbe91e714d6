import { existsSync } from 'node:fs';
import { definedFields } from '../core/base/runtime/defined.js';
import { DumpsieveError, type Notice } from '../core/base/runtime/errors.js';
import { noticeOf } from '../core/base/runtime/warnings.js';
import { maskSpans } from '../detect/rulebook/mask-spans.js';
import { openRulebook } from '../detect/rulebook/rulebook.js';
import { Masker } from '../known/mask/mask.js';
import type { JoinedReport } from '../report/saved/joined.js';
import { rowOfId, theOneOf } from '../report/saved/lookup.js';
import { noticesOf } from '../report/saved/report-notices.js';
import { shortId } from '../report/short-id.js';
import { plural } from '../report/text.js';
import {
  Baseline,
  type BaselineEntry,
  baselineText,
  FINGERPRINT,
  isCertain,
  isExpired,
  readBaseline,
  replaceBaseline,
  warnings,
} from '../scan/policy/baseline.js';
import { expiryOf } from '../scan/policy/expiry.js';

type Files = readonly (string | Uint8Array)[];

/** An entry to add. */
export interface NewEntry {
  /** A whole fingerprint, or the start of that of a finding in the reports. */
  id: string;
  reason: string;
  owner: string;
  /** A date, or a time from now: `30d`. */
  expires: string;
  /** Saved reports with the finding. */
  from?: Files;
}

/** An entry as it is listed. Texts are masked and escaped. */
export interface ListedEntry extends BaselineEntry {
  /** The short id of the finding. */
  id: string;
  expired: boolean;
}

/** Adds an entry to a baseline, or renews it. Throws (exit 3) for a wrong id, date or file. */
export async function addToBaseline(
  file: string,
  { id, reason, owner, expires, from }: NewEntry,
  now = new Date(),
): Promise<{ entry: ListedEntry; renewed: boolean; notices: Notice[] }> {
  for (const [name, text] of Object.entries({ reason, owner }))
    if (text.trim() === '') throw new DumpsieveError({ code: 'wrong-call', message: `--${name} is empty` });
  const end = expiryOf(expires, now);
  const found = await identified(id, from);
  const { fingerprint, ruleId, notices } = found;
  const entries = entriesOf(file);
  const renewed = entries.has(fingerprint);
  const before = entries.get(fingerprint)?.ruleId;
  const entry = definedFields({ fingerprint, ruleId: ruleId ?? before, reason, owner, expires: end });
  entries.set(fingerprint, entry);
  const masker = await openMasker();
  rewrite(file, entries.values(), masker);
  return { entry: listed(entry, masker, now), renewed, notices };
}

/** The entries of a baseline, sorted by fingerprint. Throws (exit 3) for a file that is none. */
export async function listBaseline(file: string, now = new Date()): Promise<ListedEntry[]> {
  const entries = [...readBaseline(file).entries()];
  const masker = await openMasker();
  return entries
    .sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .map((entry) => listed(entry, masker, now));
}

/** Removes the entry of an id, short or whole. Throws (exit 3) for an id of no entry or of several. */
export async function removeFromBaseline(
  file: string,
  id: string,
  now = new Date(),
): Promise<{ removed: ListedEntry; kept: number }> {
  const entries = [...readBaseline(file).entries()];
  const removed = theOneOf(entries, id, {
    many: 'entries',
    none: `${file} has no entry with the id`,
    hint: 'dumpsieve baseline list has the id of each entry; more digits of it tell two apart',
  });
  const kept = entries.filter((entry) => entry !== removed);
  const masker = await openMasker();
  rewrite(file, kept, masker);
  return { removed: listed(removed, masker, now), kept: kept.length };
}

/**
 * Removes entries that have expired and, with reports, those without a finding in them. Entries without a
 * finding stay where a report is not complete, or of a scan that did not search for everything.
 */
export async function pruneBaseline(
  file: string,
  from: Files | undefined,
  now = new Date(),
): Promise<{ removed: ListedEntry[]; kept: number; notices: Notice[] }> {
  const entries = [...readBaseline(file).entries()];
  const report = from === undefined ? undefined : await openJoined(from);
  const notices = report === undefined ? [] : report.reports.flatMap(noticesOf);
  const seen = report && new Set(report.rows.map(({ fingerprint }) => fingerprint));
  const isGone = ({ fingerprint }: BaselineEntry): boolean => seen !== undefined && !seen.has(fingerprint);
  const lack = report && lackOf(report);
  const unseen = entries.filter((entry) => isGone(entry) && !isExpired(entry, now.getTime())).length;
  if (lack !== undefined && unseen > 0)
    notices.push(
      noticeOf(
        warnings.of('baseline-kept', {
          message: `${file} keeps ${plural(unseen, 'entry', 'entries')} without a finding: ${lack}`,
          hint: 'give complete reports of all dumps; dumpsieve baseline remove ID removes one entry',
        }),
      ),
    );
  const leaves = (entry: BaselineEntry): boolean =>
    isExpired(entry, now.getTime()) || (lack === undefined && isGone(entry));
  const removed = entries.filter(leaves);
  const kept = entries.filter((entry) => !leaves(entry));
  const masker = await openMasker();
  if (removed.length > 0) rewrite(file, kept, masker);
  return { removed: removed.map((entry) => listed(entry, masker, now)), kept: kept.length, notices };
}

function rewrite(file: string, entries: Iterable<BaselineEntry>, masker: Masker): void {
  replaceBaseline(
    file,
    baselineText(entries, (text) => masker.mask(text)),
  );
}

/** Options by which a scan leaves secrets out, and what it says of their values. */
const NARROW: Readonly<Record<string, (value: unknown) => boolean>> = {
  only: (value) => Array.isArray(value) && value.length > 0,
  skip: (value) => Array.isArray(value) && value.length > 0,
  entropyNet: (value) => value === false,
};

/** Why a secret that the reports lack may still be in the dumps; undefined if they are of whole scans. */
function lackOf(report: JoinedReport): string | undefined {
  if (!report.complete) return 'a report is not complete, so its dumps may still hold them';
  const options = report.reports.flatMap(({ run }) => Object.entries(run?.options ?? {}));
  const isNarrow = options.some(([name, value]) => Object.hasOwn(NARROW, name) && NARROW[name]!(value));
  return isNarrow
    ? 'a report is of a scan that did not search for everything (--only, --skip, …)'
    : undefined;
}

/** A file that is there must be a baseline: nothing else is overwritten. */
function entriesOf(file: string): Map<string, BaselineEntry> {
  const baseline = existsSync(file) ? readBaseline(file) : new Baseline();
  return new Map([...baseline.entries()].map((entry) => [entry.fingerprint, entry]));
}

async function openMasker(): Promise<Masker> {
  const book = await openRulebook({});
  return new Masker((text) => maskSpans(text, book));
}

async function openJoined(files: Files): Promise<JoinedReport> {
  const [{ readReport }, { JoinedReport }] = await Promise.all([
    import('../report/saved/read-report.js'),
    import('../report/saved/joined.js'),
  ]);
  const reports = [];
  for (const file of files) reports.push(await readReport(file));
  return new JoinedReport(reports);
}

/** The fingerprint of an id; a short one needs a report. */
async function identified(
  id: string,
  from: Files | undefined,
): Promise<{ fingerprint: string; ruleId?: string; notices: Notice[] }> {
  const whole = id.startsWith('v1:') ? id : `v1:${id}`;
  if (from === undefined) {
    if (FINGERPRINT.test(whole)) return { fingerprint: whole, notices: [] };
    throw new DumpsieveError({
      code: 'unknown-id',
      message: 'without a report an id is a whole fingerprint: v1: and 64 hexadecimal digits',
      hint: 'say --from report.json, or take the fingerprint from the report',
    });
  }
  const report = await openJoined(from);
  const finding = report.finding(rowOfId(report, id));
  const { fingerprint, ruleId, kind, confidence, title } = finding;
  const notices = report.reports.flatMap(noticesOf);
  if (isCertain(kind, confidence))
    notices.push(
      noticeOf(
        warnings.of('baseline-hides-proven-key', {
          message: `the baseline hides ${title}, confidence ${confidence}`,
          hint: 'rotate the key and delete its entry: a key that was in one dump may be in others',
        }),
      ),
    );
  return { fingerprint: fingerprint!, ruleId, notices };
}

function listed(entry: BaselineEntry, masker: Masker, now: Date): ListedEntry {
  const texts = Object.entries(entry).map(([name, text]) => [
    name,
    name === 'fingerprint' || name === 'expires' ? text : masker.clean(text as string),
  ]);
  const id = shortId(entry.fingerprint);
  return { id, ...(Object.fromEntries(texts) as BaselineEntry), expired: isExpired(entry, now.getTime()) };
}
