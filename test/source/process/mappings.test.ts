import { expect, test } from '@jest/globals';
import { parseMappings } from '../../../src/source/process/segments.js';

const SMAPS = `55d0e0000000-55d0e0002000 r-xp 00001000 fe:00 4711       /usr/bin/a name\\012of two lines (deleted)
Size:                  8 kB
Rss:                   4 kB
Swap:                  8 kB
SwapPss:               1 kB
VmFlags: rd ex mr mw me dw sd
7f0000000000-7f0000001000 rw-p 00000000 00:00 0
Rss:                   0 kB
VmFlags: rd wr mr mw me ac dd
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

test('mappings have their place, file, memory and flags', () => {
  expect(parseMappings(SMAPS)).toEqual([
    {
      ...{ start: 0x55d0e0000000n, end: 0x55d0e0002000n, permissions: 'r-xp', offset: 0x1000n },
      ...{ path: '/usr/bin/a name\nof two lines (deleted)', populated: 12 * 1024 },
      flags: new Set(['rd', 'ex', 'mr', 'mw', 'me', 'dw', 'sd']),
    },
    {
      ...{ start: 0x7f0000000000n, end: 0x7f0000001000n, permissions: 'rw-p', offset: 0n, path: '' },
      ...{ populated: 0, flags: new Set(['rd', 'wr', 'mr', 'mw', 'me', 'ac', 'dd']) },
    },
    {
      ...{ start: 0xffffffffff600000n, end: 0xffffffffff601000n, permissions: '--xp', offset: 0n },
      ...{ path: '[vsyscall]', populated: 0, flags: new Set() },
    },
  ]);
});

test('text that is none of it says nothing', () => {
  expect(parseMappings('Rss: 4 kB\nVmFlags: dd\n\nnothing\n')).toEqual([]);
});
