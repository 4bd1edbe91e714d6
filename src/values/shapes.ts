import { code, isBlank, isControl, isLineEnd, isQuote, LOWER, RUN, setOf, UPPER } from './alphabet.js';
import { context } from './context.js';
import { frontOf } from './front.js';
import { elementName, otherOfPair } from './pairs.js';
import { at, kindAt, place, type Shape } from './place.js';
import { SCHEMES } from './word-lists.js';

/**
 * The text before a value: the shape of its place, and its name there. Scanners that go left from the value,
 * each in time linear in the context.
 */

/** Bounds of what the scanners read, in characters. */
const MOST = { openers: 24, name: 64, separators: 6, closers: 3 };

const EQUALS = code('=');
const COLON = code(':');
const DOT = code('.');
const COMMA = code(',');
const DASH = code('-');
const SLASH = code('/');
const GREATER = code('>');
const PAREN = code('(');

const OPENERS = setOf('([{<$@');
const CLOSERS = setOf('"\'`]');
const SEPARATORS = setOf('=:>|?<-+,!~');
const NAME = setOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$.-');
/** Prefixes of string literals: `b'…'`. */
const LITERAL = setOf('bruBRUfF');

/** True if context[from, to) is the word, in any case. */
function isWord(word: Uint8Array, from: number, to: number): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if ((at(from + i) | 0x20) !== word[i]) return false;
  return true;
}

const SCHEME_WORDS = SCHEMES.map((word) => Uint8Array.from(Buffer.from(word, 'latin1')));

/** Start of a scheme's word that ends at `end`, or -1. */
function schemeBefore(end: number): number {
  let start = end;
  while (end - start < 24 && (kindAt(start - 1) & (UPPER | LOWER)) !== 0) start--;
  if ((kindAt(start - 1) & RUN) !== 0) return -1;
  return SCHEME_WORDS.some((word) => isWord(word, start, end)) ? start : -1;
}

/** Sets {@link place} for the value behind the context. True if a name was found. */
export function findPlace(): boolean {
  place.shape = 'none';
  place.nameStart = place.nameEnd = 0;
  place.prose = place.sentence = false;
  place.value = frontOf(context.length);
  place.quote = isQuote(at(place.value - 1)) ? at(place.value - 1) : 0;
  return readOpeners();
}

/** A value behind `name:` may be the second part of `a:b`: the name is then left of `a`. */
export function findPlaceBefore(start: number): boolean {
  place.shape = 'none';
  place.prose = place.sentence = false;
  place.value = start;
  place.quote = isQuote(at(start - 1)) ? at(start - 1) : 0;
  return readOpeners();
}

const CDATA = Uint8Array.from(Buffer.from('cdata', 'latin1'));
/** `<![` */
const MARKUP = 3;

/** True if `<![CDATA` ends at `end`. */
const isCdata = (end: number): boolean =>
  isWord(CDATA, end - CDATA.length, end) && at(end - CDATA.length - MARKUP) === code('<');

function readOpeners(): boolean {
  let p = place.value;
  let [blanks, lines] = [0, 0];
  let [paren, scheme] = [false, -1];
  for (let steps = 0; steps < MOST.openers; steps++) {
    const byte = at(p - 1);
    if (isBlank(byte)) blanks++;
    else if (isLineEnd(byte)) lines++;
    else if (byte === PAREN) paren = true;
    else if (LITERAL[byte] === 1 && isQuote(at(p)) && (kindAt(p - 2) & RUN) === 0) {
      // Part of the literal.
    } else if (blanks > 0 && lines === 0 && scheme < 0 && (kindAt(p - 1) & (UPPER | LOWER)) !== 0) {
      const start = schemeBefore(p);
      if (start < 0) break;
      scheme = start;
      place.nameStart = start;
      place.nameEnd = p;
      p = start + 1;
      blanks = 0;
    } else if (!isQuote(byte) && OPENERS[byte] !== 1) break;
    p--;
  }
  if (isCdata(p)) for (p -= CDATA.length + MARKUP; isBlank(at(p - 1)) || isLineEnd(at(p - 1)); ) p--;
  if (separated(p)) return true;
  const { nameStart, nameEnd } = place;
  if (scheme >= 0) {
    // A scheme's word is also a common one: `add the key …`.
    place.prose = place.sentence = at(nameStart - 1) === 0x20;
    return named('scheme', nameStart, nameEnd);
  }
  return unseparated(p, { blanks, lines, paren });
}

function named(shape: Shape, start: number, end: number): boolean {
  if (end <= start) return false;
  place.shape = shape;
  place.nameStart = start;
  place.nameEnd = end;
  return true;
}

/** Start of the name that ends at `end`. */
function startOfName(end: number): number {
  let start = end;
  while (end - start < MOST.name && start > 0 && NAME[at(start - 1)] === 1) start--;
  return start;
}

/** Start of a quoted name that ends at `end`, or -1. */
function startOfQuoted(end: number, quote: number): number {
  for (let start = end; end - start <= MOST.name && start > 0; start--) {
    const byte = at(start - 1);
    if (byte === quote) return start;
    if (isControl(byte) || isLineEnd(byte)) return -1;
  }
  return -1;
}

