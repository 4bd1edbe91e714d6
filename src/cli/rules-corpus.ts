import type { CorpusCheck, LiteralCost, RuleCost } from '../index.js';
import { type Column, tableLines } from './table.js';

/** Rows of a table for people; JSON has all. */
const MOST = 40;

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
const decimal = (value: number): string => value.toFixed(1);

const RULES: readonly Column[] = [
  { heading: 'rule', most: 40 },
  { heading: 'ms/GB', right: true },
  { heading: 'hits', right: true },
  { heading: 'matches', right: true },
  { heading: 'findings' },
];

const LITERALS: readonly Column[] = [
  { heading: 'anchor', most: 32 },
  { heading: 'hits/GB', right: true },
  { heading: 'hits', right: true },
  { heading: 'examined', right: true },
  { heading: 'rules' },
];

const findingsOf = ({ findings }: RuleCost): string =>
  Object.entries(findings)
    .map(([grade, count]) => `${count} ${grade}`)
    .join(', ');

const ruleRow = (cost: RuleCost): string[] => [
  cost.ruleId,
  decimal(cost.millisecondsPerGb),
  number(cost.hits),
  number(cost.candidates),
  findingsOf(cost),
];

const literalRow = ({ literal, hitsPerGb, hits, examined, rules }: LiteralCost): string[] => [
  literal,
  number(hitsPerGb),
  number(hits),
  number(examined),
  rules.join(' '),
];

function section(columns: readonly Column[], rows: string[][], width: number | undefined): string[] {
  const lines = tableLines(columns, rows.slice(0, MOST), width);
  return rows.length > MOST ? [...lines, `(${rows.length - MOST} more, see --json)`] : lines;
}

/** The rules that did anything, then the literals that were found, the dearest first. */
export function corpusLines(
  { bytes, artifacts, complete, rules, literals }: CorpusCheck,
  width?: number,
): string[] {
  const busy = rules.filter(({ hits, candidates, milliseconds }) => hits + candidates + milliseconds > 0);
  const found = literals.filter(({ hits }) => hits > 0);
  const rest = complete ? '' : ' (not all could be read and searched)';
  return [
    `corpus: ${number(bytes)} bytes in ${artifacts} files${rest}`,
    `${busy.length} of ${rules.length} rules had a hit or a match, the dearest first:`,
    ...section(RULES, busy.map(ruleRow), width),
    '',
    `${found.length} of ${literals.length} anchors were found, the dearest first:`,
    ...section(LITERALS, found.map(literalRow), width),
  ];
}
