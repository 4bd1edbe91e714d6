import { hash } from 'node:crypto';
import { isHexConstant } from '../../core/asn1/curve-constants.js';
import { placeholder, stockPassword } from '../text/placeholder.js';

/**
 * Values that look random and were typed by a hand. A test takes at most a few hundred of a million random
 * ones.
 */

/**
 * Words of documentation and tests, and the front of AWS's example key; whole values consist of random
 * characters, so that few have one.
 */
const WORDS = new RegExp(
  [
    'test(?:ing)?(?:demo|key|token|secret)',
    'secret|demo|fake|xxxx|token|password|apikey|abcdef|123456|cafebabe|lorem|wjalrx',
  ].join('|'),
  'i',
);

/** Neighbours on a keyboard or in the alphabet beside those whose codes differ by one. */
const WRAPS = new Set(['90', '9a', '9A', 'f0', 'F0', 'zA', 'Za', 'z0', 'Z0']);

/** Share of neighbours that are equal or follow each other: `abcd1234efgh`. */
function inSteps(value: string): number {
  let steps = 0;
  for (let at = 1; at < value.length; at++) {
    const difference = value.charCodeAt(at) - value.charCodeAt(at - 1);
    if (Math.abs(difference) <= 1 || WRAPS.has(value.slice(at - 1, at + 1))) steps++;
  }
  return steps / (value.length - 1);
}

const isHex = (value: string): boolean => /^[0-9a-fA-F-]+$/.test(value);

/** Characters of a piece that random values never have twice. */
const PIECE = 8;

function hasTwice(value: string): boolean {
  const seen = new Set<string>();
  for (let at = 0; at + PIECE <= value.length; at++) {
    const piece = value.slice(at, at + PIECE);
    if (seen.has(piece)) return true;
    seen.add(piece);
  }
  return false;
}

/** Every other character goes up: `a1b2c3d4`. */
function rises(value: string): boolean {
  return [0, 1].some((lane) => {
    let up = 0;
    for (let at = lane + 2; at < value.length; at += 2) {
      const step = value.charCodeAt(at) - value.charCodeAt(at - 2);
      if (step === 1 || WRAPS.has(value[at - 2]! + value[at]!)) up++;
    }
    return up >= Math.max(5, 0.7 * (value.length / 2 - 1));
  });
}

/** The text that base64 holds, if it is one. */
function decoded(value: string): string {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(value)) return '';
  const text = Buffer.from(value, 'base64').toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? text : '';
}

/** User and password of documentation: `user:password`. */
function isStock(text: string): boolean {
  if (text === '') return false;
  const password = text.slice(text.indexOf(':') + 1);
  return WORDS.test(text) || stockPassword(password) !== undefined;
}

/** Hexadecimal digits of the numbers that {@link isConstant} knows: from MD5 to a point on P-521. */
const DIGITS = { least: 32, most: 2 + 4 * 66 };

/** Digests of nothing, which stand for an empty file or password. */
const EMPTY_DIGESTS: ReadonlySet<string> = new Set(
  ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => hash(name, '', 'hex')),
);

/** Numbers that every program of a kind has: constants of curves, digests of nothing. */
function isConstant(value: string): boolean {
  if (value.length < DIGITS.least || value.length > DIGITS.most || !/^[0-9a-fA-F]+$/.test(value))
    return false;
  return EMPTY_DIGESTS.has(value.toLowerCase()) || isHexConstant(value);
}

/** Characters that are looked at. */
const MOST = 512;

const SIGNS: readonly { why: string; holds: (value: string) => boolean }[] = [
  { why: 'its characters follow each other', holds: (value) => inSteps(value) >= (isHex(value) ? 0.5 : 0.4) },
  { why: 'a piece of it repeated', holds: hasTwice },
  { why: 'every other character follows the last', holds: rises },
  { why: 'a word that documentation uses', holds: (value) => WORDS.test(value) },
  { why: 'a published constant', holds: isConstant },
  { why: 'base64 of a word that documentation uses', holds: (value) => isStock(decoded(value)) },
];

/** Why a random-looking value seems made up, or undefined. */
export function madeUp(value: string): string | undefined {
  const text = value.slice(0, MOST);
  return placeholder(text) ?? SIGNS.find(({ holds }) => holds(text))?.why;
}

/** A URL of a host of documentation (RFC 2606) that goes on to the value behind it. */
const EXAMPLE_URL =
  /:\/\/(?:[\w.-]*\.)?example(?:\.(?:com|org|net|edu))?(?::\d+)?[/?#][^\s"'`<>\\\x00-\x1f]*$/i;

/** Why the value behind a text seems made up, or undefined. */
export function madeUpBy(before: string): string | undefined {
  return EXAMPLE_URL.test(before) ? 'in a URL of documentation' : undefined;
}
