import { looksRandom } from '../../sweep/values/random.js';
import { stockPassword } from '../text/placeholder.js';

/**
 * Whether a value is a password. Code, templates and paths are dropped; a password of examples, or one of
 * words, is kept with a note. With a digit or three classes of characters 1.7 values a GB of clean memory
 * remain, without 17.
 */

/** How much the place of a value says. */
export type PasswordPlace =
  /** A list of variables, a URL, a file of passwords: any value is one. */
  | 'certain'
  /** Between quotes or tags: words are perhaps messages. */
  | 'quoted'
  /** Without quotes: code looks like that, too. */
  | 'bare';

const TEMPLATE = new RegExp(
  [
    '[$#%]\\{|\\{\\{|\\}\\}|\\$\\(|%\\(|%[0-9.]*[sdlucxv@]\\b|<[A-Za-z /_-]*>|^\\$\\w|^\\{[^{}]*\\}$',
    '^[*xX.#_?-]+$|\\*{4}|\\.\\.\\.|\\\\[nrtu0x]',
  ].join('|'),
);
const PATH = /^(?:\/|\.\.?\/|~\/|[A-Za-z]:\\)|:\/\//;
const MEMBER = /^[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)+[;,)]*$/;
const CODE = /^[$%@&<*]|^0x[0-9a-f]+$|[(){}[\]|\\]|=>|[;,]$|^--?[a-z]|^[A-Z][A-Z_]+$|^[\^~]\d/;
const VERSION = /^[\^~v<>=]{0,2}\d+(?:\.\d+)+(?:-\w+)?$/;
/** Types and algorithms. */
const TYPE = /^(?:u?int|float|utf|sha|urllib|base|string|char|ucs|md)-?\d+$/i;
/** With a mark at its end: words only, or a blank; `s3cret!` is none. */
const SENTENCE = /\s\S+\s|^[A-Za-z]*[:.?!]\s*$|\s.*[:.?!]\s*$|[:.]$|^\s|\s$/;
/** Minified code that a name ends with: `…Pass=e}f(`. */
const MINIFIED = /[)}]\w*[({]/;
/** `…@host:port` in pieces. */
const HOST = /^@[\w.-]+:\d+$/;
const WORDS = /^[A-Za-z]+(?:[ _.,:;/'-]+[A-Za-z]+)*[.:;,!?]*$/;

const refusals: Readonly<Record<PasswordPlace, readonly RegExp[]>> = {
  certain: [TEMPLATE, PATH],
  quoted: [TEMPLATE, PATH, MEMBER, SENTENCE, VERSION, TYPE, MINIFIED, HOST],
  bare: [TEMPLATE, PATH, MEMBER, CODE, VERSION, TYPE],
};

const CLASSES = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^0-9A-Za-z]/];

const classesIn = (value: string): number =>
  CLASSES.reduce((sum, characters) => sum + (characters.test(value) ? 1 : 0), 0);

const STOCK = 'looks like a placeholder: a password of examples and default installations';

/** Letters that are written with other characters. */
const SPELT: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  $: 's',
  '@': 'a',
};
/** A word for password, or the salt beside one, and at most four letters. */
const NAMES_ITSELF = /^[a-z]{0,4}(?:passwor[dt]?|passwd|passphrase|password|pass|pwd|secret|salt)[a-z]{0,1}$/;

/** Words in base64: `not my real password`. */
function isEncodedText(value: string): boolean {
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(value)) return false;
  return /^[A-Za-z]+(?: [A-Za-z]+)+$/.test(Buffer.from(value, 'base64').toString('latin1'));
}

/** True if a value says "password" in any spelling: `My%20P@ssw0rd1`. */
function namesItself(lower: string): boolean {
  const plain = lower.replace(/%[0-9a-f]{2}/g, '').replace(/\d{1,4}$/, '');
  return NAMES_ITSELF.test(plain.replace(/[^a-z]/g, (spelt) => SPELT[spelt] ?? ''));
}

/** True for long ones that are no words, even without a digit. */
function isRandom(value: string): boolean {
  if (!/^[A-Za-z0-9+/_-]{16,}$/.test(value)) return false;
  return looksRandom(Buffer.from(value, 'latin1'), 0, value.length, 1);
}

export interface Level {
  /** Why it may be none. */
  note?: string;
  /** A password of an example: no harm. */
  stock: boolean;
}

/** The level of a value; undefined if it is no password. */
export function levelOf(value: string, place: PasswordPlace, stock: ReadonlySet<string>): Level | undefined {
  if (refusals[place].some((pattern) => pattern.test(value))) return undefined;
  const lower = value.toLowerCase();
  if (stock.has(lower) || namesItself(lower) || isEncodedText(value) || /^hunter\d*$/.test(lower))
    return { note: STOCK, stock: true };
  const sign = stockPassword(value);
  if (sign !== undefined) return { note: `looks like a placeholder: ${sign}`, stock: true };
  if (place === 'certain' || isRandom(value)) return { stock: false };
  const digit = CLASSES[2]!.test(value);
  const classes = classesIn(value);
  if (classes < 2 || WORDS.test(value))
    return { note: 'letters or digits only: perhaps a word', stock: false };
  if (!digit && classes < 3) return { note: 'without a digit: perhaps a word', stock: false };
  return { stock: false };
}
