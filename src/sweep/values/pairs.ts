import { ALPHANUMERIC, code, isBlank, isControl, isLineEnd, isQuote, KINDS } from './alphabet.js';
import type { RunContext } from './context.js';

/**
 * Names that are apart from their value: `"name": "X", "value": "…"`, `<key>X</key><string>…`,
 * `<add key="X" value="…"/>`, `- name: X` above `value: …`.
 */

interface Named {
  nameStart: number;
  nameEnd: number;
}

/** Characters between the two halves, and of an element's tag. */
const MOST = { between: 48, tag: 96, name: 64 };

const isNameCharacter = (byte: number): boolean =>
  byte >= 0 && ((KINDS[byte]! & ALPHANUMERIC) !== 0 || byte === 0x5f || byte === 0x2d || byte === 0x2e);

const word = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const SECOND = ['value', 'val', 'string', 'text', 'content', 'stringvalue', 'data'].map(word);
const FIRST = ['name', 'key', 'id', 'variable', 'field', 'header', 'parameter', 'property', 'param'].map(
  word,
);

/** True if the word is the end of context[0, end), in any case, with no letter before it. */
function endsIn(context: RunContext, word: Uint8Array, end: number): boolean {
  const from = end - word.length;
  if (from < 0) return false;
  for (let i = 0; i < word.length; i++) if ((context.at(from + i) | 0x20) !== word[i]) return false;
  return true;
}

function isOneOf(context: RunContext, all: readonly Uint8Array[], start: number, end: number): boolean {
  return all.some((each) => each.length === end - start && endsIn(context, each, end));
}

/** Start of the text in the quotes that close at `end`, or -1. */
function startOfText(context: RunContext, end: number, quote: number): number {
  for (let start = end; end - start <= MOST.name && start > 0; start--) {
    const byte = context.at(start - 1);
    if (byte === quote) return start;
    if (isControl(byte) || isLineEnd(byte)) return -1;
  }
  return -1;
}

/** If the name is `value` or the like, takes the other half of its pair. */
export function otherOfPair(context: RunContext, place: Named & { shape: string }): boolean {
  if (!isOneOf(context, SECOND, place.nameStart, place.nameEnd)) return false;
  let end = place.nameStart;
  let quote = 0;
  for (let i = 0; i < MOST.between && end > 0; i++, end--) {
    const byte = context.at(end - 1);
    if (isNameCharacter(byte) && byte !== 0x2d) break;
    if (isControl(byte)) return false;
    if (isQuote(byte)) quote = byte;
    else if (
      !isBlank(byte) &&
      !isLineEnd(byte) &&
      byte !== code(',') &&
      byte !== code('-') &&
      byte !== code(';')
    )
      return false;
  }
  let start = quote !== 0 && context.at(end) === quote ? startOfText(context, end, quote) : -1;
  if (start < 0)
    for (start = end; end - start < MOST.name && isNameCharacter(context.at(start - 1)); ) start--;
  if (start >= end || !followsFirst(context, start)) return false;
  place.nameStart = start;
  place.nameEnd = end;
  place.shape = 'pair';
  return true;
}

/** True if `name:`, `"key" =` or the like is before `start`. */
function followsFirst(context: RunContext, start: number): boolean {
  let end = start;
  let separated = false;
  for (let i = 0; i < 8 && end > 0; i++, end--) {
    const byte = context.at(end - 1);
    if (byte === code(':') || byte === code('=')) separated = true;
    else if (!isQuote(byte) && !isBlank(byte)) break;
  }
  return separated && FIRST.some((each) => endsIn(context, each, end));
}

/** The name of the element whose start tag ends at `close`, the index of its `>`. */
export function elementName(context: RunContext, close: number, place: Named): boolean {
  let open = close;
  while (open > 0 && close - open < MOST.tag && context.at(open - 1) !== code('<')) {
    if (isControl(context.at(open - 1)) || context.at(open - 1) === code('>')) return false;
    open--;
  }
  if (context.at(open - 1) !== code('<')) return false;
  let end = open;
  while (end < close && (isNameCharacter(context.at(end)) || context.at(end) === code(':'))) end++;
  // A type of a programming language, not a tag.
  if (isQualified(context, open, end)) return false;
  if (attributeOf(context, end, close, place)) return true;
  if (isOneOf(context, SECOND, open, end) && elementBefore(context, open - 1, place)) return true;
  place.nameStart = open;
  place.nameEnd = end;
  return end > open;
}

function isQualified(context: RunContext, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++)
    if (context.at(i) === code(':') && context.at(i - 1) === code(':')) return true;
  return false;
}

/** `key="X"` or `name="X"` in context[from, close). */
function attributeOf(context: RunContext, from: number, close: number, place: Named): boolean {
  for (let i = from; i < close; i++) {
    if (
      context.at(i) !== code('=') ||
      !isQuote(context.at(i + 1)) ||
      !FIRST.some((each) => endsIn(context, each, i))
    )
      continue;
    let end = i + 2;
    while (end < close && context.at(end) !== context.at(i + 1)) end++;
    place.nameStart = i + 2;
    place.nameEnd = end;
    return end > i + 2;
  }
  return false;
}

/** `<key>X</key>` before `end`. */
function elementBefore(context: RunContext, end: number, place: Named): boolean {
  let p = end;
  while (p > 0 && end - p < MOST.between && (isBlank(context.at(p - 1)) || isLineEnd(context.at(p - 1)))) p--;
  if (context.at(p - 1) !== code('>')) return false;
  let slash = p - 1;
  while (slash > 0 && p - slash < MOST.between && context.at(slash) !== code('/')) slash--;
  if (context.at(slash) !== code('/') || context.at(slash - 1) !== code('<')) return false;
  let start = slash - 1;
  while (slash - start <= MOST.name && isNameCharacter(context.at(start - 1))) start--;
  place.nameStart = start;
  place.nameEnd = slash - 1;
  return start < slash - 1 && context.at(start - 1) === code('>');
}
