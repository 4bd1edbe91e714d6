import { expect, test } from '@jest/globals';
import { maskText } from '../../src/index.js';

test('names of variables that begin like a token are no truncated tokens', async () => {
  for (const name of ['access_token', 'ACCESS_TOKEN', 'secret_key', 'access_key_id'])
    expect(await maskText(`named ${name} in a query string`)).toBe(`named ${name} in a query string`);
});

test('truncated tokens are masked', async () => {
  for (const token of ['access_', 'glpat-', 'ghp_'].map((prefix) => `${prefix}x7Kq2mR9v`))
    expect(await maskText(`thread ${token}`)).not.toContain(token);
});
