import { definedFields } from '../../../src/core/base/runtime/defined.js';
import {
  type ArtifactReport,
  confidenceRank,
  type Finding,
  type FindReport,
  type FindResult,
  type FindStatus,
  type KeyFacts,
  type Occurrence,
  type ProcessFacts,
  type Region,
  type ScanEvent,
  type Summary,
  severityRank,
} from '../../../src/core/model/report.js';
import type { FoundSecret, Place, ScanResult, TargetAnswer } from './scan-result.js';

/** What a store takes of a finding. */
type StoredFinding = Pick<
  Finding,
  | 'fingerprint'
  | 'kind'
  | 'ruleId'
  | 'title'
  | 'severity'
  | 'confidence'
  | 'preview'
  | 'counts'
  | 'location'
  | 'occurrenceCount'
> & { key?: Pick<KeyFacts, 'spkiSha256' | 'sshFingerprint' | 'jwkThumbprint'> };

/** A report of one file, as its events. */
export interface FileReport {
  artifacts: readonly ArtifactReport[];
  findings: readonly StoredFinding[];
  /** There were more findings than a store keeps of one dump. */
  isCapped?: boolean;
  find: readonly FindReport[];
  summary: Summary;
}

/** Findings of one dump that are kept: an archive may hold as many again in each of its members. */
const MOST_FINDINGS = 100_000;
const CAPPED = 'findings-capped';

/** Collects the events of one report. Undefined if it has no end, or if there is a second one. */
export async function collectReport(
  events: AsyncIterable<ScanEvent>,
  mostFindings = MOST_FINDINGS,
): Promise<FileReport | undefined> {
  const artifacts: ArtifactReport[] = [];
  const findings: StoredFinding[] = [];
  let count = 0;
  const find: FindReport[] = [];
  const summaries: Summary[] = [];
  for await (const event of events) {
    if (event.type === 'artifact') artifacts.push(event);
    else if (event.type === 'finding') {
      if (++count <= mostFindings) findings.push(storedPart(event));
    } else if (event.type === 'find') find.push(event);
    else if (event.type === 'summary') summaries.push(event);
  }
  const [summary, ...others] = summaries;
  if (summary === undefined || others.length > 0) return undefined;
  return { artifacts, findings, isCapped: count > findings.length, find, summary };
}

/** A finding has a thousand places, and texts of its rule: they are not held until the end. */
function storedPart(finding: Finding): StoredFinding {
  const { fingerprint, kind, ruleId, title, severity, confidence, preview, counts } = finding;
  const { location, occurrenceCount, key } = finding;
  const { spkiSha256, sshFingerprint, jwkThumbprint } = key ?? {};
  return {
    ...{ fingerprint, kind, ruleId, title, severity, confidence, preview, counts, location, occurrenceCount },
    ...(key && { key: definedFields({ spkiSha256, sshFingerprint, jwkThumbprint }) }),
  };
}

/** What identifies the scanned content, and the rules. */
export interface ResultKey {
  sha256: string;
  ruleset: string;
  /** Stored bytes of the file. */
  bytes: number;
  /** Digests of the targets, in the order of the report's answers. */
  targets: readonly string[];
}

/** What a store keeps of a report. Throws if its answers are not those of the targets. */
export function resultOfReport(
  report: FileReport,
  { sha256, ruleset, bytes, targets }: ResultKey,
): ScanResult {
  const { artifacts, findings, isCapped = false, find, summary } = report;
  if (find.length !== targets.length)
    throw new Error(`a report has ${find.length} answers for ${targets.length} targets`);
  const memberOf = membersOf(report);
  return definedFields({
    sha256,
    ruleset,
    exit: isCapped && summary.exit === 0 ? 2 : summary.exit,
    complete: summary.complete && !isCapped,
    bytes,
    seconds: summary.seconds,
    limits: limitsOf(report),
    ...processFacts(artifacts),
    findings: distinct(findings.map((finding) => secretOf(finding, memberOf))),
    answers: find.map((each, i) => answerOf(targets[i]!, each, report, memberOf)),
  });
}

/** Path inside the file, of a path as the report shows it. */
type MemberOf = (path: string) => string;

/** The artifact of the file itself: members have its path, `!`, and a path of their own. */
export function outerOf({ artifacts }: Pick<FileReport, 'artifacts'>): ArtifactReport | undefined {
  const [first, ...others] = artifacts;
  return others.reduce((outer, each) => (each.path.length < outer!.path.length ? each : outer), first);
}

