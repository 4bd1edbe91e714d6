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

test('numbers and names of cores are no truncated tokens', async () => {
  const boot = '5d9c2f0b7c3e4a169bb0f1e2d3c4b5a6';
  for (const name of [`core.a.1000.${boot}.77.1700000000000000.zst`, 'took 1000.12345 s'])
    expect(await maskText(name)).toBe(name);
});

test('truncated tokens that begin like a number are masked', async () => {
  for (const token of ['1000.5d9c2f0b7c', '1000.5d9c2f0b7c3e4a169bb0f1e2d3c4b5a6.77a0'])
    expect(await maskText(`thread ${token}`)).not.toContain(token);
});
