import { DumpsieveError } from '../core/base/runtime/errors.js';
import { CorpusTally, type LiteralCost, type RuleCost } from '../detect/rulebook/corpus-tally.js';
import { openRulebook } from '../detect/rulebook/rulebook.js';
import type { FindingSink } from '../prove/judge/finding-sink.js';
import { listRules, type RuleOptions } from './check.js';
import { scanWithin } from './scan.js';

export type { LiteralCost, RuleCost } from '../detect/rulebook/corpus-tally.js';

/** What the rules do on memory without secrets. */
export interface CorpusCheck {
  /** Bytes that were searched, and artifacts. */
  bytes: number;
  artifacts: number;
  /** False if not everything could be read and searched. */
  complete: boolean;
  /** The dearest first. */
  rules: RuleCost[];
  literals: LiteralCost[];
}

/** Bytes and artifacts of a scan. `take` gets each finding. */
async function consume(
  events: ReturnType<typeof scanWithin>,
  take: (finding: Parameters<CorpusTally['finding']>) => void,
): Promise<Omit<CorpusCheck, 'rules' | 'literals'>> {
  for await (const event of events) {
    if (event.type === 'finding') take([event.ruleId, event.severity, event.confidence]);
    if (event.type !== 'summary') continue;
    const { bytesScanned: bytes, artifacts, complete } = event;
    return { bytes, artifacts, complete };
  }
  throw new Error('the scan ended without a summary');
}

/**
 * Scans files that should have no secrets with all rules, also those that are off by default: once as a dump
 * is scanned, once without the hit filter to count every hit of each literal.
 */
export async function checkCorpus(paths: readonly string[], options: RuleOptions = {}): Promise<CorpusCheck> {
  const off = (await listRules(options)).filter(({ optIn }) => optIn).map(({ id }) => id);
  const used = { ...options, paths, ...(options.only === undefined && off.length > 0 ? { with: off } : {}) };
  const tally = new CorpusTally((await openRulebook(used)).rules);
  const candidates: FindingSink = {
    artifact() {},
    judged({ candidate }) {
      tally.candidate(candidate.rule.id);
      return false;
    },
    copy() {},
  };
  const scanned = await consume(
    scanWithin(used, { observer: tally.examining(), sinks: [candidates] }),
    (finding) => tally.finding(...finding),
  );
  if (scanned.bytes === 0)
    throw new DumpsieveError(
      {
        code: 'empty-corpus',
        message: 'the corpus has no byte to search',
        hint: '--corpus takes a folder of dumps or other files without secrets',
      },
      3,
    );
  const { bytes } = scanned;
  await consume(
    scanWithin({ ...used, entropyNet: false }, { observer: tally.counting(), everyHit: true }),
    () => {},
  );
  return { ...scanned, rules: tally.rules(bytes), literals: tally.literals(bytes) };
}
