/** The lines `NAME=value` of an `.env`. Shells, dotenv, Docker and systemd each parse them differently. */

/** Most characters of a value that is searched for: the limit of a Kubernetes Secret. */
export const LONGEST_VALUE = 2 ** 20;

/** A value by one way of parsing. `how`: description of the way, empty for the most likely one. */
export interface Assignment {
  name: string;
  value: string;
  how: string;
}

/** A quoted value may span lines, as in dotenv and shells. Other values end with the line. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"(?=[ \t]*(?:#|$))|'([^']*)'(?=[ \t]*(?:#|$))|`([^`]*)`(?=[ \t]*(?:#|$))|([^\r\n]*))/gms;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);

/** A word as a shell expands it: without quotes, and without a backslash before any character. */
const asShell = (text: string): string =>
  text.replace(
    /"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*)'|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
  );
/** A word of a shell. It ends at a blank or operator that is not quoted or escaped. */
const SHELL_WORD = /(?:[^\s"'\\;&|<>()]+|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'|\\.)*/sy;
/** Between two assignments on one line: `A=1 B=2`, `export A=1; export B=2`. */
const NEXT = /[ \t;&]+(?:export[ \t]+)?([A-Za-z_]\w*)=/y;

/** Match of a sticky pattern at an index. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
/** Bounded by {@link LONGEST_VALUE}: the pattern's backtrack stack grows with each character. */
const wordAt = (line: string, at: number): string =>
  matchAt(SHELL_WORD, line.slice(at, at + LONGEST_VALUE + 1), 0)?.[0] ?? '';

/** Further assignments after a value on the same line, which only a shell reads. */
function* further(line: string): Generator<Assignment> {
  let at = wordAt(line, 0).length;
  for (let next = matchAt(NEXT, line, at); next; next = matchAt(NEXT, line, at)) {
    at += next[0].length;
    const word = wordAt(line, at);
    at += word.length;
    yield { name: next[1]!, value: asShell(word), how: '' };
  }
}

/**
 * A value without quotes: up to a comment (dotenv), to the end of the line with blanks and `#` (Docker), as
 * one word (a shell).
 */
function* readings(line: string): Generator<Omit<Assignment, 'name'>> {
  const all = line.trimEnd();
  yield { value: all.replace(/\s#.*$/s, '').trimEnd(), how: '' };
  yield { value: all, how: 'to the end of its line' };
  yield { value: all.replace(/#.*$/s, '').trimEnd(), how: 'up to #' };
  yield { value: asShell(wordAt(all, 0)), how: 'as a shell reads it' };
}

/** Lines that OpenSSL writes around PEM of certificates: `subject=CN = example.com`. */
const ATTRIBUTE = /^(?:subject|issuer|depth)$/;
export const isAttribute = ([first]: readonly Assignment[]): boolean => ATTRIBUTE.test(first?.name ?? '');

/** Each assignment with its distinct values by all ways of parsing, the most likely one first. */
export function assignments(text: string): Assignment[][] {
  return [...text.matchAll(ASSIGNMENT)].flatMap(([, name = '', double, single, back, bare = '']) => {
    const quoted = (double === undefined ? undefined : unescaped(double)) ?? single ?? back;
    const all = quoted === undefined ? [...readings(bare)] : [{ value: quoted, how: '' }];
    const values = all.map(({ value }) => value);
    const own = all.filter(({ value }, i) => values.indexOf(value) === i).map((each) => ({ name, ...each }));
    return isAttribute(own) ? [own] : [own, ...Array.from(further(bare), (each) => [each])];
  });
}

/** The text with the continuation lines of values made empty. */
export const withoutContinuations = (text: string): string =>
  text.replace(ASSIGNMENT, (all) => all.replace(/\n[^\n]*/g, '\n'));
