import type { Secret } from '../base/crypto/secret.js';
import { type KnownForm, LONG_KEY } from './known-form.js';
import { type KnownTable, knownTable } from './known-table.js';

/** Bytes at the end of a value by which it is found; values that are shorter are not looked for. */
const VALUE_END = LONG_KEY;

const WHOLE: KnownForm = { bits: [8], least: 0, distinct: 0, whole: true, text: false };

/** Some values, which are found as a whole. The caller wipes the table. */
export function valueTable(values: readonly Secret[]): KnownTable {
  const end = (bytes: Uint8Array): Uint8Array => bytes.subarray(-VALUE_END);
  const long = values.map((value) => value.reveal()).filter(({ length }) => length >= VALUE_END);
  const sorted = long.sort((a, b) => Buffer.compare(end(a), end(b)));
  const rows = sorted.map((bytes) => ({ bytes, form: 0 }));
  return knownTable(rows, { forms: [WHOLE], step: 1 });
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
