import { expect, test } from '@jest/globals';
import { maskText } from '../../src/index.js';

test('names of variables that begin like a token are no truncated tokens', async () => {
  for (const name of ['access_token', 'ACCESS_TOKEN', 'secret_key', 'access_key_id'])
    expect(await maskText(`named ${name} in a query string`)).toBe(`named ${name} in a query string`);
});

test('a name is no truncated token if its characters cannot be those of the token', async () => {
  // Hex follows `test_` in keys of Lob.
  const text = 'named test_private_key_of_server';
  expect(await maskText(text)).toBe(text);
});

test('truncated tokens are masked', async () => {
  for (const token of [
    'access_x7Kq2mR9v',
    'glpat-x7Kq2mR9v',
    'ghp_x7Kq2mR9v',
    'test_64bfd9bd',
    'sk-proj-x7Kq2',
  ])
    expect(await maskText(`thread ${token}`)).not.toContain(token);
});
