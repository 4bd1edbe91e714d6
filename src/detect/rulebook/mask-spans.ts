import { isWideForm, literalId, literalIndex } from '../../core/base/bytes/literal-id.js';
import type { MaskSpan } from '../../known/mask/mask.js';
import { latin1Of } from '../../rules/latin1-bytes.js';
import { type LiteralHit, sweepWithValues } from '../../sweep/buffer.js';
import type { Rulebook } from './rulebook.js';
import { examineBytes } from './scan-bytes.js';
import { isBeginning, tailLength } from './tails.js';

/** Text beyond this many characters is masked unseen. */
const MAX_TEXT = 64 * 1024;
/** Characters after an issuer's prefix from which on a truncated token is masked. */
const MIN_REVEALED = 4;
const TOKEN = /^[0-9A-Za-z_\-+/=.~]*/;
/** Behind a prefix that may begin a word: that many characters, with digits among them. */
const MIN_DOUBTFUL = 8;

/** A word that names of variables begin with: `access_`, `api_`. */
const WORD = /^(?:[A-Za-z]{6,}|api|app|auth|key|token)[_-]$/;

/** True if no word or number begins with the prefix: it has four characters and more, letters and others. */
function isTelling(prefix: Uint8Array): boolean {
  const text = Buffer.from(prefix).toString('latin1');
  return text.length >= 4 && /[A-Za-z]/.test(text) && /[^A-Za-z]/.test(text) && !WORD.test(text);
}

/** Prefixes that numbers begin with, too, such as `1000.`: the user of a process in the name of its core. */
const NUMBER = /^[^A-Za-z]+$/;

/** True if a token was truncated behind its prefix, of which `rest` is left. */
function isTruncated(rule: Rule, prefix: Uint8Array, rest: string): boolean {
  if (NUMBER.test(Buffer.from(prefix).toString('latin1')) && !isBeginning(rule, prefix, rest)) return false;
  const length = tailLength(rule, prefix, rest);
  return isTelling(prefix)
    ? length >= MIN_REVEALED
    : length >= MIN_DOUBTFUL && /\d/.test(rest.slice(0, length));
}

/**
 * Secrets in a short text, as string indices: whole ones, and truncated tokens (a thread name has 15
 * characters). `fused`: as in {@link sweepBuffer}.
 */
export function maskSpans(text: string, book: Rulebook, fused = false): MaskSpan[] {
  if (text.length > MAX_TEXT) {
    const rest = { start: MAX_TEXT, end: text.length, ruleId: 'too-long' };
    return [...maskSpans(text.slice(0, MAX_TEXT), book, fused), rest];
  }
  // One byte per character keeps indices equal; tokens have no character above U+007F.
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[i] = unit < 0x80 ? unit : 1;
  }
  const swept = sweepWithValues(bytes, book.net, fused);
  const truncated = [...truncatedTokens(text, [...swept.hits, ...shortPrefixes(text, book)], book)];
  const whole = examineBytes(bytes, swept, book).map(({ offset, length, rule }) => ({
    start: offset,
    end: offset + length,
    ruleId: rule.id,
  }));
  return [...whole, ...truncated];
}

/** Issuers' prefixes with a truncated token. */
function* truncatedTokens(
  text: string,
  hits: readonly LiteralHit[],
  { rules }: Rulebook,
): Generator<MaskSpan> {
  for (const { offset, id } of hits) {
    const literal = rules.literals[literalIndex(id)];
    if (literal === undefined || isWideForm(id)) continue;
    const rest = TOKEN.exec(text.slice(offset + literal.bytes.length))?.[0] ?? '';
    const rule = literal.rules
      .map((index) => rules.rules[index]!)
      .find((each) => isPrefix(each, literal.bytes) && isTruncated(each, literal.bytes, rest));
    if (rule === undefined) continue;
    yield { start: offset, end: offset + literal.bytes.length + rest.length, ruleId: rule.id };
  }
}

type Rule = Rulebook['rules']['rules'][number];

/** True if the anchor is the prefix of a token, not a name next to one. */
function isPrefix({ kind, detector, anchors }: Rule, bytes: Uint8Array): boolean {
  return (
    kind === 'token' &&
    (detector === 'text' || detector === 'jwt') &&
    anchors.some((anchor) => Buffer.compare(anchor.bytes, bytes) === 0)
  );
}

/** Fewer characters than the shortest run of the value net, which finds the prefixes of longer ones. */
const SHORT_RUN = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{4,15}(?![A-Za-z0-9+/_-])/g;
/** Places in a run where a token may begin. */
const STARTS = /^|(?<=[+/_-])/g;

/** Characters that all prefixes have. */
const KEY = 3;

/** Literals by their first characters. */
type Prefixes = ReadonlyMap<string, readonly number[]>;

const byBook = new WeakMap<Rulebook, Prefixes>();

function prefixesOf(book: Rulebook): Prefixes {
  const known = byBook.get(book);
  if (known) return known;
  const prefixes = new Map<string, number[]>();
  const prefixed = new Uint8Array(book.net.values?.prefixed ?? new SharedArrayBuffer(0));
  for (const [index, literal] of book.rules.literals.entries()) {
    if (prefixed[index] !== 1) continue;
    const key = latin1Of(literal).slice(0, KEY);
    const same = prefixes.get(key);
    if (same) same.push(index);
    else prefixes.set(key, [index]);
  }
  byBook.set(book, prefixes);
  return prefixes;
}

/** Prefixes of values that are too short for the value net: of truncated tokens. */
export function* shortPrefixes(text: string, book: Rulebook): Generator<LiteralHit> {
  const prefixes = prefixesOf(book);
  if (prefixes.size === 0) return;
  for (const { 0: run, index: at } of text.matchAll(SHORT_RUN))
    for (const { index: start } of run.matchAll(STARTS))
      for (const index of prefixes.get(run.slice(start, start + KEY)) ?? [])
        if (run.startsWith(latin1Of(book.rules.literals[index]!), start))
          yield { offset: at + start, id: literalId(index) };
}
