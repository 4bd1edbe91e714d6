import { literalId } from '../base/bytes/literal-id.js';
import { latin1Of } from '../rules/latin1-bytes.js';
import type { LiteralHit } from '../sweep/buffer.js';
import type { Rulebook } from './rulebook.js';

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
