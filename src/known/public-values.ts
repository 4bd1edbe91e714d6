import { DOMAINS } from '../core/asn1/domain.js';
import { readSpki } from '../core/asn1/spki.js';
import { toBytes } from '../core/base/bytes/integers.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { formsFor } from '../core/encodings/number-forms.js';
import type { KnownValue } from './known-table.js';
import { FORMS as WINDOW_FORMS } from './window-streams.js';

/** Binary forms without gaps, in which a public number may share words with a private one. */
const FORMS = formsFor('copies').filter(({ bits, cell }) => bits === 8 * cell);

/** Numbers that every program has: parameters of curves. */
const CONSTANTS = DOMAINS.flatMap(({ p, a, b, n, x, y }) => [p, a, b, n, x, y]);

function publicNumbers(spki: Uint8Array): Uint8Array[] {
  const key = spki.length === 0 ? undefined : readSpki(spki)?.key;
  if (key?.type === 'rsa') return [key.n];
  if (key?.type === 'okp') return [key.public];
  return key?.type === 'ec' ? [key.point.subarray(1)] : [];
}

/** Bytes of a public word. */
const WORD = 8;

/** Keys between two pauses. */
const PACE = 32;

/** Words of 64 bits, at all offsets, of the public numbers of some keys and of all curves in all forms. */
export function* publicWords(keys: readonly Uint8Array[]): Pausing<never, Set<bigint>> {
  const words = new Set<bigint>();
  const pace = new Pace(PACE);
  for (const number of CONSTANTS) addWords(words, toBytes(number));
  for (const key of keys) {
    if (pace.isDue()) yield;
    for (const number of publicNumbers(key)) addWords(words, number);
  }
  return words;
}

/** Adds the words of a number in all forms. */
function addWords(words: Set<bigint>, number: Uint8Array): void {
  for (const { write } of FORMS) {
    const value = write(number);
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    for (let at = 0; at + WORD <= bytes.length; at++) words.add(bytes.readBigUInt64LE(at));
  }
}

/** Values without the words of public ones, which stay: what remains of those in whole bytes is in pieces. */
export function* withoutPublic(values: Iterable<KnownValue>, words: Set<bigint>): Generator<KnownValue> {
  for (const value of values)
    if (WINDOW_FORMS[value.form]!.bits.every((bits) => bits === 8)) yield* privateParts(value, words);
    else yield value;
}

function* privateParts({ bytes, form }: KnownValue, words: Set<bigint>): Generator<KnownValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (let at = 0; at + WORD <= bytes.length; at++) {
    if (!words.has(view.getBigUint64(at, true))) continue;
    // A part that ends in the public word has no window of its own that is public.
    if (at + WORD - 1 > from) yield { bytes: bytes.subarray(from, at + WORD - 1), form };
    from = at + 1;
  }
  yield { bytes: bytes.subarray(from), form };
}
