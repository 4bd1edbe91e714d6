import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { JoinedReport, JoinedRow } from './joined.js';

/** The shortest prefix of a fingerprint that names a finding. */
const LEAST_DIGITS = 4;
const ID = /^(?:v1:)?([0-9a-f]{1,64})$/i;
/** Findings that a message names. */
const NAMED = 5;

/** The hexadecimal digits of an id, short or whole; undefined if a word is no id. */
function digitsOfId(word: string): string | undefined {
  return ID.exec(word)?.[1]?.toLowerCase();
}

/** Throws `unknown-id` or `ambiguous-id` (exit 3) unless one finding has the id, or begins with it. */
export const rowOfId = (report: JoinedReport, id: string): JoinedRow =>
  theOneOf(report.rows, id, {
    many: 'findings',
    none: 'no finding of the report has the id',
    hint: 'the short id of each finding is in the report; more digits of it tell two apart',
  });

/** What messages say of where an id is looked up. */
interface Words {
  /** A noun in the plural. */
  many: string;
  /** What is said before the id. */
  none: string;
  hint: string;
}

/** The row whose fingerprint is the id, or begins with it. */
export function theOneOf<Row extends { fingerprint: string | null }>(
  all: readonly Row[],
  id: string,
  { many, none, hint }: Words,
): Row {
  const digits = digitsOfId(id);
  if (digits === undefined || digits.length < LEAST_DIGITS)
    throw wrongId('unknown-id', `an id is ${LEAST_DIGITS} hexadecimal digits or more of a fingerprint`, hint);
  const rows = all.filter(({ fingerprint }) => fingerprint?.startsWith(`v1:${digits}`));
  const [row] = rows;
  if (row === undefined) throw wrongId('unknown-id', `${none} ${digits}`, hint);
  if (rows.length === 1) return row;
  const ids = rows
    .slice(0, NAMED)
    .map(({ fingerprint }) => fingerprint!.slice('v1:'.length, 'v1:'.length + 16));
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : '';
  throw wrongId(
    'ambiguous-id',
    `${rows.length} ${many} begin with ${digits}: ${ids.join(', ')}${more}`,
    hint,
  );
}

const wrongId = (code: string, message: string, hint: string): DumpsieveError =>
  new DumpsieveError({ code, message, hint });
