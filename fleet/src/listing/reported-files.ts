import type {
  ArtifactReport,
  Finding,
  FindReport,
  Occurrence,
  RunFacts,
  ScanEvent,
  Summary,
} from '../../../src/index.js';
import { failure } from '../host.js';
import { type ResultKey, resultOfReport } from '../model/result-of-report.js';
import type { ScanResult } from '../model/scan-result.js';

/** Artifacts and findings of one report at most: they are held in memory. */
const MOST = 1_000_000;

/** An outer file of a report: members have its path, `!`, and a path of their own. */
export interface ReportedFile {
  /** As the report shows it. */
  path: string;
  size: number;
  mtime?: string;
  sha256?: string;
  /** Its artifacts and those in it, by their numbers in the report, in order. */
  artifacts: readonly number[];
}

/** The events of a report, by its outer files. */
export class DumpsOfReport {
  readonly #shown: string;
  readonly #artifacts: ArtifactReport[] = [];
  readonly #findings: Finding[] = [];
  /** Of each artifact, findings that have a place in it: numbers, each once. */
  readonly #findingsAt: (number[] | undefined)[] = [];
  readonly find: FindReport[] = [];
  run: RunFacts | undefined;
  #summary: Summary | undefined;
  /** Not all places of a finding are in the report. */
  isCapped = false;

  /** `shown`: name of the report. */
  constructor(shown: string) {
    this.#shown = shown;
  }

  /** Throws `report-too-large` (exit 3). */
  add(event: ScanEvent): void {
    if (this.#artifacts.length + this.#findings.length > MOST)
      throw failure({
        code: 'report-too-large',
        message: `${this.#shown} has more than ${MOST} artifacts and findings`,
        hint: 'scan the dumps by hunt add, or in smaller reports',
      });
    if (event.type === 'run') this.run = event;
    else if (event.type === 'summary') this.#summary = event;
    else if (event.type === 'find') this.find.push(event);
    else if (event.type === 'artifact') {
      const { regions: _regions, entropy: _entropy, ...artifact } = event;
      this.#artifacts.push(artifact);
    } else this.#addFinding(event);
  }

  #addFinding(finding: Finding): void {
    const number = this.#findings.push(finding) - 1;
    this.isCapped ||= finding.occurrenceCount > finding.occurrences.length;
    for (const { artifact } of finding.occurrences) {
      const at = this.#findingsAt[artifact];
      if (at === undefined) this.#findingsAt[artifact] = [number];
      else if (at.at(-1) !== number) at.push(number);
    }
  }

  /** The outer files, in the order of the report. */
  files(): ReportedFile[] {
    const paths = new Set(this.#artifacts.map(({ path }) => path));
    const files = new Map<string, number[]>();
    this.#artifacts.forEach(({ path }, i) => {
      const outer = outerPath(path, paths);
      const artifacts = files.get(outer);
      if (artifacts === undefined) files.set(outer, [i]);
      else artifacts.push(i);
    });
    return [...files].map(([path, artifacts]) => {
      const { size, mtime, sha256 } = this.#artifacts[artifacts[0]!]!;
      return {
        path,
        size,
        ...(mtime === undefined ? {} : { mtime }),
        ...(sha256 === undefined ? {} : { sha256 }),
        artifacts,
      };
    });
  }

  /** What was found in one of the files. `isKnown`: of answers for targets that are identified. */
  resultOf(file: ReportedFile, key: ResultKey, isKnown: (find: FindReport) => boolean): ScanResult {
    const own = new Map(file.artifacts.map((artifact, i) => [artifact, i]));
    const numbers = new Set(file.artifacts.flatMap((artifact) => this.#findingsAt[artifact] ?? []));
    const findings = [...numbers].map((number) => this.#findingIn(this.#findings[number]!, own));
    const complete = this.#summary?.complete === true && !this.isCapped;
    const counts = findings.some((finding) => finding.counts);
    const artifacts = file.artifacts.map((i) => this.#artifacts[i]!);
    const find = this.find.filter(isKnown).map((each) => ({
      ...each,
      results: each.results.flatMap((result) => {
        const artifact = own.get(result.artifact);
        return artifact === undefined ? [] : [{ ...result, artifact, complete: result.complete && complete }];
      }),
    }));
    const summary = { ...this.#summaryOf(file.size), complete, exit: counts ? 1 : complete ? 0 : 2 } as const;
    return resultOfReport({ artifacts, findings, find, summary }, key);
  }

  /** A finding with its places in one file. */
  #findingIn(finding: Finding, own: ReadonlyMap<number, number>): Finding {
    const occurrences = finding.occurrences.filter(({ artifact }) => own.has(artifact));
    const isAll = occurrences.length === finding.occurrences.length;
    const [first] = occurrences as [Occurrence, ...Occurrence[]];
    const { offset, length, address, region } = first;
    const path = this.#artifacts[first.artifact]!.path;
    const location = { path, offset, length, ...(address === undefined ? {} : { address }), region };
    return {
      ...finding,
      location: isAll ? finding.location : location,
      occurrences,
      occurrenceCount: isAll ? finding.occurrenceCount : occurrences.length,
    };
  }

  /** The run's summary, its time shared by size; one that did not end is not complete. */
  #summaryOf(size: number): Summary {
    const whole = this.#summary ?? NO_SUMMARY;
    const share = whole.bytesScanned > 0 ? Math.min(1, size / whole.bytesScanned) : 0;
    return { ...whole, seconds: whole.seconds * share };
  }
}

const NO_SUMMARY: Summary = {
  verdict: 'incomplete',
  complete: false,
  bytesScanned: 0,
  seconds: 0,
  artifacts: 0,
  bySeverity: {},
  notCounted: {},
  exit: 2,
  warnings: [{ code: 'stopped', message: 'the scan did not end' }],
};

/** The path of the file that an artifact lies in: the shortest before a `!` that the report has. */
function outerPath(path: string, paths: ReadonlySet<string>): string {
  for (let at = path.indexOf('!'); at >= 0; at = path.indexOf('!', at + 1))
    if (paths.has(path.slice(0, at))) return path.slice(0, at);
  return path;
}
