/** The lines `NAME=value` of an `.env`, which each program reads in its own way: shells, dotenv, Docker, systemd. */

/** One reading of a value. `how`: what tells it from the first one. */
export interface Assignment {
  name: string;
  value: string;
  how: string;
}

/** Quotes may span lines, as dotenv and shells have it, and end theirs; all else goes on to the end of the line. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"(?=[ \t]*(?:#|$))|'([^']*)'(?=[ \t]*(?:#|$))|`([^`]*)`(?=[ \t]*(?:#|$))|([^\r\n]*))/gms;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unescaped = (text: string): string =>
  text.replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character);

/** What a shell makes of a word: quotes go, and so does a backslash before any character. */
const asShell = (text: string): string =>
  text.replace(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? '',
  );
/** The first word of a shell: blanks end it unless they are quoted or escaped. */
const SHELL_WORD = /^(?:[^\s"'\\]|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)*/s;

/** A value without quotes around it: with blanks and `#` to the end of the line (Docker), up to a comment (dotenv), as one word (a shell). */
function* readings(line: string): Generator<Omit<Assignment, 'name'>> {
  const all = line.trimEnd();
  yield { value: all.replace(/\s+#.*$/s, ''), how: '' };
  yield { value: all, how: 'to the end of its line' };
  yield { value: all.replace(/#.*$/s, '').trimEnd(), how: 'up to #' };
  yield { value: asShell(SHELL_WORD.exec(all)?.[0] ?? ''), how: 'as a shell reads it' };
}

/** Each assignment, with every reading that it may have once; the first one is the likeliest. */
export function assignments(text: string): Assignment[][] {
  return [...text.matchAll(ASSIGNMENT)].map(([, name = '', double, single, back, bare = '']) => {
    const quoted = (double === undefined ? undefined : unescaped(double)) ?? single ?? back;
    const all = quoted === undefined ? [...readings(bare)] : [{ value: quoted, how: '' }];
    const values = all.map(({ value }) => value);
    return all.filter(({ value }, i) => values.indexOf(value) === i).map((each) => ({ name, ...each }));
  });
}

/** The text with empty lines where a value goes on. */
export const withoutContinuations = (text: string): string =>
  text.replace(ASSIGNMENT, (all) => all.replace(/\n[^\n]*/g, '\n'));
