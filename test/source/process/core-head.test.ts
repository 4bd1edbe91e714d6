import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { elfCore } from '../../../src/formats/elf/core.js';
import { coreHead, MACHINES } from '../../../src/source/process/core-head.js';
import type { Mapping } from '../../../src/source/process/segments.js';

const mapping = (start: bigint, permissions: string, path: string, flags: string[] = []): Mapping => ({
  ...{ start, end: start + 0x2000n, permissions, offset: 0x3000n, path, populated: 4096 },
  flags: new Set(flags),
});

const MAPPINGS = [
  mapping(0x55d0_0000_0000n, 'r-xp', '/usr/bin/caf\u00c3\u00a9'),
  mapping(0x55d0_0001_0000n, 'rw-p', '[heap]'),
  mapping(0x7f00_0000_0000n, 'rw-p', '/dev/mem', ['io']),
  mapping(0x7ffc_0000_0000n, 'rw-p', '[stack]'),
];

const PROCESS = {
  ...{
    pid: 4711,
    name: Buffer.from('a-name-of-21-characters'),
    command: Buffer.from('server\0--port\x0081\0'),
  },
  ...{ auxv: Buffer.alloc(16), page: 4096, mappings: MAPPINGS },
  threads: [{ id: 4711, sp: 0x7ffc_0000_1000n, pc: 1n }, { id: 4712 }],
};

const SEGMENTS = MAPPINGS.map((each) => ({
  ...{ start: each.start, end: each.end, mapping: each },
  ...(each.flags.has('io') ? { isLeftOut: true as const } : {}),
}));

describe.each(Object.entries(MACHINES))('a core of a process on %s', (_name, layout) => {
  const { head, placed } = coreHead(SEGMENTS, PROCESS, layout);
  const bytes = Buffer.concat([head, ...placed.map(({ length }) => Buffer.alloc(length, 0x41))]);
  const dump = elfCore.open(bufferReader(bytes));

  test('says whose it is', () => {
    expect(dump.process).toMatchObject({
      pid: 4711,
      name: 'a-name-of-21-ch',
      command: 'server --port 81',
      threads: 2,
    });
    expect(dump.process?.modules).toMatchObject([{ path: '/usr/bin/café', address: '0x55d000000000' }]);
    expect(dump.warnings.map(({ code }) => code)).toEqual(['memory-not-dumped']);
  });

  test('has each byte at its address', () => {
    for (const {
      start,
      end,
      offset,
      length,
      mapping: { path },
    } of placed) {
      expect(offset % 4096).toBe(0);
      expect(length).toBe(path === '/dev/mem' ? 0 : 0x2000);
      for (const at of length === 0 ? [] : [0, 1, length - 1])
        expect(dump.locate(offset + at).address).toBe(start + BigInt(at));
      expect(end - start).toBe(0x2000n);
    }
    const last = placed.at(-1)!;
    expect(bytes.length).toBe(last.offset + last.length);
    expect(dump.locate(last.offset).region).toEqual({ kind: 'stack', thread: 4711 });
  });
});
