/** The lines `NAME=value` of an `.env`, which each program reads in its own way: shells, dotenv, Docker, systemd. */

/** Characters of a value that is looked for: a Kubernetes Secret has no room for more. */
export const LONGEST_VALUE = 2 ** 20;

/** One reading of a value. `how`: what tells it from the first one. */
export interface Assignment {
  name: string;
  value: string;
  how: string;
}

/** Quotes may span lines, as dotenv and shells have it, and end theirs; all else goes on to the end of the line. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"([^"\\]*(?:\\.[^"\\]*)*)"(?=[ \t]*(?:#|$))|'([^']*)'(?=[ \t]*(?:#|$))|`([^`]*)`(?=[ \t]*(?:#|$))|([^\r\n]*))/gms;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);

/** What a shell makes of a word: quotes go, and so does a backslash before any character. */
const asShell = (text: string): string =>
  text.replace(
    /"([^"\\]*(?:\\.[^"\\]*)*)"|'([^']*)'|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
  );
/** A word of a shell: blanks and operators end it unless they are quoted or escaped. */
const SHELL_WORD = /(?:[^\s"'\\;&|<>()]+|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'|\\.)*/sy;
/** What makes of the next word a value too: `A=1 B=2`, `export A=1; export B=2`. */
const NEXT = /[ \t;&]+(?:export[ \t]+)?([A-Za-z_]\w*)=/y;

/** What a pattern finds right at a place. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
/** As far as a value may be looked for: patterns keep a place to go back to for each character. */
const wordAt = (line: string, at: number): string =>
  matchAt(SHELL_WORD, line.slice(at, at + LONGEST_VALUE + 1), 0)?.[0] ?? '';

/** Further assignments behind a value, on its line: only a shell sees these. */
function* further(line: string): Generator<Assignment> {
  let at = wordAt(line, 0).length;
  for (let next = matchAt(NEXT, line, at); next; next = matchAt(NEXT, line, at)) {
    at += next[0].length;
    const word = wordAt(line, at);
    at += word.length;
    yield { name: next[1]!, value: asShell(word), how: '' };
  }
}

/** A value without quotes around it: with blanks and `#` to the end of the line (Docker), up to a comment (dotenv), as one word (a shell). */
function* readings(line: string): Generator<Omit<Assignment, 'name'>> {
  const all = line.trimEnd();
  yield { value: all.replace(/\s#.*$/s, '').trimEnd(), how: '' };
  yield { value: all, how: 'to the end of its line' };
  yield { value: all.replace(/#.*$/s, '').trimEnd(), how: 'up to #' };
  yield { value: asShell(wordAt(all, 0)), how: 'as a shell reads it' };
}

/** What OpenSSL writes around PEM of certificates and verbs that show them: `subject=CN = example.com`. */
const ATTRIBUTE = /^(?:subject|issuer|depth)$/;
export const isAttribute = ([first]: readonly Assignment[]): boolean => ATTRIBUTE.test(first?.name ?? '');

/** Each assignment, with every reading that it may have once; the first one is the likeliest. */
export function assignments(text: string): Assignment[][] {
  return [...text.matchAll(ASSIGNMENT)].flatMap(([, name = '', double, single, back, bare = '']) => {
    const quoted = (double === undefined ? undefined : unescaped(double)) ?? single ?? back;
    const all = quoted === undefined ? [...readings(bare)] : [{ value: quoted, how: '' }];
    const values = all.map(({ value }) => value);
    const own = all.filter(({ value }, i) => values.indexOf(value) === i).map((each) => ({ name, ...each }));
    return isAttribute(own) ? [own] : [own, ...Array.from(further(bare), (each) => [each])];
  });
}

/** The text with empty lines where a value goes on. */
export const withoutContinuations = (text: string): string =>
  text.replace(ASSIGNMENT, (all) => all.replace(/\n[^\n]*/g, '\n'));
