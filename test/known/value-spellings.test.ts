import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { atOnce, finish } from '../../src/core/base/runtime/turns.js';
import { type Copy, CopyMatcher } from '../../src/known/copy-matcher.js';
import { valueStreams } from '../../src/known/copy-nets.js';
import { componentStreams, needlesOf } from '../../src/known/needles.js';
import fc from '../support/property.js';
import { literalsOf, naiveHits, viewOf } from './memory.js';

function copiesIn(bytes: Uint8Array, value: string | Uint8Array): Copy[] {
  const secret = typeof value === 'string' ? Secret.text(value) : new Secret(value);
  const needles = finish(needlesOf(valueStreams([{ key: 0, value: secret }])));
  const matcher = new CopyMatcher(needles, viewOf(bytes));
  for (const [offset, needle] of naiveHits(bytes, literalsOf(needles))) matcher.add(offset, needle);
  return [...atOnce(matcher.finish([]))];
}

const twoBytes = (text: string, order: 'le' | 'be'): Buffer =>
  Buffer.concat(
    [...text].map((c) => Buffer.from(order === 'le' ? [c.charCodeAt(0), 0] : [0, c.charCodeAt(0)])),
  );
const percent = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** Writers independent of the table of spellings. `phase`: bytes before the value in a base64 group. */
const writers: [
  form: string,
  wide: 'le' | 'be' | undefined,
  write: (value: string, phase: number) => Buffer,
][] = [
  ['utf8', undefined, (value) => Buffer.from(value)],
  ['utf8', 'le', (value) => twoBytes(value, 'le')],
  ['utf8', 'be', (value) => twoBytes(value, 'be')],
  ['base64', undefined, (value, phase) => Buffer.from(btoa(`${'#'.repeat(phase)}${value}`))],
  ['base64', 'le', (value, phase) => twoBytes(btoa(`${'#'.repeat(phase)}${value}`), 'le')],
  ['hex', undefined, (value) => Buffer.from([...value].map((c) => c.charCodeAt(0).toString(16)).join(''))],
  [
    'hex',
    undefined,
    (value) => Buffer.from([...value].map((c) => c.charCodeAt(0).toString(16).toUpperCase()).join('')),
  ],
  ['url', undefined, (value) => Buffer.from(percent(value))],
  ['json', undefined, (value) => Buffer.from(value.replace(/["\\]/g, (c) => `\\${c}`))],
  [
    'json',
    undefined,
    (value) =>
      Buffer.from([...value].map((c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`).join('')),
  ],
  [
    'url',
    undefined,
    (value) => Buffer.from([...value].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')),
  ],
];

/** Printable text with characters that URLs escape and that JSON escapes. */
const value = fc
  .tuple(
    fc.string({
      minLength: 4,
      maxLength: 30,
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    }),
    fc.string({
      minLength: 4,
      maxLength: 30,
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    }),
  )
  .map(([a, b]) => `${a}"\\${b}`)
  .filter((text) => new Set(text).size >= 6);

describe.each(writers)('a value as %s, %s', (form, wide, write) => {
  test('is found whole at any offset', () => {
    fc.assert(
      fc.property(
        value,
        fc.nat(2),
        fc.uint8Array({ maxLength: 40 }),
        fc.uint8Array({ maxLength: 40 }),
        (text, phase, before, after) => {
          const written = write(text, phase);
          const start = before.length;
          const copies = copiesIn(Buffer.concat([before, written, after]), text);
          // The base64 characters at the ends that also encode adjacent bytes may be included or not.
          const near = copies.filter(
            ({ offset, length }) =>
              Math.abs(offset - start) <= (form === 'base64' ? 10 : 1) &&
              Math.abs(offset + length - start - written.length) <= (form === 'base64' ? 10 : 1),
          );
          expect(near.map(({ partial }) => partial)).toContain(false);
          expect(near.map(({ encoding }) => encoding)).toContain(form);
          if (wide && form !== 'base64' && before.at(-1) !== 0 && after[0] !== 0)
            expect(near.map((copy) => copy.wide)).toContain(wide);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a part of it is not', () => {
    fc.assert(
      fc.property(value, (text) => {
        const part = text.slice(0, -1);
        if (part.includes(text)) return;
        expect(copiesIn(write(part, 0), text)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

test('a value of 24 bytes is found in base64 at any line break', () => {
  const text = 'S3cretValue/With+Stuff=1';
  for (const wide of [false, true])
    for (let before = 0; before < 96; before++) {
      const lines = btoa(`${'#'.repeat(before)}${text}yz${'.'.repeat(60)}`)
        .match(/.{1,64}/g)!
        .join('\r\n');
      const copies = copiesIn(wide ? twoBytes(lines, 'le') : Buffer.from(lines), text);
      expect(copies.map(({ encoding, partial }) => ({ encoding, partial }))).toContainEqual({
        encoding: 'base64',
        partial: false,
      });
    }
});

describe('a value', () => {
  test('that is everywhere leaves room for a key', () => {
    const key = Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 73 + 11) & 0xff));
    const streams = [
      ...valueStreams([{ key: 0, value: Secret.text('every-where-value') }]),
      ...componentStreams([{ components: [] }, { components: [{ name: 'd', value: new Secret(key) }] }]),
    ];
    const needles = finish(needlesOf(streams));
    const flood = Buffer.from('every-where-value'.repeat(12_000));
    const matcher = new CopyMatcher(needles, viewOf(Buffer.concat([flood, key])));
    const literals = literalsOf(needles);
    const needle = literals.findIndex((bytes) => flood.indexOf(bytes) === 0);
    for (let i = 0; i < 12_000; i++) matcher.add(i * 17, needle);
    matcher.add(
      flood.length,
      literals.findIndex((bytes) => key.indexOf(bytes) === 0),
    );
    expect(matcher.limited).toBe(2_000);
    expect([...atOnce(matcher.finish([[], []]))].filter((copy) => copy.key === 1)).toHaveLength(1);
  });

  test('that begins and ends as a thousand others has needles of its own, and is found', () => {
    const [front, back] = [
      'the-same-words-in-front-of-each-value-',
      '-and-the-same-words-behind-each-of-them',
    ];
    const middle = (i: number) => createHash('sha256').update(`${i}`).digest('hex').repeat(2).slice(0, 90);
    const texts = Array.from({ length: 1_000 }, (_, i) => `${front}${middle(i)}${back}`);
    const values = texts.map((text, key) => ({ key, value: Secret.text(text) }));
    const needles = finish(needlesOf(valueStreams(values), 1_000_000));
    // Each hit of a needle is compared with all its streams.
    const most = Math.max(...needles.targets.map(({ length }) => length));
    expect(most).toBeLessThanOrEqual(40);
    const bytes = Buffer.from(`${texts[7]}\0${Buffer.from(texts[993]!).toString('base64')}`);
    const matcher = new CopyMatcher(needles, viewOf(bytes));
    for (const [offset, needle] of naiveHits(bytes, literalsOf(needles))) matcher.add(offset, needle);
    const found = [...atOnce(matcher.finish([]))].map(({ key, encoding }) => `${key} ${encoding}`);
    expect(found).toEqual(['7 utf8', '993 base64']);
  });

  test('beyond ASCII is found in UTF-16, URLs and JSON', () => {
    const text = 'pässwörd-für-alle';
    const escaped = [...text].map((c) => (c < '\x7f' ? c : `\\u00${c.charCodeAt(0).toString(16)}`)).join('');
    const big = Buffer.from(text, 'utf16le').swap16();
    const forms = [
      Buffer.from(text),
      Buffer.from(text, 'utf16le'),
      big,
      Buffer.from(percent(text)),
      Buffer.from(escaped),
    ];
    const found = forms.map((form) =>
      copiesIn(Buffer.concat([Buffer.from('x'), form]), text).map((c) => c.encoding),
    );
    expect(found).toEqual([['utf8'], ['utf16le'], ['utf16be'], ['url'], ['json']]);
  });

  test('in base64 is found across line breaks', () => {
    const text = 'x7'.repeat(10) + 'Kq9/'.repeat(60);
    const lines = btoa(text).replace(/.{76}/g, '$&\r\n');
    expect(copiesIn(Buffer.from(lines), text)).toMatchObject([{ encoding: 'base64', partial: false }]);
  });

  test('that is hex or base64 of bytes is found as the bytes', () => {
    const bytes = Buffer.from(Array.from({ length: 24 }, (_, i) => (i * 89 + 7) & 0xff));
    for (const text of [bytes.toString('hex'), bytes.toString('base64')])
      expect(copiesIn(bytes, text)).toMatchObject([{ encoding: 'bytes-be', length: 24 }]);
  });

  test('that is no text is found as bytes and in base64', () => {
    const bytes = Buffer.from('ff00fe01fd02fc03fb04fa05', 'hex');
    expect(copiesIn(bytes, bytes)).toMatchObject([{ encoding: 'bytes-be' }]);
    expect(copiesIn(Buffer.from(bytes.toString('base64')), bytes)).toMatchObject([{ encoding: 'base64' }]);
  });
});
