import { isWideForm, literalIndex } from '../base/bytes/literal-id.js';
import type { MaskSpan } from '../report/mask.js';
import { type LiteralHit, sweepBuffer } from '../sweep/buffer.js';
import type { Rulebook } from './rulebook.js';
import { examineBytes } from './scan-bytes.js';

/** Longer texts (a path, a command line) are masked from here on. */
const LONGEST_TEXT = 64 * 1024;
/** Characters of a token behind its issuer's prefix that are already telling. */
const TELLING = 4;
/** What tokens are made of. */
const TOKEN = /^[0-9A-Za-z_\-+/=.~]*/;

/**
 * What the rules see in a short text, as string indices: whole secrets, and the beginning of a token that was cut (the name
 * of a thread has 15 characters). `fused`: as {@link sweepBuffer} has it.
 */
export function maskSpans(text: string, book: Rulebook, fused = false): MaskSpan[] {
  if (text.length > LONGEST_TEXT) {
    const rest = { start: LONGEST_TEXT, end: text.length, ruleId: 'too-long' };
    return [...maskSpans(text.slice(0, LONGEST_TEXT), book, fused), rest];
  }
  // One byte a character, so that an index into the bytes is one into the text; no token has a character above U+007F.
  const bytes = Uint8Array.from(text, (c) => (c.charCodeAt(0) < 0x80 ? c.charCodeAt(0) : 1));
  const hits = sweepBuffer(bytes, book.net, fused);
  if (hits.length === 0) return [];
  const whole = examineBytes(bytes, hits, book).map(({ offset, length, rule }) => ({
    start: offset,
    end: offset + length,
    ruleId: rule.id,
  }));
  return [...whole, ...beginnings(text, hits, book)];
}

/** An issuer's prefix and what follows it, where that is more than the prefix alone. */
function* beginnings(text: string, hits: readonly LiteralHit[], { rules }: Rulebook): Generator<MaskSpan> {
  for (const { offset, id } of hits) {
    const literal = rules.literals[literalIndex(id)];
    if (literal === undefined || isWideForm(id)) continue;
    const rule = literal.rules
      .map((index) => rules.rules[index]!)
      .find((each) => begins(each, literal.bytes));
    if (rule === undefined) continue;
    const rest = TOKEN.exec(text.slice(offset + literal.bytes.length))?.[0].length ?? 0;
    if (rest < TELLING) continue;
    yield { start: offset, end: offset + literal.bytes.length + rest, ruleId: rule.id };
  }
}

type Rule = Rulebook['rules']['rules'][number];

/** The anchor is a token's own beginning, not a name that stands beside one. */
function begins({ kind, detector, anchors }: Rule, bytes: Uint8Array): boolean {
  return (
    kind === 'token' &&
    (detector === 'text' || detector === 'jwt') &&
    anchors.some((anchor) => Buffer.compare(anchor.bytes, bytes) === 0)
  );
}
