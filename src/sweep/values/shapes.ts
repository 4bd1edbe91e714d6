import { code, isBlank, isControl, isLineEnd, isQuote, LOWER, RUN, setOf, UPPER } from './alphabet.js';
import type { RunContext } from './context.js';
import { frontOf } from './front.js';
import { elementName, otherOfPair } from './pairs.js';
import type { PlaceShape, ValuePlace } from './place.js';
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

const SCHEME_WORDS = SCHEMES.map((word) => Uint8Array.from(Buffer.from(word, 'latin1')));

const CDATA = Uint8Array.from(Buffer.from('cdata', 'latin1'));
/** `<![` */
const MARKUP = 3;

const LINKS = ['is', 'was', 'be'].map((word) => Uint8Array.from(Buffer.from(word, 'latin1')));

interface Separation {
  /** Quote around the name. */
  quote: number;
  equals: boolean;
  colon: boolean;
  comma: boolean;
  /** No blank and no quote beside the separator. */
  tight: boolean;
}

const TYPES = ['string', 'str', 'text', 'const', 'static'].map((word) =>
  Uint8Array.from(Buffer.from(word, 'latin1')),
);

/** Between a name and its type: `token: &str = …`, `token string = …`. */
const BEFORE_TYPE = setOf(" :&*'");

/** Finds the shape of the place of the value behind a context. */
export class PlaceFinder {
  readonly context: RunContext;
  readonly place: ValuePlace;

  constructor(context: RunContext, place: ValuePlace) {
    this.context = context;
    this.place = place;
  }

