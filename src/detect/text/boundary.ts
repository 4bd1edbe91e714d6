const BASE62 = /[0-9A-Za-z]/;

/** The characters of a bracket expression, given its inside. */
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

/** A bracket expression and its inside, an escaped character, or a parenthesis. */
const PIECES = /\[(\^?)((?:\\.|[^\]\\])+)\]|\\.|[()]/g;

/**
 * The alphabet of a pattern's token, for its boundaries: letters, digits, and the characters of all bracket
 * expressions in its group `secret` that are not negated.
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

/** An escape at the end of a text: the `n` of `\n` before a token does not belong to it. */
const ESCAPE = /(?:\\[abefnrtv0]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|%[0-9a-f]{2})$/i;

/**
 * True if the token at [start, end) continues one that starts earlier. After a character of its alphabet a
 * token counts as continued, with an issuer's prefix only after a letter or digit. A byte equal to the
 * token's length is the length of a string in msgpack, protobuf or DER.
 */
export function continuesBefore(
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

/** True if the run of the token's alphabet continues at `end`. */
export function continuesAfter(text: string, end: number, alphabet: ReadonlySet<string>): boolean {
  return end < text.length && alphabet.has(text[end]!);
}
