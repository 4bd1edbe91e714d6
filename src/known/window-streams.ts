import { formsFor } from '../encodings/number-forms.js';
import type { Component } from '../model/key-material.js';
import { derivedStreams, withBothInverses } from './derived-values.js';
import { BYTE_STRINGS, componentStreams } from './needles.js';

/** How many bits of a value the bytes of an encoding bear. */
export interface WindowForm {
  /** Bits by byte of a stride: digits do not fill their storage. */
  bits: readonly number[];
  /** The least number of bits that must not be left. */
  least: 64 | 96;
  /** May be broken into lines and be UTF-16. */
  text: boolean;
}

/** One value in one encoding. */
export interface WindowStream {
  bytes: Uint8Array;
  /** Index in {@link FORMS}. */
  form: number;
}

const binary = (...bits: number[]): WindowForm => ({ bits, least: 64, text: false });
const text = (bits: number): WindowForm => ({ bits: [bits], least: 96, text: true });

const NUMBERS = formsFor('fill');

/** By the names of src/encodings. Decimal: 29 digits are 96 bits. */
const BY_NAME: Readonly<Record<string, WindowForm>> = {
  ...Object.fromEntries(NUMBERS.map(({ name, bitsByByte }) => [name, binary(...bitsByByte)])),
  base64: text(6),
  base64url: text(6),
  hex: text(4),
  decimal: text(96 / 29 + 1e-9),
  /** A key that is text itself. */
  printable: text(6),
};

/** All forms; a stream names one by its index. */
export const FORMS: readonly WindowForm[] = Object.values(BY_NAME);
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
export function* windowStreams(components: readonly Component[]): Generator<WindowStream> {
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

function* furtherForms(value: Uint8Array): Generator<WindowStream> {
  for (const { name, write } of FURTHER) yield { bytes: write(value), form: INDEX.get(name)! };
}
