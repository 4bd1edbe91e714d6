import { describe, expect, test } from '@jest/globals';
import { Examiner } from '../../src/detect/examine.js';
import type { View } from '../../src/formats/memory/types.js';
import fc from '../support/property.js';
import { detect, hitsOf, noise, planted, rule, ruleSet, viewOf } from './harness.js';
import { jwkOf, keys, openssl, rsa } from './keys.js';
import { advanced, canonical, rsaParts } from './sexp-forms.js';
import { capi, cngRsa } from './windows-forms.js';

const ALL = ['pem', 'der', 'openssh', 'jwk', 'spki', 'cng', 'sexp'].map((name) => rule(name));
const rules = ruleSet(...ALL);

const seeds: Buffer[] = [
  ...keys.flatMap(({ forms }) => Object.values(forms)),
  ...keys.slice(0, 6).map(({ key }) => Buffer.from(key.export({ format: 'pem', type: 'pkcs8' }) as string)),
  Buffer.from(JSON.stringify({ keys: [jwkOf(rsa)] }, null, 1)),
  Buffer.from(JSON.stringify(JSON.stringify(jwkOf(rsa)))),
  Buffer.from(JSON.stringify(jwkOf(rsa)), 'utf16le'),
  rsa.export({ format: 'der', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }) as Buffer,
  openssl(
    ['rsa', '-traditional', '-aes128', '-passout', 'pass:x'],
    Buffer.from(rsa.export({ format: 'pem', type: 'pkcs1' }) as string),
  ) ?? Buffer.alloc(0),
  cngRsa(rsa, true),
  capi(rsa),
  canonical(rsaParts(rsa)),
  advanced(rsaParts(rsa)),
  Buffer.from(
    'PuTTY-User-Key-File-2: ssh-ed25519\r\nEncryption: none\r\nComment: x\r\nPublic-Lines: 2\r\n' +
      'AAAA\r\nBBBB\r\nPrivate-Lines: 1\r\nAAAA\r\nPrivate-MAC: 00\r\n',
  ),
];

test('mutated structures never throw, and findings are inside the bytes', () => {
  const mutation = fc.record({
    at: fc.nat(4000),
    value: fc.nat(255),
    kind: fc.constantFrom('set', 'cut', 'drop', 'double'),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      (seed, mutations) => {
        let bytes = Buffer.from(seed);
        for (const { at, value, kind } of mutations) {
          const i = bytes.length === 0 ? 0 : at % bytes.length;
          if (kind === 'set') bytes[i] = value;
          else if (kind === 'cut') bytes = bytes.subarray(0, Math.max(i, bytes.length - i));
          else if (kind === 'drop')
            bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + (value % 9))]);
          else bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(Math.max(0, i - value))]);
        }
        for (const found of detect(planted(bytes, 13, 20))) {
          expect(found.length).toBeGreaterThan(0);
          expect(found.offset).toBeGreaterThanOrEqual(0);
          expect(found.offset + found.length).toBeLessThanOrEqual(13 + bytes.length + 20);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

/** Bytes requested by windows. */
function counted(view: View): { view: View; bytes: () => number } {
  let bytes = 0;
  return {
    bytes: () => bytes,
    view: {
      ...view,
      window: (...args) => {
        const window = view.window(...args);
        bytes += window.bytes.length;
        return window;
      },
    },
  };
}

describe('floods: bytes read are a small multiple of the input', () => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const units: [string, Buffer][] = [
    ['BEGIN', Buffer.from('-----BEGIN ')],
    ['a BEGIN line', Buffer.from('-----BEGIN RSA PRIVATE KEY-----\n')],
    [
      'a BEGIN line and a short body',
      Buffer.from('-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAMIIEpAIBAAKCAQEA\n'),
    ],
    ['an END line', Buffer.from('-----END RSA PRIVATE KEY-----\n')],
    [
      'a body and an END line',
      Buffer.from('MIIEpAIBAAKCAQEAMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n'),
    ],
    ['the front of a base64 key', Buffer.from('MIIEpAIBAAKCAQEA')],
    ['the front of a base64 key, out of step', Buffer.from('MIIEpAIBAAKCAQEAx')],
    ['UTF-16 BEGIN lines', Buffer.from('-----BEGIN PRIVATE KEY-----', 'utf16le')],
    ['30 82', hex('30 82')],
    ['a version and a modulus', hex('02 01 00 02 82 01 01 00')],
    ['a modulus of the right form', hex('30 82 04 a4 02 01 00 02 82 01 01 00 ff ff')],
    ['an exponent and a header', hex('02 03 01 00 01 02 81 81 00')],
    ['odd numbers of the size of a prime', Buffer.concat([hex('02 81 81 00'), Buffer.alloc(128, 0xff)])],
    [
      'the largest ones',
      Buffer.concat([
        hex('02 03 01 00 01 02 81 81 00'),
        Buffer.alloc(128, 0xff),
        hex('02 82 04 01 00'),
        Buffer.alloc(1024, 0xff),
      ]),
    ],
    ['PKCS#8 headers', hex('30 82 04 be 02 01 00 30 0d 06 09 2a 86 48 86 f7 0d 01 01 01 05 00 04 82 04 a8')],
    ['EC headers', hex('30 77 02 01 01 04 20')],
    [
      'PFX headers',
      hex('30 83 0f ff ff 02 01 03 30 83 0f ff 00 06 09 2a 86 48 86 f7 0d 01 07 01 a0 83 0f 00 00'),
    ],
    ['OIDs', hex('06 09 2a 86 48 86 f7 0d 01 01 01')],
    [
      'certificate fronts',
      hex('30 82 0f 00 30 82 0e 00 a0 03 02 01 02 02 01 01 30 0d 06 09 2a 86 48 86 f7 0d 01 01 01'),
    ],
    ['openssh', Buffer.from('openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0\0\0\0\x01')],
    ['a name', Buffer.from('"kty"')],
    ['an object that does not end', Buffer.from('{"kty":"RSA",')],
    ['ends without a beginning', Buffer.from('"kty":1}')],
    ['an object in a string', Buffer.from('{"kty":"')],
    ['escaped names', Buffer.from('\\"kty\\":[')],
    ['PuTTY', Buffer.from('PuTTY-User-Key-File-2: ssh-rsa\n')],
  ];

  test.each(units)('%s', (_, unit) => {
    const bytes = Buffer.alloc(1 << 18, unit);
    const { view, bytes: read } = counted(viewOf(bytes));
    const examiner = new Examiner(rules, view);
    let found = 0;
    for (const one of [...examiner.push(hitsOf(bytes, rules)), ...examiner.finish()]) {
      found++;
      expect(one.type === 'candidate' && one.confidence !== 'low').toBe(false);
    }
    expect(found).toBeLessThan(bytes.length / 40);
    // Each rule reads groups of 64 KiB and the reach around them.
    expect(read()).toBeLessThan(3 * ALL.length * bytes.length);
  });
});

test('noise has no findings', () => {
  expect(detect(noise(1 << 20, 77))).toEqual([]);
});
