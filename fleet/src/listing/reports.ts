import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import type { Warning } from '../../../src/core/base/runtime/warnings.js';
import { displayName } from '../../../src/core/base/text/escape.js';
import type { Target } from '../../../src/core/model/target.js';
import type { FindReport, RunFacts, ScannerOptions } from '../../../src/index.js';
import { failure, theHost } from '../host.js';
import type { ListedDump } from '../model/dump.js';
import type { Ruleset } from '../model/ruleset.js';
import type { ScanResult } from '../model/scan-result.js';
import { type Label, labelled } from './label.js';
import { Notices } from './notices.js';
import { DumpsOfReport, type ReportedFile } from './reported-files.js';
import { reportedPlace } from './reported-place.js';
import { withoutSecretNames } from './secret-names.js';
import { shownPath } from './uri.js';

/** A dump of a saved report, and what was found in it. */
export interface ReportedDump {
  dump: ListedDump;
  /** `sha256` is `report:` and a digest where the report has none: it identifies no content. */
  result: ScanResult;
}

/** The dumps of one saved report, which have all been scanned under one rule set. */
export interface ReportedDumps {
  ruleset: Ruleset;
  targets: readonly Target[];
  /** At most 1,000 at a time. */
  dumps: AsyncGenerator<readonly ReportedDump[]>;
}

/** Dumps of one batch at most. */
const BATCH = 1000;

