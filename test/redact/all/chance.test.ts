import { expect, test } from '@jest/globals';
import { heapOf, randomValues, yandexKey } from '../../detect/chance/random-values.js';
import { filledCopyOf } from './made-fill.js';

test('a filled copy lacks matches that chance explains, and their copies in other forms', async () => {
  const key = yandexKey('copied');
  const hidden = Buffer.from(`xyz${key}`).toString('base64');
  const many = heapOf([...randomValues('many', 6_000), key]);
  const bytes = Buffer.concat([
    many,
    Buffer.from(`\0\0${hidden}\0\0`),
    Buffer.from(`\0:${key}:\0`, 'utf16le'),
  ]);
  const { copy, exit, findings, result } = await filledCopyOf(bytes);
  expect({ exit, findings }).toEqual({ exit: 0, findings: 0 });
  expect(result.filled).toBeGreaterThan(0);
  expect(copy.includes(key)).toBe(false);
  expect(copy.includes(Buffer.from(key, 'utf16le'))).toBe(false);
  expect(copy.includes(hidden.slice(4))).toBe(false);
});