function membersOf(report: FileReport): MemberOf {
  const prefix = `${outerOf(report)?.path}!`;
  return (path) => (path.startsWith(prefix) ? path.slice(prefix.length) : '');
}

/** Codes of all that was not read, not there or not searched, each once and in order. */
function limitsOf({ artifacts, summary, isCapped }: FileReport): string[] {
  const codes = new Set(summary.warnings.map(({ code }) => code));
  if (isCapped) codes.add(CAPPED);
  for (const { coverage, warnings: own } of artifacts) {
    if (coverage.file.unread.length > 0) codes.add('unread');
    if ((coverage.memory?.missing.length ?? 0) > 0) codes.add('missing-memory');
    for (const { search } of coverage.limits) codes.add(search);
    for (const { code } of own) codes.add(code);
  }
  return [...codes].sort();
}

/** Facts of the dumped process: of the first artifact that has any. */
function processFacts(
  artifacts: readonly ArtifactReport[],
): Pick<ScanResult, 'program' | 'pid' | 'buildId' | 'dumpedAt'> {
  const process = artifacts.find((each) => each.process !== undefined)?.process;
  if (process === undefined) return {};
  const { name, executable, pid, dumpedAt } = process;
  return definedFields({ program: executable ?? name, pid, buildId: buildIdOf(process), dumpedAt });
}

/** The build id of the executable: the module of its path, else of its name. */
function buildIdOf({ executable, name, modules = [] }: ProcessFacts): string | undefined {
  const base = (path: string) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const main =
    modules.find(({ path }) => path === executable) ??
    modules.find(({ path }) => name !== undefined && base(path) === name);
  return main?.buildId;
}

function regionText({ kind, name, thread }: Region): string {
  const of = thread === undefined ? '' : ` ${thread}`;
  return name === undefined ? `${kind}${of}` : `${kind}${of} ${name}`;
}

const placeOf = (
  { offset, length, address, region }: Finding['location'] | Occurrence,
  member: string,
): Place => definedFields({ member, offset, length, address, region: regionText(region) });

function keyIds({ spkiSha256, sshFingerprint, jwkThumbprint }: NonNullable<StoredFinding['key']>) {
  return { spki: spkiSha256, ssh: sshFingerprint, jwk: jwkThumbprint };
}

function secretOf(finding: StoredFinding, memberOf: MemberOf): FoundSecret {
  const { fingerprint, kind, ruleId, title, severity, confidence, preview, counts, location } = finding;
  return definedFields({
    fingerprint,
    ...(finding.key === undefined ? {} : keyIds(finding.key)),
    kind,
    rule: ruleId,
    title,
    severity,
    confidence,
    preview,
    counts,
    occurrences: finding.occurrenceCount,
    place: placeOf(location, memberOf(location.path)),
  });
}

/** Findings of one value are one: the worst of them, with the places of all. */
function distinct(findings: readonly FoundSecret[]): FoundSecret[] {
  const byValue = new Map<unknown, FoundSecret>();
  for (const each of findings) {
    // Without a fingerprint each is its own.
    const id = each.fingerprint ?? each;
    const other = byValue.get(id);
    const worst = other !== undefined && isWorse(other, each) ? other : each;
    byValue.set(id, { ...worst, occurrences: each.occurrences + (other?.occurrences ?? 0) });
  }
  return [...byValue.values()];
}

function isWorse(a: FoundSecret, b: FoundSecret): boolean {
  if (a.counts !== b.counts) return a.counts;
  const severity = severityRank(a.severity) - severityRank(b.severity);
  return severity !== 0 ? severity > 0 : confidenceRank(a.confidence) >= confidenceRank(b.confidence);
}

const STATUSES: readonly FindStatus[] = ['present', 'public-only'];

function answerOf(
  target: string,
  { results }: FindReport,
  { artifacts, summary }: FileReport,
  memberOf: MemberOf,
): TargetAnswer {
  const holding = STATUSES.map((status) => results.find((each) => each.status === status)).find(Boolean);
  // Without an artifact nothing was searched; and a warning of no artifact may be of one that was not opened.
  const isWhole = results.length > 0 && (summary.complete || summary.warnings.length === 0);
  const complete = isWhole && results.every((each) => each.complete);
  const place = holding && firstPlace(holding, artifacts, memberOf);
  return definedFields({ target, status: holding?.status ?? 'absent', complete, place });
}

function firstPlace(
  { artifact, occurrences = [] }: FindResult,
  artifacts: readonly ArtifactReport[],
  memberOf: MemberOf,
): Place | undefined {
  const [first] = occurrences;
  return first && placeOf(first, memberOf(artifacts[artifact]?.path ?? ''));
}