/** The beginning of a report, as JSON and as ndjson. */
const BEGINNING =
  /^\s*\{\s*(?:"type"\s*:\s*"run"\s*,\s*)?"schemaVersion"\s*:\s*\d+\s*,\s*"tool"\s*:\s*\{\s*"name"\s*:\s*"dumpsieve"/;
const HEAD = 4096;

/**
 * Separates saved reports of dumpsieve from what is to be listed: files that are named, with the extension
 * of JSON, and that begin like one. A dump of another name is never taken for a report, whatever it holds.
 */
export async function splitReports(
  inputs: readonly string[],
): Promise<{ dumps: readonly string[]; reports: readonly string[] }> {
  const dumps: string[] = [];
  const reports: string[] = [];
  for (const input of inputs) ((await isReport(input)) ? reports : dumps).push(input);
  return { dumps, reports };
}

async function isReport(path: string): Promise<boolean> {
  if (!/\.(?:json|ndjson|jsonl)$/i.test(path)) return false;
  let file: fs.FileHandle | undefined;
  try {
    file = await fs.open(path, 'r');
    if (!(await file.stat()).isFile()) return false;
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return BEGINNING.test(buffer.toString('utf8', 0, bytesRead));
  } catch {
    // The listing reports why.
    return false;
  } finally {
    await file?.close();
  }
}

export interface ReportReading {
  labels?: readonly Label[];
  signal?: AbortSignal;
  onNotice: (notice: Warning) => void;
  /** The rule set of a run. */
  rulesetOf(
    tool: RunFacts['tool'],
    options: ScannerOptions,
    targets: readonly string[],
    known: Readonly<Record<string, unknown>>,
  ): Ruleset;
}

/** Reads a saved report. Throws as `readReports` does, and `report-too-large` (exit 3). */
export async function readReportedDumps(
  file: string,
  { labels = [], signal, onNotice, rulesetOf }: ReportReading,
): Promise<ReportedDumps> {
  const shown = displayName(Buffer.from(file));
  const notices = new Notices(onNotice);
  const saved = await theHost().readReports({ files: [file], ...(signal === undefined ? {} : { signal }) });
  for (const notice of saved.notices) notices.add({ ...notice, effect: 'incomplete' });
  const dumps = new DumpsOfReport(shown);
  for await (const event of saved.events()) dumps.add(event);
  if (dumps.run === undefined)
    throw failure({ code: 'report-cut', message: `${shown}: its run is missing` }, 2);

  const { tool, options } = dumps.run;
  const targets = dumps.find.flatMap((each) => targetOf(each) ?? []);
  const unknown = dumps.find.length - targets.length;
  if (unknown > 0)
    notices.add({
      code: 'report-target-unknown',
      effect: 'note',
      message: `${shown}: ${unknown} answers for values of --find are left out`,
      hint: 'a report does not identify values: scan the dumps by hunt add --find',
    });
  if (dumps.isCapped)
    notices.add({
      code: 'report-places-capped',
      effect: 'incomplete',
      message: `${shown}: not all places of a secret are in it: none of its dumps counts as complete`,
      hint: 'scan the dumps by hunt add',
    });
  const { allow, baseline, paths: _paths, ...rest } = options as ScannerOptions & { paths?: unknown };
  // What was allowed is not known by the names of the files.
  const known = allow === undefined && baseline === undefined ? {} : { allow: 'by the run of a report' };
  const digests = targets.map(({ digest }) => digest);
  const ruleset = rulesetOf(tool, rest, digests, known);
  const identity = { ruleset: ruleset.digest, targets: digests, shown };
  return { ruleset, targets, dumps: batches(dumps, identity, labels, notices, signal) };
}

async function* batches(
  dumps: DumpsOfReport,
  { ruleset, targets, shown }: { ruleset: string; targets: readonly string[]; shown: string },
  labels: readonly Label[],
  notices: Notices,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly ReportedDump[]> {
  const isKnown = (each: FindReport): boolean => targetOf(each) !== undefined;
  let batch: ReportedDump[] = [];
  for (const file of dumps.files()) {
    signal?.throwIfAborted();
    const dump = await listed(file, labels);
    if (dump === undefined) {
      notices.add(maskedName(file.path, shown));
      continue;
    }
    const sha256 = file.sha256 ?? contentId(file, ruleset);
    batch.push({
      dump,
      result: dumps.resultOf(file, { sha256, ruleset, targets, bytes: file.size }, isKnown),
    });
    if (batch.length < BATCH) continue;
    yield await cleanOf(batch, notices);
    batch = [];
  }
  if (batch.length > 0) yield await cleanOf(batch, notices);
  notices.end();
}

async function cleanOf(batch: readonly ReportedDump[], notices: Notices): Promise<readonly ReportedDump[]> {
  const clean = new Set(
    await withoutSecretNames(
      batch.map(({ dump }) => dump),
      (notice) => notices.add(notice),
    ),
  );
  return batch.filter(({ dump }) => clean.has(dump));
}

/** Identifies a dump of a report without a digest. It is that of no content: a scan of it is still to do. */
const contentId = ({ path, size, mtime }: ReportedFile, ruleset: string): string =>
  `report:${createHash('sha256')
    .update(JSON.stringify([path, size, mtime, ruleset]))
    .digest('hex')}`;

/** Undefined for a name of which the report shows only a part. */
async function listed(file: ReportedFile, labels: readonly Label[]): Promise<ListedDump | undefined> {
  if (file.path.includes('[masked: ')) return undefined;
  const { host, dumpedAt } = labelled(labels, shownPath(file.path));
  const place = await reportedPlace(file, host);
  const labelFacts = {
    ...(host === undefined ? {} : { host }),
    ...(dumpedAt === undefined ? {} : { dumpedAt }),
  };
  return {
    ...place,
    size: file.size,
    ...(file.mtime === undefined ? {} : { mtime: file.mtime }),
    ...labelFacts,
  };
}

const maskedName = (path: string, shown: string): Warning => ({
  code: 'secret-in-name',
  effect: 'incomplete',
  message: `${shown}: the name ${path} holds a secret by the rules: not taken`,
  hint: 'rename the dump: names are stored and shown as they are',
});

/** The target of an answer, by its public digest. Undefined for a value, which a report does not identify. */
function targetOf({ name, askedBy, spkiSha256, sshFingerprint }: FindReport): Target | undefined {
  const prefixes: Partial<Record<FindReport['askedBy'], string>> = {
    'private-key': 'private:',
    'public-key': 'public:',
    digest: 'sha256:',
  };
  const prefix = prefixes[askedBy];
  if (prefix !== undefined && spkiSha256 !== undefined)
    return {
      digest: prefix + spkiSha256,
      name,
      askedBy,
      spki: spkiSha256,
      ...(sshFingerprint === undefined ? {} : { ssh: sshFingerprint }),
      fingerprints: [`v1:${spkiSha256}`],
    };
  if (askedBy !== 'ssh-fingerprint' || sshFingerprint === undefined) return undefined;
  return { digest: `ssh:${sshFingerprint}`, name, askedBy, ssh: sshFingerprint, fingerprints: [] };
}
