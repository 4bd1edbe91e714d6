import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { marvin32, marvin64 } from '../../src/detect/checks/azure.js';
import { BASE36, BASE62, toDigits } from '../../src/detect/checks/decimal-digits.js';
import { checks, crc32, isBech32 } from '../../src/detect/checks/index.js';
import { loadBuiltin } from '../../src/rules/builtin.js';
import fc from '../support/property.js';

/** CRC-32 of gzip's trailer (RFC 1952, 2.3.1), which is CRC and length. */
const gzipCrc = (text: string): number =>
  gzipSync(Buffer.from(text, 'latin1')).readUInt32LE(gzipSync(Buffer.from(text, 'latin1')).length - 8);

const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 80,
});

describe('crc32', () => {
  test('equals the CRC of gzip', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    fc.assert(fc.property(latin1, (text) => crc32(text) === gzipCrc(text)));
  });
});

describe('digits', () => {
  test('round trip', () => {
    for (const alphabet of [BASE36, BASE62])
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0xffffffff }), (value) => {
          const text = toDigits(value, alphabet, 7);
          const back = [...text].reduce((sum, digit) => sum * alphabet.length + alphabet.indexOf(digit), 0);
          return text.length === 7 && back === value;
        }),
      );
  });
});

describe('marvin32', () => {
  /** Seed, data, 64-bit hash: dotnet/runtime, src/libraries/Common/tests/Tests/System/MarvinTests.cs. */
  const vectors: [seed: string, data: string, hash: string][] = [
    ['004fb61a001bdbcc', '', '30ed35c100cd3c7d'],
    ['004fb61a001bdbcc', 'af', '48e73fc77d75ddc1'],
    ['004fb61a001bdbcc', 'e70f', 'b5f6e1fc485dbff8'],
    ['004fb61a001bdbcc', '37f495', 'f0b07c789b8cf7e8'],
    ['004fb61a001bdbcc', '8642dc59', '7008f2e87e9cf556'],
    ['004fb61a001bdbcc', '153fb79826', 'e6c08c6da2afa997'],
    ['004fb61a001bdbcc', '0932e6246c47', '6f04bf1a5ea24060'],
    ['004fb61a001bdbcc', 'ab427ea8d10fc7', 'e11847e4f0678c41'],
    ['804fb61a001bdbcc', '', '10a9d5d3996fd65d'],
    ['804fb61a001bdbcc', 'ab427ea8d10fc7', 'e203987dba252fb3'],
    ['804fb61a801bdbcc', '00', 'a37fb0da2ecae06c'],
    ['804fb61a801bdbcc', 'ff', 'fecef370701ae054'],
  ];

  test.each(vectors)('seed %s, data "%s": %s', (seed, data, hash) => {
    const little = Uint8Array.from(Buffer.from(seed, 'hex')).reverse();
    const bytes = Uint8Array.from(Buffer.from(data, 'hex'));
    const [low, high] = marvin64(bytes, little);
    expect(((BigInt(high) << 32n) | BigInt(low)).toString(16).padStart(16, '0')).toBe(hash);
    expect(marvin32(bytes, little)).toBe((low ^ high) >>> 0);
  });
});

describe('bech32', () => {
  /** BIP 173, test vectors. */
  test.each([
    'A12UEL5L',
    'a12uel5l',
    'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw',
    'split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w',
    '?1ezyfcl',
  ])('%s is valid', (text) => expect(isBech32(text)).toBe(true));

  test.each(['A12uEL5L', 'a12uel5m', 'A1G7SGD8', '10a06t8', '1qzzfhee', 'x1b4n0q5v', 'li1dgmt3', 'a'])(
    '%s is not',
    (text) => expect(isBech32(text)).toBe(false),
  );
});

/** BIP 32, test vector 1: chain m, in two pieces. */
const published = [
  'xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6',
  'LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi',
].join('');

