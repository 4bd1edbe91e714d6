import { CONFIDENCES, type Finding, SEVERITIES } from '../../src/core/model/report.js';
import type { ScannedDump } from './scan.js';

interface Sighting {
  dump: string;
  finding: Finding;
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

const distinct = (all: readonly Sighting[]): number =>
  new Set(all.map(({ finding }) => finding.fingerprint)).size;

function groupBy(all: readonly Sighting[], of: (sighting: Sighting) => string): Map<string, Sighting[]> {
  const groups = new Map<string, Sighting[]>();
  for (const each of all) {
    const group = groups.get(of(each));
    if (group === undefined) groups.set(of(each), [each]);
    else group.push(each);
  }
  return groups;
}

const level = ({ finding }: Sighting): string => `${finding.severity} / ${finding.confidence}`;
const rank = ({ finding }: Sighting): number =>
  SEVERITIES.indexOf(finding.severity) * CONFIDENCES.length + CONFIDENCES.indexOf(finding.confidence);

function place({ dump, finding }: Sighting): (string | number)[] {
  const { offset, length, region } = finding.location;
  const where = `${region?.kind ?? ''} ${region?.name ?? ''}`.trim().replaceAll('|', '\\|');
  const preview = `\`${(finding.preview ?? '').replaceAll('|', '\\|')}\``;
  const notes = finding.notes.join('; ').replaceAll('|', '\\|');
  return [level({ dump, finding }), finding.ruleId, dump, offset, length, where, preview, notes];
}

/** Findings by severity and confidence, by rule, and one by one. A fingerprint is a distinct value. */
export function markdown(scanned: readonly ScannedDump[]): string {
  const bytes = scanned.reduce((sum, dump) => sum + dump.bytes, 0);
  const seconds = scanned.reduce((sum, dump) => sum + dump.seconds, 0);
  const perGb = (count: number): string => (count / (bytes / 1e9)).toFixed(2);
  const all = scanned
    .flatMap(({ name, findings }) => findings.map((finding) => ({ dump: name, finding })))
    .sort((a, b) => rank(b) - rank(a));
  const levels = [...groupBy(all, level)].map(([name, group]) => {
    return [name, distinct(group), group.length, perGb(distinct(group))];
  });
  const rules = [...groupBy(all, (each) => `${level(each)} | ${each.finding.ruleId}`)].map(
    ([name, group]) => {
      return [name, distinct(group), group.length, perGb(distinct(group))];
    },
  );
  const single = [...groupBy(all, ({ finding }) => finding.fingerprint ?? '').values()].map((group) => {
    return [...place(group[0]!), group.length];
  });
  const counted = ['distinct', 'dumps', 'distinct a GB'];
  return [
    `${scanned.length} dumps, ${(bytes / 1e9).toFixed(2)} GB without holes, ${seconds.toFixed(0)} s`,
    table(['severity / confidence', ...counted], levels),
    table(['severity / confidence', 'rule', ...counted], rules),
    table(
      ['severity / confidence', 'rule', 'dump', 'offset', 'length', 'region', 'preview', 'notes', 'dumps'],
      single,
    ),
  ].join('\n\n');
}
