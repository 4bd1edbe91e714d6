import { expect, test } from '@jest/globals';
import { DumpsieveError } from '../../../src/core/base/runtime/errors.js';

const mask = (text: string): string => text.replaceAll('secret', '[masked]');

test('an error with masked texts keeps its code, exit status and stack, and loses its cause', () => {
  const lines = ['a secret', 'b'];
  const notice = { code: 'bad', message: lines.join('\n'), hint: 'see secret', offset: 7, lines };
  const error = new DumpsieveError(notice, 2, new Error('secret'));
  const masked = error.withTexts(mask);
  const { code, message, hint, offset, exit, cause } = masked;
  expect({ code, message, hint, offset, exit, cause, lines: masked.lines }).toEqual({
    code: 'bad',
    message: 'a [masked]\nb',
    hint: 'see [masked]',
    offset: 7,
    exit: 2,
    cause: undefined,
    lines: ['a [masked]', 'b'],
  });
  expect(masked.stack).toBe(mask(error.stack!));
});

test('an error without a secret stays the same', () => {
  const error = new DumpsieveError({ code: 'bad', message: 'no such file' }, 3, new Error('cause'));
  expect(error.withTexts(mask)).toBe(error);
});
