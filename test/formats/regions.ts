import { bufferReader } from '../../src/core/base/bytes/storage.js';
import { finish } from '../../src/core/base/runtime/turns.js';
import type { RegionFacts } from '../../src/core/model/report.js';
import { openDump } from '../../src/formats/formats.js';
import { regionsOf } from '../../src/formats/memory/region-list.js';

/** The regions of a dump. */
export const regionsIn = (bytes: Uint8Array): RegionFacts[] =>
  finish(regionsOf(openDump(bufferReader(bytes)), bytes.length));

/**
 * What is wrong with the regions of a dump, by asking for the region of many bytes one by one: the offsets
 * at which list and dump differ, and where the list has a gap or an overlap.
 */
export function wrongRegions(bytes: Uint8Array, step: number, names: boolean): string[] {
  const dump = openDump(bufferReader(bytes));
  const regions = regionsIn(bytes);
  const wrong: string[] = [];
  let end = 0;
  for (const { offset, present, length } of regions) {
    if (offset !== end || present > length || present < 0) wrong.push(`${offset}: after ${end}`);
    end = offset + present;
  }
  if (end !== bytes.length) wrong.push(`ends at ${end} of ${bytes.length}`);
  let at = 0;
  for (let offset = 0; offset < bytes.length; offset += step) {
    while (regions[at]!.offset + regions[at]!.present <= offset) at++;
    const listed = regions[at]!;
    const { address, addressSpace, region } = dump.locate(offset);
    const start = listed.address === undefined ? undefined : BigInt(listed.address);
    const name = region.kind === 'module' ? region.name?.replace(/\+0x[0-9a-f]+$/, '') : region.name;
    const there = start === undefined ? undefined : start + BigInt(offset - listed.offset);
    const isSame =
      there === address &&
      listed.addressSpace?.kind === addressSpace?.kind &&
      (!names || (listed.kind === region.kind && listed.name === name && listed.thread === region.thread));
    if (!isSame) wrong.push(`${offset}: ${JSON.stringify(listed)}, not ${region.kind} ${region.name}`);
  }
  return wrong;
}
