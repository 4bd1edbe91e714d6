import type { Secret } from '../core/base/crypto/secret.js';
import { Pace, type Pausing } from '../core/base/runtime/turns.js';
import { type KnownForm, LONG_KEY } from './known-form.js';
import { type KnownTable, knownTable, wordAt } from './known-table.js';

/** Bytes at the end of a value by which it is found; values that are shorter are not looked for. */
const VALUE_END = LONG_KEY;

const WHOLE: KnownForm = { bits: [8], least: 0, distinct: 0, whole: true, text: false };

/** Some values, which are found as a whole. The caller wipes the table. */
export function* valueTable(values: readonly Secret[]): Pausing<never, KnownTable> {
  const long = values.map((value) => value.reveal()).filter(({ length }) => length >= VALUE_END);
  const rows = (yield* groupedByEnd(long)).map((bytes) => ({ bytes, form: 0 }));
  return yield* knownTable(rows, { forms: [WHOLE], step: 1 });
}

/** Values between two pauses. */
const PACE = 4096;

/** The same values; those with the same end follow one another. */
function* groupedByEnd(values: readonly Uint8Array[]): Pausing<never, Uint8Array[]> {
  const word = (bytes: Uint8Array, fromEnd: number) => wordAt(bytes, bytes.length - fromEnd);
  const groups = new Map<number, Uint8Array[]>();
  const pace = new Pace(PACE);
  for (const bytes of values) {
    if (pace.isDue()) yield;
    const last = word(bytes, 4);
    const group = groups.get(last);
    if (group === undefined) groups.set(last, [bytes]);
    else group.push(bytes);
  }
  const grouped: Uint8Array[] = [];
  for (const group of groups.values()) {
    if (pace.isDue(group.length)) yield;
    if (group.length > 1) group.sort((a, b) => word(a, VALUE_END) - word(b, VALUE_END));
    for (const bytes of group) grouped.push(bytes);
  }
  return grouped;
}

/** True for two digits in hex that are no letters. */
const isNumeric = (byte: number): boolean => byte >> 4 <= 9 && (byte & 0xf) <= 9;

/** True if the end of a value has no letters in hex. */
export function hasNumericEnd({ starts, data, count }: KnownTable): boolean {
  for (let value = 1; value <= count; value++) {
    const from = starts[value]! - VALUE_END;
    let at = starts[value]!;
    while (at > from && isNumeric(data[at - 1]!)) at--;
    if (at === from) return true;
  }
  return false;
}