/** True if the quoted name is one, and no text that goes on in the value: `'token=', '…'`. */
function isPlain(start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (NAME[at(i)] !== 1 && at(i) !== 0x20) return false;
  return at(end - 1) !== 0x20;
}

const LINKS = ['is', 'was', 'be'].map((word) => Uint8Array.from(Buffer.from(word, 'latin1')));

/** End of the name before a linking word that ends at `end`: `the token is …`; else `end`. */
function beforeLink(end: number): number {
  const link = LINKS.find(
    (word) => isBlank(at(end - word.length - 1)) && isWord(word, end - word.length, end),
  );
  return link === undefined ? end : end - link.length - 1;
}

/** `name(`, `name "`, and a name on the line before. */
function unseparated(end: number, found: { blanks: number; lines: number; paren: boolean }): boolean {
  const { blanks, lines, paren } = found;
  if (at(end - 1) === GREATER)
    return elementName(end - 1, place) && named('element', place.nameStart, place.nameEnd);
  if (blanks + lines === 0 && !paren) return false;
  const link = lines > 0 ? end : beforeLink(end);
  const start = startOfName(link);
  place.prose = at(start - 1) === 0x20;
  place.sentence = place.prose && place.quote === 0;
  if (link !== end) return named('spaced', start, link);
  if (at(start) === DASH) return named('option', start, end);
  return named(lines > 0 ? 'line' : paren ? 'call' : 'spaced', start, end);
}

/** A name, and `=`, `:`, `=>` and the like behind it. */
function separated(from: number): boolean {
  let p = from;
  let [equals, colon, comma, marks, blanks] = [false, false, false, 0, 0];
  for (; p > 0 && marks < MOST.separators; p--) {
    const byte = at(p - 1);
    if (isBlank(byte) && blanks < 8) blanks++;
    else if (SEPARATORS[byte] === 1 || (byte === DOT && at(p) === EQUALS)) {
      // `||` and `??` give a default.
      equals ||= byte === EQUALS || (byte === at(p) && (byte === code('|') || byte === code('?')));
      colon ||= byte === COLON;
      comma ||= byte === COMMA;
      marks++;
    } else break;
  }
  // `token - …`
  colon ||= marks === 1 && blanks > 0 && from < place.value && at(p + 1) === DASH;
  if (!(equals || colon || comma)) return false;
  let [quote, list] = [0, false];
  for (let i = 0; i < MOST.closers && p > 0 && CLOSERS[at(p - 1)] === 1; i++, p--)
    if (isQuote(at(p - 1))) quote = at(p - 1);
    else list = true;
  if (at(p - 1) === code('[') && at(p) === code(']')) p--;
  // `'…'], ['…'` are two lists.
  if (comma && (quote === 0 || list)) return false;
  return nameBefore(p, { quote, equals, colon, comma, tight: blanks === 0 && from === place.value });
}

interface Separation {
  /** Quote around the name. */
  quote: number;
  equals: boolean;
  colon: boolean;
  comma: boolean;
  /** No blank and no quote beside the separator. */
  tight: boolean;
}

function nameBefore(end: number, separation: Separation): boolean {
  const { quote, colon, tight } = separation;
  const quoted = quote === 0 ? -1 : startOfQuoted(end, quote);
  const start = quoted >= 0 ? quoted : startOfName(end);
  if (quoted < 0 && separation.equals && isType(start, end)) return typed(start, separation);
  if (colon && at(start - 1) === SLASH && at(start - 2) === SLASH) {
    place.nameStart = start;
    place.nameEnd = end;
    place.shape = 'userinfo';
    return tight;
  }
  if (!named(quoted >= 0 ? 'json' : shapeOf(start, separation), start, end)) return false;
  place.prose = quoted < 0 && at(start - 1) === 0x20;
  place.sentence = place.prose && !separation.equals && place.quote === 0;
  if (separation.comma) place.shape = isPlain(start, end) ? 'call' : 'beside';
  otherOfPair(place);
  return true;
}

const TYPES = ['string', 'str', 'text', 'const', 'static'].map((word) =>
  Uint8Array.from(Buffer.from(word, 'latin1')),
);

const isType = (start: number, end: number): boolean => TYPES.some((word) => isWord(word, start, end));

/** Between a name and its type: `token: &str = …`, `token string = …`. */
const BEFORE_TYPE = setOf(" :&*'");

/** The name of a declaration whose type begins at `type`. */
function typed(type: number, separation: Separation): boolean {
  let end = type;
  while (end > 0 && type - end < MOST.separators && BEFORE_TYPE[at(end - 1)] === 1) end--;
  const start = startOfName(end);
  return end < type && named(shapeOf(start, { ...separation, tight: false }), start, end);
}

/** Shape of a name without quotes that begins at `start`. */
function shapeOf(start: number, { equals, colon, tight }: Separation): Shape {
  const before = at(start - 1);
  if (at(start) === DASH) return 'option';
  if (before === code('?') || before === code('&')) return 'query';
  if (before === code(';')) return 'connection';
  const first = start === 0 || isLineEnd(before) || isControl(before);
  if (first && equals && tight) return 'environment';
  if (first && colon && !equals) return 'header';
  return 'assignment';
}
