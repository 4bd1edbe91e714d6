import { describe, expect, test } from '@jest/globals';
import { bufferReader } from '../../../src/core/base/bytes/storage.js';
import { openDump } from '../../../src/formats/formats.js';
import { structureFills } from '../../../src/redact/fill/structure/structure.js';
import { built, CODE, SP, STACK } from '../built-minidump.js';
import { windowsIn } from '../windows.js';

describe('the structure of a minidump', () => {
  const { file, bytes, secrets } = built();
  const copy = Buffer.from(bytes);
  for (const { offset, length } of structureFills(bufferReader(bytes), 'minidump'))
    copy.fill(0, offset, offset + length);
  const memory = ['stack', 'heap'].map((label) => file.rva(label));
  const isMemory = (at: number): boolean => memory.some((start) => at >= start && at < start + 0x1000);

  test('has no registers, environment, command line, comments, handles and parameters', () => {
    expect(windowsIn(bytes, secrets).filter((at) => !isMemory(at)).length).toBeGreaterThan(800);
    expect(windowsIn(copy, secrets).filter((at) => !isMemory(at))).toEqual([]);
  });

  test('has memory, threads, modules and names as before', () => {
    for (const start of memory)
      expect(copy.subarray(start, start + 0x1000).equals(bytes.subarray(start, start + 0x1000))).toBe(true);
    const [before, after] = [bytes, copy].map((each) => openDump(bufferReader(each)));
    expect(after!.segments).toEqual(before!.segments);
    expect(after!.process.modules).toEqual(before!.process.modules);
    expect(after!.process.threads).toBe(1);
    expect(copy.readBigUInt64LE(file.rva('context') + 0x98)).toBe(STACK + BigInt(SP));
    expect(copy.readBigUInt64LE(file.rva('stack') + SP)).toBe(CODE);
  });
});
