import { expect, test } from '@jest/globals';
import type { Occurrence } from '../../src/core/model/report.js';
import { placeText } from '../../src/report/places.js';

type Owner = NonNullable<Occurrence['owner']>;

const textOf = (owner: Owner): string =>
  placeText({ offset: 16, length: 40, region: { kind: 'object', name: 'byte[]' }, owner });

test.each<[Owner, string]>([
  [{ kind: 'field', name: 'jwtSecret', of: 'com.acme.Auth' }, 'field jwtSecret of com.acme.Auth'],
  [{ kind: 'static', name: 'PASSWORD', of: 'p.Keys' }, 'static field PASSWORD of p.Keys'],
  [
    { kind: 'key', name: 'spring.datasource.password', of: 'java.util.Properties' },
    'key "spring.datasource.password" of java.util.Properties',
  ],
  [{ kind: 'property', name: 'apiKey', of: 'Object' }, 'property apiKey of Object'],
  [{ kind: 'variable', name: 'token', of: '' }, 'variable token'],
  [
    { kind: 'class', name: '', of: 'javax.crypto.spec.SecretKeySpec' },
    'class javax.crypto.spec.SecretKeySpec',
  ],
])('the owner of a place: %j', (owner, expected) => {
  expect(textOf(owner)).toBe(`offset 16 (0x10), 40 bytes, ${expected}, object byte[]`);
});

test('a long name is shortened', () => {
  expect(textOf({ kind: 'key', name: 'a'.repeat(500), of: 'p.Map' }).length).toBeLessThan(220);
});
