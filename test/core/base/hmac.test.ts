import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hmac } from '../../../src/core/base/crypto/hmac.js';
import fc from '../../support/property.js';

const HASHES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256'];

test('HMAC is that of OpenSSL, for keys and messages around every length at which it changes', () => {
  const lengths = fc.oneof(
    fc.nat(300),
    fc.constantFrom(63, 64, 65, 127, 128, 129, 3_967, 3_968, 4_032, 4_033, 9_000),
  );
  const octets = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));
  fc.assert(
    fc.property(fc.constantFrom(...HASHES), octets, octets, octets, (hash, key, one, other) => {
      const made = hmac(hash, key, one, Buffer.from(other).toString('latin1'));
      expect(made).toEqual(createHmac(hash, key).update(one).update(other).digest());
    }),
  );
});

test('results stay as they are when another is computed', () => {
  const first = hmac('sha256', Buffer.from('one'), 'message');
  const copy = Buffer.from(first);
  hmac('sha256', Buffer.from('other'), 'another message');
  expect(first).toEqual(copy);
});
