import { VALUE_CLASSES } from '../../rules/vocabulary.js';
import { ALPHANUMERIC, BASE32_DIGIT, DASH, DIGIT, HEX, KINDS, LOWER, MARK, PLUS, UPPER } from './alphabet.js';
import { FORM, PATTERN, SERVICE, type Tables } from './tables.js';

/** Whether a value has a form of a service: its alphabet and its length. */

const EQUALS = 0x3d;

const DASHES_OF_UUID = [8, 13, 18, 23];
const UUID = 36;

/** Index of a pattern that only the caller can test, in place of a form. */
export type FormTest = (form: number) => boolean;

/** What the characters of a value are, counted once by {@link read}. */
export class Makeup {
  /** Union of the kinds of all characters. */
  kinds = 0;
  /** Letters beyond f, and digits of base32 only. */
  beyondHex = false;
  base32 = true;
  /** Characters without `=` at the end, and with. */
  length = 0;
  whole = 0;
  uuid = false;

  read(text: Uint8Array, start: number, end: number): void {
    let last = end;
    while (last > start && text[last - 1] === EQUALS) last--;
    let kinds = 0;
    let dashes = 0;
    this.beyondHex = false;
    this.base32 = true;
    for (let at = start; at < last; at++) {
      const kind = KINDS[text[at]!]!;
      kinds |= kind;
      if ((kind & (UPPER | LOWER)) !== 0 && (kind & HEX) === 0) this.beyondHex = true;
      if ((kind & DIGIT) !== 0 && (kind & BASE32_DIGIT) === 0) this.base32 = false;
      if (text[at] === 0x2d) dashes++;
    }
    this.kinds = kinds;
    this.length = last - start;
    this.whole = end - start;
    this.uuid =
      last - start === UUID && dashes === 4 && DASHES_OF_UUID.every((index) => text[start + index] === 0x2d);
  }

  #has(kind: number): boolean {
    return (this.kinds & kind) !== 0;
  }

  hasOtherThan(kinds: number): boolean {
    return (this.kinds & (ALPHANUMERIC | PLUS | DASH | MARK) & ~kinds) !== 0;
  }

  isOneCase(): boolean {
    return !(this.#has(UPPER) && this.#has(LOWER));
  }

  /** True if the value has only hex digits, with letters of one case. */
  isHex(): boolean {
    return !this.beyondHex && this.isOneCase() && !this.hasOtherThan(ALPHANUMERIC);
  }

  /** True for hexadecimal in capitals. */
  isUpperHex(): boolean {
    return this.isHex() && this.#has(UPPER);
  }

  /** Hex digits are a form of their own: random base62 of this length never has only those. */
  isMoreThanHex(): boolean {
    return !this.isHex() && !this.uuid;
  }

  /**
   * True if the value has a form of the service. `loose`: a class also takes
   * values that happen to have fewer kinds of characters.
   */
  hasForm(tables: Tables, service: number, loose: boolean, test: FormTest | undefined): boolean {
    const { services, forms } = tables;
    const first = services[service + SERVICE.forms]!;
    const count = services[service + SERVICE.formCount]!;
    for (let form = first * FORM.size; form < (first + count) * FORM.size; form += FORM.size) {
      const kind = forms[form + FORM.class]!;
      const [least, most] = [forms[form + FORM.least]!, forms[form + FORM.most]!];
      if (kind === PATTERN) {
        if (this.whole < least || this.whole > most) continue;
        if (test === undefined || test(forms[form + FORM.index]!)) return true;
        continue;
      }
      const fits = (length: number): boolean => length >= least && length <= most;
      if ((fits(this.length) || fits(this.whole)) && BY_INDEX[kind]!(this, loose)) return true;
    }
    return false;
  }
}

/** Tests by the classes of VALUE_CLASSES: whether the value may be of the class. */
const TESTS: Readonly<Record<(typeof VALUE_CLASSES)[number], (value: Makeup, loose: boolean) => boolean>> = {
  decimal: (value) => !value.hasOtherThan(DIGIT),
  hex: (value) => value.isHex(),
  base32: (value) => value.isOneCase() && value.base32 && !value.hasOtherThan(ALPHANUMERIC),
  base36: (value, loose) =>
    value.isOneCase() && !value.hasOtherThan(ALPHANUMERIC) && (loose || !value.isHex()),
  base62: (value, loose) => !value.hasOtherThan(ALPHANUMERIC) && (loose || value.isMoreThanHex()),
  base64: (value, loose) => !value.hasOtherThan(ALPHANUMERIC | PLUS) && (loose || value.isMoreThanHex()),
  base64url: (value, loose) => !value.hasOtherThan(ALPHANUMERIC | DASH) && (loose || value.isMoreThanHex()),
  uuid: (value) => value.uuid && !value.beyondHex,
};

const BY_INDEX = VALUE_CLASSES.map((name) => TESTS[name]);
