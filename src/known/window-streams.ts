import { ENCODINGS } from '../core/encodings/encodings.js';
import { formsFor } from '../core/encodings/number-forms.js';
import type { Component } from '../core/model/key-material.js';
import { derivedStreams, withBothInverses } from './derived-values.js';
import type { KnownForm } from './known-form.js';
import type { KnownValue } from './known-table.js';
import { BYTE_STRINGS, componentStreams } from './needles.js';

/** A part with fewer distinct bytes is no secret: zeros, small numbers, padding. */
const LEAST_DISTINCT = 5;

const binary = (...bits: number[]): KnownForm => ({ bits, least: 64, distinct: LEAST_DISTINCT, text: false });
const text = (bits: number): KnownForm => ({ bits: [bits], least: 96, distinct: LEAST_DISTINCT, text: true });

const NUMBERS = formsFor('fill');

/** By the names of src/core/encodings. Decimal: 29 digits are 96 bits. */
const BY_NAME: Readonly<Record<string, KnownForm>> = {
  ...Object.fromEntries(NUMBERS.map(({ name, bitsByByte }) => [name, binary(...bitsByByte)])),
  base64: text(6),
  base64url: text(6),
  hex: text(4),
  decimal: text(96 / 29 + 1e-9),
  /** A key that is text itself. */
  printable: text(6),
};

/** All forms; a stream names one by its index. */
export const FORMS: readonly KnownForm[] = Object.values(BY_NAME);
const INDEX = new Map(Object.keys(BY_NAME).map((name, index) => [name, index]));
const BYTES = INDEX.get('bytes-be')!;
const PRINTABLE = INDEX.get('printable')!;

/** Shorter values have no window that is theirs alone. */
const SHORTEST = 16;

const isPrintable = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);

/** Forms that the search for copies leaves out. */
const FURTHER = NUMBERS.filter(({ uses }) => !uses.includes('copies'));

/**
 * The private components of a key, and what libraries derive from them, in every encoding. Components that
 * are text (secrets of tokens) are text: 8 characters of one may be a word.
 */
export function* windowStreams(components: readonly Component[]): Generator<KnownValue> {
  const key = { components: withBothInverses(components) };
  for (const streams of [componentStreams([key]), derivedStreams([key])])
    for (const { component, form, wide, encoded } of streams) {
      if (wide) continue;
      const bytes = encoded.reveal();
      const index = INDEX.get(form.name)!;
      const isText = index === BYTES && BYTE_STRINGS.has(component) && isPrintable(bytes);
      yield { bytes, form: isText ? PRINTABLE : index };
    }
  for (const { name, value } of key.components)
    if (!BYTE_STRINGS.has(name) && value.length >= SHORTEST) yield* furtherForms(value.reveal());
}

/** Text of little-endian bytes: the search for copies has only that of big-endian ones. */
const REVERSIBLE = ENCODINGS.filter(({ reversible }) => reversible);

function* furtherForms(value: Uint8Array): Generator<KnownValue> {
  const littleEndian = Uint8Array.from(value).reverse();
  for (const { name, encode } of REVERSIBLE)
    for (const { bytes } of encode(littleEndian)) yield { bytes, form: INDEX.get(name)! };
  for (const { name, write } of FURTHER) yield { bytes: write(value), form: INDEX.get(name)! };
}
