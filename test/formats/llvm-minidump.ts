import { execFileSync } from 'node:child_process';
import { expect } from '@jest/globals';
import type { Dump } from '../../src/formats/memory/types.js';
import { program } from '../support/programs.js';

/** Compares modules, threads and ranges of memory with LLVM's reader. */
export function expectAsLlvm(dump: Dump, path: string): void {
  const yaml = execFileSync(program('obj2yaml-19'), [path], { encoding: 'utf8', maxBuffer: 64 << 20 });
  const modules = [...yaml.matchAll(/Base of Image: +(0x\S+)[\s\S]*?Module Name: +'?([^'\n]+)/g)];
  expect(dump.process.modules!.map(({ address, path }) => [Number(address), path])).toEqual(
    modules.map(([, base, path]) => [Number(base), path]),
  );
  expect(dump.process.threads).toBe([...yaml.matchAll(/^ +- Thread Id: /gm)].length);
  // Stacks of threads are among the ranges.
  const ranges = [...yaml.matchAll(/Start of Memory Range: +(0x\S+)\n +Content: +'?([0-9A-F]*)/g)];
  const read = new Set(ranges.map(([, start, content]) => `${BigInt(start!)} ${content!.length / 2}`));
  for (const range of rangesOfMemory64List(yaml)) read.add(range);
  expect(new Set(dump.segments.map(({ address, length }) => `${address} ${length}`))).toEqual(read);
}

/**
 * The ranges of a MINIDUMP_MEMORY64_LIST. LLVM 19 does not parse this stream, and prints its bytes: u64
 * count, file offset of the first range, then address and length of each range.
 */
function rangesOfMemory64List(yaml: string): string[] {
  const [, content = ''] = /Type: +Memory64List\n +Content: +'?([0-9A-F]*)/.exec(yaml) ?? [];
  const bytes = Buffer.from(content, 'hex');
  const count = bytes.length === 0 ? 0 : Number(bytes.readBigUInt64LE(0));
  return Array.from({ length: count }, (_, i) => {
    const at = 16 + 16 * i;
    return `${bytes.readBigUInt64LE(at)} ${bytes.readBigUInt64LE(at + 8)}`;
  });
}
