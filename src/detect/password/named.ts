import type { PasswordSearch } from '../../rules/types.js';
import type { Place } from './levels.js';
import { isNameCharacter, isPasswordName } from './names.js';
import { IDENTIFIED, type Shape, SPAN, shapes } from './shapes.js';

/** A value that may be a password, as indices into the text. */
export interface Found {
  start: number;
  end: number;
  /** The part of it that is judged, if it is encoded. */
  password?: string;
  place: Place;
  /** Words count. */
  words: boolean;
  narrow?: boolean;
  /** Statement of the report. */
  evidence: string;
  /** Why it may be an example. */
  note?: string | undefined;
}

const evidenceOf: Readonly<Partial<Record<Shape['shape'], string>>> = {
  environment: 'the value of a variable whose name says password',
  netrc: 'a login of a netrc file',
  connection: 'in a connection string',
  query: 'a parameter whose name says password',
  option: 'an option whose name says password',
};
const NAMED = 'beside a name that says password';

/** The span of the last group that took part in a match. */
export function valueIn(match: RegExpExecArray): [number, number] | undefined {
  for (let group = match.length - 1; group > 0; group--) {
    const span = match.indices![group];
    if (span !== undefined) return span;
  }
  return undefined;
}

/**
 * The name around an anchor at [at, to), which may end with what follows a name; undefined if it is too long.
 */
function nameAround(text: string, at: number, to: number): { start: number; end: number } | undefined {
  const [low, high] = [Math.max(0, at - SPAN.nameBefore), Math.min(text.length, to + SPAN.nameAfter)];
  let [start, end] = [at, to];
  while (end > at && !isNameCharacter(text, end - 1)) end--;
  while (start > low && isNameCharacter(text, start - 1)) start--;
  while (end < high && isNameCharacter(text, end)) end++;
  if ((start === low && low > 0) || (end === high && high < text.length)) return undefined;
  while (start < at && /[.-]/.test(text[start]!)) start++;
  return { start, end };
}

/** Shapes of the environment have `=` directly behind the name. */
const isOnlyEnvironment = (wanted: ReadonlySet<string>): boolean =>
  wanted.size === 1 && wanted.has('environment');

/** The password beside the name that has an anchor at [at, to). */
export function namedAt(
  text: string,
  at: number,
  to: number,
  { shapes: wanted, notNames }: { shapes: ReadonlySet<string>; notNames: ReadonlySet<string> },
): Found | undefined {
  const span = nameAround(text, at, to);
  if (span === undefined) return undefined;
  // Most names of code have no such sign, and telling their words takes longer.
  if (isOnlyEnvironment(wanted) && text[span.end] !== '=') return undefined;
  const name = text.slice(span.start, span.end);
  if (!isPasswordName(name, notNames)) return undefined;
  const left = text.slice(Math.max(0, span.start - SPAN.before), span.start);
  const right = text.slice(span.end, span.end + SPAN.after);
  for (const { shape, before, name: named, after, place, words, narrow = false } of shapes) {
    if (named?.test(name) === false || before?.test(left) === false) continue;
    const match = after.exec(right);
    const value = match && valueIn(match);
    if (!value) continue;
    if (!wanted.has(shape)) return undefined;
    const [start, end] = value.map((index) => span.end + index) as [number, number];
    return { start, end, place, words, narrow, evidence: evidenceOf[shape] ?? NAMED };
  }
  return undefined;
}

/** The password of the SQL statement whose `identified by ` ends at `to`. */
export function identifiedAt(text: string, to: number, { shapes: wanted }: Wanted): Found | undefined {
  const match = IDENTIFIED.exec(text.slice(to, to + SPAN.after));
  const value = match && valueIn(match);
  if (!value || !wanted.has('sql')) return undefined;
  const [start, end] = value.map((index) => to + index) as [number, number];
  return { start, end, place: 'quoted', words: false, evidence: 'in an SQL statement that sets it' };
}

export type Wanted = Pick<PasswordSearch, 'schemes'> & {
  shapes: ReadonlySet<string>;
  notNames: ReadonlySet<string>;
  stock: ReadonlySet<string>;
};
