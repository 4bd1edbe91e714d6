const BASE62 = /[0-9A-Za-z]/;

/** The characters of a bracket expression's inside, ranges and \w \d spelt out. */
export function expand(inside: string): string[] {
  const spelt = inside
    .replaceAll('\\w', '0-9A-Za-z_')
    .replaceAll('\\d', '0-9')
    .replaceAll('\\s', '\t\n\f\r ');
  const characters: string[] = [];
  for (let i = 0; i < spelt.length; i++) {
    if (spelt[i] === '\\') i++;
    const from = spelt.charCodeAt(i);
    const to = spelt[i + 1] === '-' && i + 2 < spelt.length ? spelt.charCodeAt(i + 2) : from;
    if (to > from) i += 2;
    for (let code = from; code <= Math.max(from, to); code++) characters.push(String.fromCharCode(code));
  }
  return characters;
}

/** A bracket expression with its inside, an escaped character, or a parenthesis. */
const PIECES = /\[(\^?)((?:\\.|[^\]\\])+)\]|\\.|[()]/g;

/**
 * The alphabet that ends a pattern's token: letters, digits, and whatever the bracket expressions of its group `secret`
 * allow beyond them. Negated ones say what a token is not made of, and add nothing.
 */
export function alphabetOf(pattern: string): ReadonlySet<string> {
  const alphabet = new Set(expand('0-9A-Za-z'));
  const group = /\(\?P?<secret>/.exec(pattern);
  let depth = 1;
  for (const [piece, negated, inside] of pattern
    .slice((group?.index ?? 0) + (group?.[0].length ?? 0))
    .matchAll(PIECES)) {
    if (piece === '(') depth++;
    if (piece === ')' && --depth === 0) break;
    if (inside !== undefined && negated === '')
      for (const character of expand(inside)) alphabet.add(character);
  }
  return alphabet;
}

/** An escape directly before a token: the `n` of `\n` or the `2` of `%22` is no part of it. */
const ESCAPE = /(?:\\[abefnrtv0]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|%[0-9a-f]{2})$/i;

/**
 * Does a longer token begin before `start`? A token with a prefix of its own is glued only to letters and digits; one
 * without to all of its alphabet. Length-prefixed strings (msgpack, protobuf, DER) put the length there, which may look
 * like a letter: a byte that equals the token's length is no part of it.
 */
export function gluedBefore(
  text: string,
  start: number,
  end: number,
  alphabet: ReadonlySet<string>,
  prefixed: boolean,
): boolean {
  if (start === 0) return false;
  const before = text[start - 1]!;
  if (!(prefixed ? BASE62.test(before) : alphabet.has(before))) return false;
  if (ESCAPE.test(text.slice(Math.max(0, start - 6), start))) return false;
  const isLength = before.charCodeAt(0) === end - start;
  return !(isLength && (start === 1 || !alphabet.has(text[start - 2]!)));
}

/** Does the run of the token's alphabet go on behind `end`? */
export function gluedAfter(text: string, end: number, alphabet: ReadonlySet<string>): boolean {
  return end < text.length && alphabet.has(text[end]!);
}
