import { basename } from 'node:path';
import type { ArtifactReport, Coverage, Finding, RunFacts, ScanEvent } from '../../core/model/report.js';
import type { ChildLimits } from '../../core/options/check-options.js';
import { ScanChild } from '../../scan/child/scan-child.js';
import type { ScanResult } from '../policy/policy.js';
import type { Pipe } from '../sealing/pipe.js';

/** What a scan says of a dump: what a policy may ask, and what the manifest of an unchanged copy has. */
export interface ScanFacts extends ScanResult {
  tool: RunFacts['tool'];
  coverage: Coverage;
  /** Number of findings by rule, for the log. */
  causes: Record<string, number>;
}

/** Most pairs of rule and severity that a policy gets: a dump may have millions of findings. */
const MOST_FINDINGS = 10_000;

/** Findings that a person has accepted, or that every process has, decide nothing. */
const ACCEPTED: ReadonlySet<unknown> = new Set<Finding['reason']>([
  'published-test-key',
  'baseline',
  'allowed',
]);

/**
 * A process that scans one dump, which comes through a pipe. Throws (exit 3) where it cannot be opened:
 * that is no fault of a dump. `finds`: files of secrets that the policy asks about.
 */
export async function openScan(
  finds: readonly string[],
  limits: ChildLimits,
  pipe: Pipe,
): Promise<ScanChild> {
  try {
    return await ScanChild.within({ strict: true, find: [...finds] }, limits, { stdin: pipe.read });
  } catch (error) {
    pipe.closeWrite();
    throw error;
  } finally {
    pipe.closeRead();
  }
}

/** Scans what the process reads. */
export async function scanFacts(
  child: ScanChild,
  finds: readonly string[],
  signal: AbortSignal,
): Promise<ScanFacts> {
  const seen = new SeenEvents(finds);
  for await (const event of child.scan('-', { signal })) seen.take(event);
  return seen.facts();
}

class SeenEvents {
  readonly #finds: readonly string[];
  readonly #findings = new Map<string, ScanFacts['findings'][number]>();
  readonly #present = new Set<string>();
  readonly #causes = new Map<string, number>();
  #artifact: { format: string; coverage: Coverage } | undefined;
  #tool: RunFacts['tool'] | undefined;
  #exit: ScanFacts['exit'] = 2;
  #size = 0;

  constructor(finds: readonly string[]) {
    this.#finds = finds;
  }

  take(event: ScanEvent): void {
    if (event.type === 'run') this.#tool = event.tool;
    else if (event.type === 'artifact') this.#takeArtifact(event);
    else if (event.type === 'finding') this.#takeFinding(event);
    else if (event.type === 'summary') this.#exit = event.exit;
    else if (event.results.some(({ status }) => status === 'present')) this.#takeTarget(event.name);
  }

  /** An archive has one for each member. */
  #takeArtifact(artifact: ArtifactReport): void {
    this.#artifact ??= artifact;
    this.#size += artifact.size;
  }

  #takeFinding({ ruleId, alsoMatched, kind, severity, counts, reason }: Finding): void {
    if (!counts && ACCEPTED.has(reason)) return;
    if (this.#causes.has(ruleId) || this.#causes.size < MOST_FINDINGS)
      this.#causes.set(ruleId, (this.#causes.get(ruleId) ?? 0) + 1);
    for (const rule of [ruleId, ...alsoMatched])
      if (this.#findings.size < MOST_FINDINGS)
        this.#findings.set(`${rule} ${kind} ${severity}`, { rule, kind, severity });
  }

  /** A target is named after its file; two files of one name are both taken to be there. */
  #takeTarget(name: string): void {
    for (const file of this.#finds) if (name.startsWith(basename(file))) this.#present.add(file);
  }

  facts(): ScanFacts {
    const { format, coverage } = this.#artifact ?? { format: 'unknown', coverage: NOTHING };
    return {
      size: this.#size,
      format,
      coverage,
      exit: this.#artifact === undefined ? 2 : this.#exit,
      findings: [...this.#findings.values()],
      find: [...this.#present],
      tool: this.#tool!,
      causes: Object.fromEntries(this.#causes),
    };
  }
}

const NOTHING: Coverage = { file: { bytes: 0, unread: [] }, limits: [] };
