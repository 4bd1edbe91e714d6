import { expect, test } from '@jest/globals';
import { shownName } from '../../../src/sweep/values/value-join.js';
import { randomValue, seeded } from './rows.js';

test.each([
  ['JWT_SECRET'],
  ['SECRET_KEY_BASE'],
  ['oauth2ClientSecret'],
  ['AWS_SECRET_ACCESS_KEY'],
  ['spring.datasource.password'],
  ['myApplicationRefreshToken'],
  ['X-Amz-Security-Token'],
  ['GITHUB_TOKEN_2024'],
])('%s is shown', (name) => {
  expect(shownName(Buffer.from(name))).toBe(name);
});

test.each([
  ['blanks and others', 'the api key', 'the-api-key'],
  ['a UUID', '1b4e28ba-2fa1-11d2-883f-b9a761bde3fb_token', '…-…-…-883f-…_token'],
  ['a number', '123456789_token', '…_token'],
])('%s: %s', (_, name, shown) => {
  expect(shownName(Buffer.from(name))).toBe(shown);
});

test('random pieces of a name, which may be another secret, are not shown', () => {
  const random = seeded(7);
  let pieces = 0;
  for (const of of ['base62', 'hex'] as const)
    for (let i = 0; i < 500; i++)
      for (const [before, after] of [
        ['', '_token'],
        ['', 'Token'],
        ['my.', '.secret'],
      ]) {
        const shown = shownName(Buffer.from(before + randomValue(of, 20, random) + after));
        if (/[A-Za-z0-9]{16}/.test(shown)) pieces++;
      }
  expect(pieces).toBeLessThan(30);
});
