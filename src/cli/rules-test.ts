import type { RuleTest, Step } from '../index.js';
import { tableLines } from './table.js';

const hex = (offset: number | undefined): string => (offset === undefined ? '' : `0x${offset.toString(16)}`);

const MARK = { true: 'yes', false: 'NO', undefined: '' } as const;

const rowOf = ({ name, passed, offset, text }: Step): string[] => [
  hex(offset),
  name,
  MARK[`${passed}`],
  text,
];

function findingLines(finding: RuleTest['findings'][number]): string[] {
  const { title, severity, confidence, counts, reason, notes, proof, occurrences, preview } = finding;
  const places = occurrences.map(({ offset, length, wide }) => {
    const form = wide === undefined ? '' : ` (UTF-16${wide.toUpperCase()})`;
    return `${hex(offset)}, ${length} bytes${form}`;
  });
  return [
    `finding: ${title} ${preview}`,
    `  at ${places.join('; ')}`,
    `  severity ${severity}, confidence ${confidence}`,
    ...proof.map((line) => `  ${line}`),
    ...notes.map((line) => `  note: ${line}`),
    counts
      ? '  fails the gate with the default thresholds'
      : `  passes the gate with the default thresholds: ${reason}`,
  ];
}

/** The steps of the decision, then what became of it. */
export function testLines({ ruleId, steps, furtherSteps, findings }: RuleTest, width?: number): string[] {
  const rows = steps.map(rowOf);
  return [
    `rule ${ruleId}`,
    ...tableLines([{}, {}, {}, {}], rows, width),
    ...(furtherSteps > 0 ? [`(${furtherSteps} further steps)`] : []),
    ...findings.flatMap(findingLines),
    ...(findings.length === 0 ? ['no finding'] : []),
  ];
}
