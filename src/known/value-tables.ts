import type { Secret } from '../base/crypto/secret.js';
import { type KnownForm, LONG_KEY } from './known-form.js';
import { type KnownTable, type KnownValue, knownTable } from './known-table.js';

/** Bytes at the end of a value by which it is found; values that are shorter are not looked for. */
export const VALUE_END = LONG_KEY;

const WHOLE: KnownForm = { bits: [8], least: 8 * VALUE_END, distinct: 1, whole: true, text: false };

const tableOf = (values: Iterable<KnownValue>): KnownTable => knownTable(values, { forms: [WHOLE], step: 1 });

/** Some values, to be found as a whole. The caller wipes the table. */
export function valueTable(values: readonly Secret[]): KnownTable {
  const end = ({ bytes }: KnownValue): Uint8Array => bytes.subarray(-VALUE_END);
  // Those with the same end one after another, which is faster to build.
  const rows = values.map((value) => ({ bytes: value.reveal(), form: 0 }));
  return tableOf(rows.sort((a, b) => Buffer.compare(end(a), end(b))));
}

/** The last bytes of some values: bytes without them end none. The caller wipes the table. */
export const endTable = (values: readonly Secret[]): KnownTable => tableOf(endsOf(values));

function* endsOf(values: readonly Secret[]): Generator<KnownValue> {
  const known = new Set<string>();
  for (const value of values) {
    const bytes = value.reveal().subarray(-VALUE_END);
    const name = Buffer.from(bytes).toString('latin1');
    if (!known.has(name)) yield { bytes, form: 0 };
    known.add(name);
  }
}
