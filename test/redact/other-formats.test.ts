import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/base/bytes/storage.js';
import { plannerOf } from '../../src/redact/planners.js';

const latin1 = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(64)]);

test.each<[name: string, bytes: Buffer, hint: RegExp]>([
  ['raw', latin1('any text'), /no headers/],
  ['mach-o-core', latin1('\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x04\0\0\0'), /macOS/],
  ['lime', latin1('EMiL\x01\0\0\0'), /of a machine/],
  ['kdump', latin1('KDUMP   '), /of a machine/],
  ['gzip', gzipSync('text'), /unpack it first/],
  [
    'zip',
    latin1('PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0name'),
    /unpack it first/,
  ],
  ['openj9-phd', latin1('\0\x12portable heap dump'), /HPROF/],
])('%s is refused with what can be done instead', (name, bytes, hint) => {
  expect.assertions(1);
  try {
    plannerOf(bufferReader(bytes));
  } catch (error) {
    expect(error).toMatchObject({
      code: 'redact-format',
      exit: 3,
      message: expect.stringContaining(`(${name})`),
      hint: expect.stringMatching(hint),
    });
  }
});
