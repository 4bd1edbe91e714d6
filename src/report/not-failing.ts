import {
  type Confidence,
  confidenceRank,
  type Finding,
  type NotCounted,
  type RunFacts,
  type Severity,
  severityRank,
} from '../core/model/report.js';
import { confidenceText, namedText, titleText } from './finding-words.js';
import type { TextRow } from './paper.js';
import { spotText } from './pretty-place.js';
import { shortId } from './short-id.js';
import { grouped, unbroken } from './text.js';

/** Kinds of findings named for one reason, and those that are counted. */
const TITLES = { named: 5, counted: 200 };
/** Findings listed by --verbose. */
const LISTED = 200;

/** Why a finding does not fail the gate. */
const WHY: Readonly<Record<NotCounted, string>> = {
  'below-threshold': 'severity or confidence below the threshold',
  'published-test-key': 'published in a standard or a library: every process that loads it has it',
  ephemeral: 'made for one handshake or signature',
  expired: 'expired before the dump was written',
  'unlikely-key': 'in the form of a key, but zeros or text, and nothing was found that proves it',
  baseline: 'accepted in the baseline',
  allowed: 'on the allow list',
  undumped: 'in memory of the process that no core dump would have',
  policy: 'left out',
};

/** What changes that, whatever the other options are. */
const FLAGS: Readonly<Partial<Record<NotCounted, string>>> = {
  baseline: 'judged as new without --baseline',
  allowed: 'judged as unknown without --allow',
  undumped: 'fails the gate with --include-undumped',
};

interface Group {
  total: number;
  /** Counts by kind. */
  titles: Map<string, number>;
  severity: Severity;
  confidence: Confidence;
}

/** Findings that do not fail the gate, counted by reason and kind. */
export class NotFailing {
  readonly #groups = new Map<NotCounted, Group>();
  /** Undefined if they are only counted. */
  readonly #listed: string[] | undefined;
  #total = 0;

  constructor(verbose: boolean) {
    this.#listed = verbose ? [] : undefined;
  }

  get total(): number {
    return this.#total;
  }

  add(finding: Finding): void {
    const { reason = 'below-threshold', severity, confidence } = finding;
    const group = this.#groups.get(reason) ?? {
      total: 0,
      titles: new Map<string, number>(),
      severity,
      confidence,
    };
    const title = `${titleText(finding)} (${severity}, ${confidenceText(finding)})`;
    const name = group.titles.has(title) || group.titles.size < TITLES.counted ? title : 'others';
    group.titles.set(name, (group.titles.get(name) ?? 0) + 1);
    group.total++;
    if (severityRank(severity) < severityRank(group.severity)) group.severity = severity;
    if (confidenceRank(confidence) < confidenceRank(group.confidence)) group.confidence = confidence;
    this.#groups.set(reason, group);
    this.#total++;
    if (this.#listed !== undefined && this.#listed.length < LISTED)
      this.#listed.push(lineOf(finding, reason));
  }

  rows(options: RunFacts['options']): TextRow[] {
    return [...this.#groups].map(([reason, group]) => {
      const named = [...group.titles].sort((a, b) => b[1] - a[1]).slice(0, TITLES.named);
      const kinds = named.map(([title, count]) => `${grouped(count)} x ${title}`).join('; ');
      const rest = group.titles.size - named.length;
      const list = `${kinds}${rest > 0 ? `; and ${rest} other kinds` : ''}`;
      const flag = flagText(reason, group, options);
      // Every process that loads OpenSSL has seven of them.
      const what = reason === 'published-test-key' ? '' : `: ${list}`;
      const text = `${WHY[reason] ?? reason}${what}${flag === undefined ? '' : `; ${flag}`}`;
      return { label: grouped(group.total), text };
    });
  }

  /** The findings themselves, with `--verbose`. */
  list(): TextRow[] {
    const rows = (this.#listed ?? []).map((text) => ({ label: '', text }));
    const more = this.#listed === undefined ? 0 : this.#total - rows.length;
    return more > 0 ? [...rows, { label: '', text: `and ${grouped(more)} more` }] : rows;
  }
}

function lineOf(finding: Finding, reason: NotCounted): string {
  const { fingerprint, location } = finding;
  const id = fingerprint === null ? '' : `${shortId(fingerprint)}  `;
  const where = `${unbroken(location.path)}, ${spotText(location)}`;
  return `${id}${namedText(finding)} (${reason}): ${where}`;
}

/** Which flag makes these findings fail the gate, or lets them be judged by severity and confidence. */
function flagText(
  reason: NotCounted,
  { severity, confidence }: Group,
  { failOn, minConfidence, expectAbsent }: RunFacts['options'],
): string | undefined {
  if (reason === 'policy')
    return `judged with the others without ${expectAbsent ? '--expect-absent' : '--fail-on-kind'}`;
  if (reason !== 'below-threshold') return FLAGS[reason];
  const flags = [
    ...(severityRank(severity) < severityRank((failOn ?? 'high') as Severity)
      ? [`--fail-on ${severity}`]
      : []),
    ...(confidenceRank(confidence) < confidenceRank((minConfidence ?? 'medium') as Confidence)
      ? [`--min-confidence ${confidence}`]
      : []),
  ];
  return flags.length === 0 ? undefined : `all fail the gate with ${flags.join(' ')}`;
}
