import { execFileSync } from 'node:child_process';
import { program } from './programs.js';

interface LoadHeader {
  offset: number;
  address: bigint;
  fileSize: number;
}

/**
 * File offset to virtual address by the program headers as binutils reads them: the oracle for the report's
 * addresses.
 */
export function addressesOf(core: string): (offset: number) => bigint | undefined {
  const text = execFileSync(program('readelf'), ['-lW', core], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows = text.matchAll(/^ +LOAD +0x([0-9a-f]+) 0x([0-9a-f]+) 0x[0-9a-f]+ 0x([0-9a-f]+) /gm);
  const loads: LoadHeader[] = Array.from(rows, ([, offset, address, size]) => ({
    offset: Number.parseInt(offset!, 16),
    address: BigInt(`0x${address}`),
    fileSize: Number.parseInt(size!, 16),
  }));
  if (loads.length === 0) throw new Error('readelf found no PT_LOAD');
  return (offset) => {
    const load = loads.find((row) => offset >= row.offset && offset < row.offset + row.fileSize);
    return load && load.address + BigInt(offset - load.offset);
  };
}
