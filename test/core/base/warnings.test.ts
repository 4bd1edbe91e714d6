import { expect, test } from '@jest/globals';
import { defineWarnings, noticeOf, type Warning } from '../../../src/core/base/runtime/warnings.js';

const warnings = defineWarnings({ 'file-cut': 'strict', 'file-odd': 'note' });

test('a warning has the effect that its table gives to its code', () => {
  expect(warnings.of('file-cut', { message: 'cut', offset: 3 })).toEqual({
    code: 'file-cut',
    message: 'cut',
    offset: 3,
    effect: 'strict',
  });
});

test('reports do not have the effect', () => {
  const notice = noticeOf(warnings.of('file-odd', { message: 'odd', hint: 'look' }));
  expect(JSON.stringify(notice)).toBe('{"code":"file-odd","message":"odd","hint":"look"}');
});

test('a warning without an effect does not compile', () => {
  // @ts-expect-error: a code that the table lacks
  const unknown = (): Warning => warnings.of('file-lost', { message: 'lost' });
  // @ts-expect-error: no effect
  const plain: Warning = { code: 'file-lost', message: 'lost' };
  // @ts-expect-error: no known effect
  const wrong = (): unknown => defineWarnings({ 'file-lost': 'fatal' });
  expect([unknown, plain, wrong]).toHaveLength(3);
});
