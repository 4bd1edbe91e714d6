import { describe, expect, test } from '@jest/globals';
import { displayName, escapeText, nameBytes } from '../../../src/core/base/text/escape.js';
import fc from '../../support/property.js';

describe('escapeText', () => {
  test.each([
    ['plain text, Größe, 漢字, 👩‍💻', 'plain text, Größe, 漢字, 👩‍💻'],
    ['core.a\\x2eout', 'core.a\\x2eout'],
    ['a\nb\tc\0', 'a\\x0ab\\x09c\\x00'],
    ['\x1b[31mred\x7f', '\\x1b[31mred\\x7f'],
    ['\u009b31m', '\\u{9b}31m'],
    ['core.\u202etxt', 'core.\\u{202e}txt'],
    ['\u2066a\u2069\u200f\ufeff\u2028', '\\u{2066}a\\u{2069}\\u{200f}\\u{feff}\\u{2028}'],
    ['lone \ud800 surrogate', 'lone \\u{d800} surrogate'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j', (text, shown) => {
    expect(escapeText(text)).toBe(shown);
  });

  test('property: no control character is left, and it is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = escapeText(text);
        expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
        expect(escapeText(shown)).toBe(shown);
      }),
    );
  });
});

describe('displayName', () => {
  test.each([
    ['636f7265', 'core'],
    ['c3a9', 'é'],
    ['e9', '\\xe9'],
    ['61ff62fe', 'a\\xffb\\xfe'],
    // Overlong, surrogate and too large sequences are not UTF-8 (RFC 3629, section 3).
    ['c080', '\\xc0\\x80'],
    ['eda080', '\\xed\\xa0\\x80'],
    ['f4908080', '\\xf4\\x90\\x80\\x80'],
    ['e282', '\\xe2\\x82'],
    ['ff1b5b', '\\xff\\x1b['],
    // Names with a backslash.
    ['5c783265', '\\x2e'],
    ['5c786666', '\\x5cxff'],
    ['5c757b34317d', '\\x5cu{41}'],
    ['5cff', '\\\\xff'],
  ])('%s', (hex, shown) => {
    expect(displayName(Buffer.from(hex, 'hex'))).toBe(shown);
    expect(Buffer.from(nameBytes(shown)).toString('hex')).toBe(hex);
  });

  test('property: nameBytes is the inverse', () => {
    const escapes = fc
      .constantFrom('\\', 'x', 'u{', '}', '5c', 'ff', '0a', '\n', 'é', '\u202e')
      .map((t) => Buffer.from(t));
    const pieces = fc.array(fc.oneof(fc.uint8Array({ maxLength: 3 }), escapes), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const name = Buffer.concat(parts);
        expect(Buffer.from(nameBytes(displayName(name))).toString('hex')).toBe(name.toString('hex'));
      }),
    );
  });
});
