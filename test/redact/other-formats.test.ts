import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { fillableFormat } from '../../src/redact/all/fillable.js';
import { plannerOf } from '../../src/redact/planners.js';

const latin1 = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(64)]);

const REFUSED: [name: string, bytes: Buffer, hint: RegExp][] = [
  ['raw', latin1('any text'), /no headers/],
  ['mach-o-core', latin1('\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x04\0\0\0'), /macOS/],
  ['lime', latin1('EMiL\x01\0\0\0'), /of a machine/],
  ['kdump', latin1('KDUMP   '), /of a machine/],
  ['gzip', gzipSync('text'), /gzip -dc FILE \| dumpsieve redact - -o COPY$/],
  ['xz', latin1('\xfd7zXZ\0'), /xz -dc FILE \| dumpsieve redact - -o COPY$/],
  [
    'zip',
    latin1('PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0name'),
    /^unpack it into a folder, .*redact FOLDER -o COPIES$/,
  ],
  ['openj9-phd', latin1('\0\x12portable heap dump'), /HPROF/],
];

function expectRefused(call: () => unknown, name: string, hint: RegExp): void {
  expect.assertions(1);
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({
      code: 'redact-format',
      exit: 3,
      message: expect.stringContaining(`(${name})`),
      hint: expect.stringMatching(hint),
    });
  }
}

test.each(REFUSED)(
  '%s is refused with what can be done instead of a copy for backtraces',
  (name, bytes, hint) => expectRefused(() => plannerOf(bufferReader(bytes)), name, hint),
);

/** What else can be filled. */
const FILLABLE = ['raw', 'lime', 'kdump', 'apport', 'openj9-phd'];

test.each(REFUSED.filter(([name]) => !FILLABLE.includes(name)))(
  '%s is refused with what can be done instead of a filled copy',
  (name, bytes, hint) => expectRefused(() => fillableFormat(bufferReader(bytes)), name, hint),
);