describe('the table of checks', () => {
  const rules = loadBuiltin();
  const cases = rules.flatMap((rule) =>
    rule.checks.flatMap((name) =>
      rule.examples.map((example, index) => ({ id: rule.id, name, example, index })),
    ),
  );

  test.each(cases)('$name: example $index of $id passes or has nothing to check', ({ name, example }) => {
    const [secret = ''] = /[0-9a-f]{64}$/.exec(example) ?? /[!-~]{30,}$/.exec(example) ?? [];
    expect(checks[name as keyof typeof checks].verify(secret)).not.toBe(false);
  });

  test('every check of exact bytes fails for every token that differs in one character', () => {
    const exact = new Set([
      'github-crc32',
      'vercel-crc32',
      'grafana-crc32',
      'matrix-crc32',
      'nkey-crc16',
      'age-bech32',
      'xprv-base58check',
    ]);
    for (const { name, example } of cases.filter(({ name }) => exact.has(name)))
      for (let at = example.indexOf('_') + 6; at < example.length; at += 3) {
        const other = example[at] === 'A' ? 'Q' : 'A';
        const altered = example.slice(0, at) + other + example.slice(at + 1);
        expect([name, checks[name as keyof typeof checks].verify(altered)]).toEqual([name, false]);
      }
  });

  test('xprv: the published vector passes', () => {
    expect(published).toHaveLength(111);
    expect(checks['xprv-base58check'].verify(published)).toBe(true);
  });

  test('xprv: 78 bytes with their checksum pass, converted digit by digit', () => {
    const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 41, maxLength: 41 }), fc.nat(255), (chain, between) => {
        const head = Buffer.from('0488ade4', 'hex');
        const body = Buffer.concat([head, chain, Buffer.of(between), sha256(chain)]);
        let value = BigInt(`0x${Buffer.concat([body, sha256(sha256(body)).subarray(0, 4)]).toString('hex')}`);
        let text = '';
        for (; value > 0n; value /= 58n) text = ALPHABET[Number(value % 58n)] + text;
        expect(checks['xprv-base58check'].verify(text)).toBe(between === 0);
      }),
      { examples: [[new Uint8Array(41), 0]] },
    );
  });

  test('gitlab: old tokens have no checksum', () => {
    expect(checks['gitlab-crc32'].verify(`glpat-${'Ab3'.repeat(6)}x-`)).toBeUndefined();
  });

  /** nats-io/nkeys and the documentation of NATS; element-hq/matrix-authentication-service, its tests. */
  test.each([
    ['nkey-crc16', ['SUACSSL3UAHUDXKFSNVUZRF5UHPMW', 'Z6BFDTJ7M6USDXIEDNPPQYYYCU3VY']],
    ['nkey-crc16', ['SUAMK2FG4MI6UE3ACF3FK3OIQBCEI', 'EZV7NSWFFEW63UXMRLFM2XLAXK4GY']],
    ['matrix-crc32', ['mct_16tugBE5Ta9LIWoS', 'JaAEHHq2g3fx8S_alcBB4']],
    ['base58check', ['edsk3gUfUPyBSfrS9CCgmCiQsTCHG', 'kviBDusMxDJstFtojtc1zcpsh']],
    ['ripple-base58check', ['sEdTM1uX8pu2do5', 'XvTnutH6HsouMaM2']],
    ['age-bech32', ['nsec1vl029mgpspedva04g90vltkh6fv', 'h240zqtv9k0t9af8935ke9laqsnlfe5']],
  ] as const)('%s: the published token passes, one with two characters exchanged fails', (name, parts) => {
    const token = parts.join('');
    expect(checks[name].verify(token)).toBe(true);
    const [first = '', second = ''] = [...token].slice(8, 10);
    expect(first).not.toBe(second);
    expect(checks[name].verify(token.slice(0, 8) + second + first + token.slice(10))).toBe(false);
  });

  test('azure: an unknown signature has nothing to check, a known one passes or fails', () => {
    const key = (signature: string) => `${'Ab3d'.repeat(19)}${signature}Ab3dQQ==`;
    expect(checks['azure-marvin32'].verify(key('+ZZz'))).toBeUndefined();
    expect(checks['azure-marvin32'].verify(key('+ASt'))).toBe(false);
  });

  test('curve25519: exactly the clamped scalars pass (RFC 7748, section 5)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const clamped = Uint8Array.from(bytes);
        clamped[0]! &= 248;
        clamped[31] = (clamped[31]! & 127) | 64;
        const { verify } = checks['curve25519-clamped'];
        return (
          verify(Buffer.from(clamped).toString('base64')) === true &&
          verify(Buffer.from(bytes).toString('base64')) === Buffer.from(bytes).equals(clamped)
        );
      }),
    );
  });

  test('no check throws for any text', () => {
    for (const check of Object.values(checks))
      fc.assert(
        fc.property(latin1, fc.constantFrom('', '_', '1', '+ASt', 'xprv9', 'eyJ', '8Q~'), (text, mark) => {
          check.verify(text + mark + text);
        }),
        { numRuns: 50 },
      );
  });
});
