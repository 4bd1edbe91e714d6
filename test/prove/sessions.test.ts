import { describe, expect, test } from '@jest/globals';
import { sessionVectors } from '../../fixtures/sessions.js';
import { Secret } from '../../src/core/base/crypto/secret.js';
import { isText, readingsOf } from '../../src/prove/sessions/readings.js';
import { readSession } from '../../src/prove/sessions/table.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import fc from '../support/property.js';
import { isLinear } from '../support/work.js';

/** True if a reading of the secret verifies the token by one of its trials. */
function verifies(text: string, secret: string): boolean {
  const trials = readSession(text)?.trials ?? [];
  return readingsOf(Secret.text(secret)).some((reading) =>
    trials.some(({ derivation, verify }) => {
      const key = derivation.derive(reading.reveal());
      return key !== undefined && verify(key);
    }),
  );
}

const vectors = sessionVectors();

/** Another character of its class in place of one. */
const changed = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1);

describe.each(vectors.map((vector) => [`${vector.name} ${vector.what}`, vector] as const))(
  '%s',
  (_, vector) => {
    const { token, secret } = vector;

    test('verifies under its secret, and not under another', () => {
      expect(verifies(token, secret)).toBe(true);
      expect(verifies(token, changed(secret, secret.length - 5))).toBe(false);
      expect(verifies(token, secret.slice(0, -6))).toBe(false);
    });

    test('a changed token does not verify', () => {
      for (const share of [0.4, 0.9]) {
        const at = Math.floor(token.length * share);
        // An escape or a separator is not part of what is signed.
        if (!/[0-9A-Za-z]/.test(token[at]!) || /%.?$/.test(token.slice(0, at))) continue;
        expect({ at, verified: verifies(changed(token, at), secret) }).toEqual({ at, verified: false });
      }
    });

    test('what is left of a token verifies nowhere', () => {
      for (const end of [0, 1, token.length >> 1, token.length - 4])
        expect(verifies(token.slice(0, end), secret)).toBe(false);
    });
  },
);

test('every rule of the detector has a vector', () => {
  const rules = loadBuiltin().filter(({ detector }) => detector === 'session');
  expect([...new Set(vectors.map(({ rule }) => rule))].sort()).toEqual(rules.map(({ id }) => id).sort());
});

describe('hostile tokens', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
  const hex = 'ab'.repeat(32);
  test.each([
    ['a value of Laravel that is no text', encode({ iv: 1, value: [], mac: {}, tag: null })],
    ['a MAC of another length', encode({ iv: 'aa', value: 'aa', mac: 'ab', tag: '' })],
    ['a tag of one byte', encode({ iv: 'AAAAAAAAAAAAAAAA', value: 'aa', mac: '', tag: 'AA==' })],
    ['a nonce of no bytes', encode({ iv: '', value: 'aa', mac: '', tag: 'AAAAAAAAAAAAAAAAAAAAAA==' })],
    [
      'an unknown encryption',
      `${encode({ alg: 'dir', enc: '__proto__' })}..AAAAAAAAAAAAAAAA.AA.${'A'.repeat(22)}`,
    ],
    ['a key of iron without a salt', `Fe26.2***${'A'.repeat(22)}*AA**${hex}*${'A'.repeat(43)}`],
    ['a cookie of gorilla with nothing in it', `a=MTc1${'A'.repeat(60)}`],
    ['escapes that are none', `s%3A%zz%.${'A'.repeat(43)}`],
    ['signatures of keygrip with another name', `a=b; c.sig=${'A'.repeat(27)}`],
  ])('%s', (_, text) => {
    expect(verifies(text, hex)).toBe(false);
  });

  test('no text throws', () => {
    const piece = fc.constantFrom(
      'eyJ',
      '.',
      ':',
      '--',
      '=',
      '%3D',
      's%3A',
      '|',
      'Fe26.2*',
      'MTc',
      'AAAA',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
        expect(() => verifies(pieces.join(''), hex)).not.toThrow();
      }),
    );
  });

  test('thousands of separators take linear time', async () => {
    const rows = [
      ['=s%3A', '.'],
      ['eyJ', ':'],
      ['a=', ';'],
      ['Fe26.2*', '*'],
      ['2|1:0|10:1|', '|'],
      ['SFMyNTY.', '.'],
      ['a', '--'],
    ];
    const check = (times: number) => () => {
      for (const [front, each] of rows) expect(verifies(front + `${each}a`.repeat(times), hex)).toBe(false);
    };
    expect(await isLinear(check, 4_000)).toBe(true);
  });
});

test.each([
  ['0123456789abcdef0123456789abcdef', [32, 16, 24]],
  ['base64:AAECAwQFBgcICQoLDA0ODw==', [31, 16]],
  ['too short', [9]],
  ['', []],
  ['a'.repeat(2_000), []],
])('readings of %s', (text, lengths) => {
  expect(readingsOf(Secret.text(text)).map(({ length }) => length)).toEqual(lengths);
});

test('only texts are texts', () => {
  expect([Buffer.from('grüße 7'), Buffer.of(0x41, 0), Buffer.of(0x7f)].map(isText)).toEqual([
    true,
    false,
    false,
  ]);
});
