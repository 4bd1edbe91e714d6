import { expect, test } from '@jest/globals';
import { restore } from '../../src/cli/raw-arguments.js';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const text = (text: string): string => bytes(text).toString('utf8');

test.each([
  ['a name that is no UTF-8', ['\xff.core'], ['\xff.core']],
  ['two that read alike, each once', ['\xff.core', 'x', '\xfe.core'], ['\xff.core', '\xfe.core', 'x']],
  ['one that is given twice', ['\xff.core', '\xff.core'], ['\xff.core']],
  ['plain names', ['a', '-', 'b'], ['a', '-', 'b']],
])('%s', (_name, given, expected) => {
  const restored = restore(given.map(text), [bytes('node'), ...given.map(bytes)]);
  expect(
    restored.map((each) => (typeof each === 'string' ? each : Buffer.from(each).toString('latin1'))),
  ).toEqual(expected);
});

test('a replacement character that is part of a name stays', () => {
  expect(restore(['\ufffd.core'], [])).toEqual(['\ufffd.core']);
});
