import { VALUE_CLASSES } from '../rules/vocabulary.js';
import { BASE32_DIGIT, DASH, DIGIT, HEX, KINDS, LOWER, MARK, PLUS, UPPER } from './alphabet.js';
import { FORM, PATTERN, SERVICE, type Tables } from './tables.js';

/** Whether a value has a form of a service: its alphabet and its length. */

const EQUALS = 0x3d;

/** What the characters of a value are, counted once. */
class Makeup {
  /** Union of the kinds of all characters. */
  kinds = 0;
  /** Letters beyond f, and digits of base32 only. */
  beyondHex = false;
  base32 = true;
  /** Characters without `=` at the end, and with. */
  length = 0;
  whole = 0;
  uuid = false;
}

const makeup = new Makeup();

const DASHES_OF_UUID = [8, 13, 18, 23];
const UUID = 36;

export function readMakeup(text: Uint8Array, start: number, end: number): void {
  let last = end;
  while (last > start && text[last - 1] === EQUALS) last--;
  let kinds = 0;
  let dashes = 0;
  makeup.beyondHex = false;
  makeup.base32 = true;
  for (let at = start; at < last; at++) {
    const kind = KINDS[text[at]!]!;
    kinds |= kind;
    if ((kind & (UPPER | LOWER)) !== 0 && (kind & HEX) === 0) makeup.beyondHex = true;
    if ((kind & DIGIT) !== 0 && (kind & BASE32_DIGIT) === 0) makeup.base32 = false;
    if (text[at] === 0x2d) dashes++;
  }
  makeup.kinds = kinds;
  makeup.length = last - start;
  makeup.whole = end - start;
  makeup.uuid =
    last - start === UUID && dashes === 4 && DASHES_OF_UUID.every((index) => text[start + index] === 0x2d);
}

const has = (kind: number): boolean => (makeup.kinds & kind) !== 0;
const hasOtherThan = (kinds: number): boolean =>
  (makeup.kinds & (UPPER | LOWER | DIGIT | PLUS | DASH | MARK) & ~kinds) !== 0;
const isOneCase = (): boolean => !(has(UPPER) && has(LOWER));
/** True if the value last read has only hex digits, with letters of one case. */
export const isHex = (): boolean => !makeup.beyondHex && isOneCase() && !hasOtherThan(UPPER | LOWER | DIGIT);
/** True for hexadecimal in capitals. */
export const isUpperHex = (): boolean => isHex() && has(UPPER);
/** Hex digits are a form of their own: random base62 of this length never has only those. */
const isMoreThanHex = (): boolean => !isHex() && !makeup.uuid;

/** By the classes of VALUE_CLASSES: whether the value may be of the class. */
const TESTS: Readonly<Record<(typeof VALUE_CLASSES)[number], (loose: boolean) => boolean>> = {
  decimal: () => !hasOtherThan(DIGIT),
  hex: isHex,
  base32: () => isOneCase() && makeup.base32 && !hasOtherThan(UPPER | LOWER | DIGIT),
  base36: (loose) => isOneCase() && !hasOtherThan(UPPER | LOWER | DIGIT) && (loose || !isHex()),
  base62: (loose) => !hasOtherThan(UPPER | LOWER | DIGIT) && (loose || isMoreThanHex()),
  base64: (loose) => !hasOtherThan(UPPER | LOWER | DIGIT | PLUS) && (loose || isMoreThanHex()),
  base64url: (loose) => !hasOtherThan(UPPER | LOWER | DIGIT | DASH) && (loose || isMoreThanHex()),
  uuid: () => makeup.uuid && !makeup.beyondHex,
};

const BY_INDEX = VALUE_CLASSES.map((name) => TESTS[name]);

/** Index of a pattern that only the caller can test, in place of a form. */
export type FormTest = (form: number) => boolean;

/**
 * True if the value last read by {@link readMakeup} has a form of the service. `loose`: a class also takes
 * values that happen to have fewer kinds of characters.
 */
export function hasForm(
  tables: Tables,
  service: number,
  loose: boolean,
  test: FormTest | undefined,
): boolean {
  const { services, forms } = tables;
  const first = services[service + SERVICE.forms]!;
  const count = services[service + SERVICE.formCount]!;
  for (let form = first * FORM.size; form < (first + count) * FORM.size; form += FORM.size) {
    const kind = forms[form + FORM.class]!;
    const [least, most] = [forms[form + FORM.least]!, forms[form + FORM.most]!];
    if (kind === PATTERN) {
      if (makeup.whole < least || makeup.whole > most) continue;
      if (test === undefined || test(forms[form + FORM.index]!)) return true;
      continue;
    }
    const fits = (length: number): boolean => length >= least && length <= most;
    if ((fits(makeup.length) || fits(makeup.whole)) && BY_INDEX[kind]!(loose)) return true;
  }
  return false;
}
