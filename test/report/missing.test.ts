import { expect, test } from '@jest/globals';
import { missingMemoryLines } from '../../src/report/troubles.js';

const range = (at: number, length: number, reason = 'the file ends before') => ({
  address: `0x${at.toString(16)}`,
  length,
  reason,
});

test.each([
  ['none', [], []],
  [
    'few',
    [range(0x1000, 4096), range(0x3000, 1), range(0x5000, 8192)],
    [
      '4,096 bytes of memory at 0x1000: the file ends before',
      '1 byte of memory at 0x3000: the file ends before',
      '8,192 bytes of memory at 0x5000: the file ends before',
    ],
  ],
  [
    'many for one reason, one for another',
    [...[1, 2, 3, 4, 5].map((i) => range(i * 0x1000, i)), range(0x9000, 7, 'left out by the kernel')],
    [
      '1 byte of memory at 0x1000: the file ends before',
      '2 bytes of memory at 0x2000: the file ends before',
      '12 bytes of memory in 3 further ranges: the file ends before',
      '7 bytes of memory at 0x9000: left out by the kernel',
    ],
  ],
])('memory that is not in the dump, %s', (_, missing, lines) => {
  expect([...missingMemoryLines(missing)]).toEqual(lines);
});