  /** True if context[from, to) is the word, in any case. */
  #isWord(word: Uint8Array, from: number, to: number): boolean {
    const { context } = this;
    if (to - from !== word.length) return false;
    for (let i = 0; i < word.length; i++) if ((context.at(from + i) | 0x20) !== word[i]) return false;
    return true;
  }

  /** Start of a scheme's word that ends at `end`, or -1. */
  #schemeBefore(end: number): number {
    const { context } = this;
    let start = end;
    while (end - start < 24 && (context.kindAt(start - 1) & (UPPER | LOWER)) !== 0) start--;
    if ((context.kindAt(start - 1) & RUN) !== 0) return -1;
    return SCHEME_WORDS.some((word) => this.#isWord(word, start, end)) ? start : -1;
  }

  /** Sets the place for the value behind the context. True if a name was found. */
  find(): boolean {
    const { context, place } = this;
    place.shape = 'none';
    place.nameStart = place.nameEnd = 0;
    place.prose = place.sentence = false;
    place.value = frontOf(context, context.length);
    place.quote = isQuote(context.at(place.value - 1)) ? context.at(place.value - 1) : 0;
    return this.#readOpeners();
  }

  /** A value behind `name:` may be the second part of `a:b`: the name is then left of `a`. */
  findBefore(start: number): boolean {
    const { context, place } = this;
    place.shape = 'none';
    place.prose = place.sentence = false;
    place.value = start;
    place.quote = isQuote(context.at(start - 1)) ? context.at(start - 1) : 0;
    return this.#readOpeners();
  }

  /** True if `<![CDATA` ends at `end`. */
  #isCdata(end: number): boolean {
    const { context } = this;
    return (
      this.#isWord(CDATA, end - CDATA.length, end) && context.at(end - CDATA.length - MARKUP) === code('<')
    );
  }

  #readOpeners(): boolean {
    const { context, place } = this;
    let p = place.value;
    let [blanks, lines] = [0, 0];
    let [paren, scheme] = [false, -1];
    for (let steps = 0; steps < MOST.openers; steps++) {
      const byte = context.at(p - 1);
      if (isBlank(byte)) blanks++;
      else if (isLineEnd(byte)) lines++;
      else if (byte === PAREN) paren = true;
      else if (LITERAL[byte] === 1 && isQuote(context.at(p)) && (context.kindAt(p - 2) & RUN) === 0) {
        // Part of the literal.
      } else if (blanks > 0 && lines === 0 && scheme < 0 && (context.kindAt(p - 1) & (UPPER | LOWER)) !== 0) {
        const start = this.#schemeBefore(p);
        if (start < 0) break;
        scheme = start;
        place.nameStart = start;
        place.nameEnd = p;
        p = start + 1;
        blanks = 0;
      } else if (!isQuote(byte) && OPENERS[byte] !== 1) break;
      p--;
    }
    if (this.#isCdata(p))
      for (p -= CDATA.length + MARKUP; isBlank(context.at(p - 1)) || isLineEnd(context.at(p - 1)); ) p--;
    if (this.#separated(p)) return true;
    const { nameStart, nameEnd } = place;
    if (scheme >= 0) {
      // A scheme's word is also a common one: `add the key …`.
      place.prose = place.sentence = context.at(nameStart - 1) === 0x20;
      return this.#named('scheme', nameStart, nameEnd);
    }
    return this.#unseparated(p, { blanks, lines, paren });
  }

  #named(shape: PlaceShape, start: number, end: number): boolean {
    const { place } = this;
    if (end <= start) return false;
    place.shape = shape;
    place.nameStart = start;
    place.nameEnd = end;
    return true;
  }

  /** Start of the name that ends at `end`. */
  #startOfName(end: number): number {
    const { context } = this;
    let start = end;
    while (end - start < MOST.name && start > 0 && NAME[context.at(start - 1)] === 1) start--;
    return start;
  }

  /** Start of a quoted name that ends at `end`, or -1. */
  #startOfQuoted(end: number, quote: number): number {
    const { context } = this;
    for (let start = end; end - start <= MOST.name && start > 0; start--) {
      const byte = context.at(start - 1);
      if (byte === quote) return start;
      if (isControl(byte) || isLineEnd(byte)) return -1;
    }
    return -1;
  }

  /** True if the quoted name is one, and no text that goes on in the value: `'token=', '…'`. */
  #isPlain(start: number, end: number): boolean {
    const { context } = this;
    for (let i = start; i < end; i++) if (NAME[context.at(i)] !== 1 && context.at(i) !== 0x20) return false;
    return context.at(end - 1) !== 0x20;
  }

  /** End of the name before a linking word that ends at `end`: `the token is …`; else `end`. */
  #beforeLink(end: number): number {
    const { context } = this;
    const link = LINKS.find(
      (word) => isBlank(context.at(end - word.length - 1)) && this.#isWord(word, end - word.length, end),
    );
    return link === undefined ? end : end - link.length - 1;
  }

  /** `name(`, `name "`, and a name on the line before. */
  #unseparated(end: number, found: { blanks: number; lines: number; paren: boolean }): boolean {
    const { context, place } = this;
    const { blanks, lines, paren } = found;
    if (context.at(end - 1) === GREATER)
      return elementName(context, end - 1, place) && this.#named('element', place.nameStart, place.nameEnd);
    if (blanks + lines === 0 && !paren) return false;
    const link = lines > 0 ? end : this.#beforeLink(end);
    const start = this.#startOfName(link);
    place.prose = context.at(start - 1) === 0x20;
    place.sentence = place.prose && place.quote === 0;
    if (link !== end) return this.#named('spaced', start, link);
    if (context.at(start) === DASH) return this.#named('option', start, end);
    return this.#named(lines > 0 ? 'line' : paren ? 'call' : 'spaced', start, end);
  }

  /** A name, and `=`, `:`, `=>` and the like behind it. */
  #separated(from: number): boolean {
    const { context, place } = this;
    let p = from;
    let [equals, colon, comma, marks, blanks] = [false, false, false, 0, 0];
    for (; p > 0 && marks < MOST.separators; p--) {
      const byte = context.at(p - 1);
      if (isBlank(byte) && blanks < 8) blanks++;
      else if (SEPARATORS[byte] === 1 || (byte === DOT && context.at(p) === EQUALS)) {
        // `||` and `??` give a default.
        equals ||= byte === EQUALS || (byte === context.at(p) && (byte === code('|') || byte === code('?')));
        colon ||= byte === COLON;
        comma ||= byte === COMMA;
        marks++;
      } else break;
    }
    // `token - …`
    colon ||= marks === 1 && blanks > 0 && from < place.value && context.at(p + 1) === DASH;
    if (!(equals || colon || comma)) return false;
    let [quote, list] = [0, false];
    for (let i = 0; i < MOST.closers && p > 0 && CLOSERS[context.at(p - 1)] === 1; i++, p--)
      if (isQuote(context.at(p - 1))) quote = context.at(p - 1);
      else list = true;
    if (context.at(p - 1) === code('[') && context.at(p) === code(']')) p--;
    // `'…'], ['…'` are two lists.
    if (comma && (quote === 0 || list)) return false;
    return this.#nameBefore(p, { quote, equals, colon, comma, tight: blanks === 0 && from === place.value });
  }

  #nameBefore(end: number, separation: Separation): boolean {
    const { context, place } = this;
    const { quote, colon, tight } = separation;
    const quoted = quote === 0 ? -1 : this.#startOfQuoted(end, quote);
    const start = quoted >= 0 ? quoted : this.#startOfName(end);
    if (quoted < 0 && separation.equals && this.#isType(start, end)) return this.#typed(start, separation);
    if (colon && context.at(start - 1) === SLASH && context.at(start - 2) === SLASH) {
      place.nameStart = start;
      place.nameEnd = end;
      place.shape = 'userinfo';
      return tight;
    }
    if (!this.#named(quoted >= 0 ? 'json' : this.#shapeOf(start, separation), start, end)) return false;
    place.prose = quoted < 0 && context.at(start - 1) === 0x20;
    place.sentence = place.prose && !separation.equals && place.quote === 0;
    if (separation.comma) place.shape = this.#isPlain(start, end) ? 'call' : 'beside';
    otherOfPair(context, place);
    return true;
  }

  #isType(start: number, end: number): boolean {
    return TYPES.some((word) => this.#isWord(word, start, end));
  }

  /** The name of a declaration whose type begins at `type`. */
  #typed(type: number, separation: Separation): boolean {
    const { context } = this;
    let end = type;
    while (end > 0 && type - end < MOST.separators && BEFORE_TYPE[context.at(end - 1)] === 1) end--;
    const start = this.#startOfName(end);
    return end < type && this.#named(this.#shapeOf(start, { ...separation, tight: false }), start, end);
  }

  /** Shape of a name without quotes that begins at `start`. */
  #shapeOf(start: number, { equals, colon, tight }: Separation): PlaceShape {
    const { context } = this;
    const before = context.at(start - 1);
    if (context.at(start) === DASH) return 'option';
    if (before === code('?') || before === code('&')) return 'query';
    if (before === code(';')) return 'connection';
    const first = start === 0 || isLineEnd(before) || isControl(before);
    if (first && equals && tight) return 'environment';
    if (first && colon && !equals) return 'header';
    return 'assignment';
  }
}
