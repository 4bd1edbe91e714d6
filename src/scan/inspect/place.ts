import type { ByteReader } from '../../core/base/bytes/storage.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import type { AddressSpace, MissingMemory, Region, RegionFacts } from '../../core/model/report.js';
import { SegmentMap } from '../../formats/memory/segment-map.js';
import type { Dump } from '../../formats/memory/types.js';

/** A place as the command line has it. */
export interface AskedPlace {
  text: string;
  value: bigint;
  /** Hexadecimal without a sign: an offset only where the dump has no addresses. */
  isAddress: boolean;
}

/** What a dump says of a place. Nothing of it is a byte of memory. */
export interface InspectedPlace {
  /** `missing`: described by the dump and not in the file. `outside`: the dump knows nothing of it. */
  state: 'present' | 'missing' | 'outside';
  /** Hexadecimal, 0x…. */
  address?: string;
  offset?: number;
  region?: Region;
  addressSpace?: AddressSpace;
  /** The region of the list that has it. */
  within?: RegionFacts;
  /** True if the byte is that of a program's or library's file. */
  fileBacked?: boolean;
  /** Why memory is missing. */
  reason?: string;
}

const LAST_ADDRESS = 2n ** 64n - 1n;

/** Reads `0x…` (an address), or a decimal number or `+0x…` (an offset). Throws `bad-place` (exit 3). */
export function parsePlace(text: string): AskedPlace {
  const [, sign, hex, decimal] = /^(\+?)(?:0x([0-9a-f]{1,16})|(\d{1,20}))$/i.exec(text) ?? [];
  const digits = hex === undefined ? decimal : `0x${hex}`;
  const value = digits === undefined ? -1n : BigInt(digits);
  if (value < 0n || value > LAST_ADDRESS)
    throw new DumpsieveError({
      code: 'bad-place',
      message: `${text}: this is neither an address nor an offset`,
      hint: 'an address is 0x7f00…, an offset in the file 4096 or +0x1000',
    });
  return { text, value, isAddress: hex !== undefined && sign === '' };
}

const hexOf = (address: bigint): string => `0x${address.toString(16)}`;

/** Looks a place up. Regions of heap dumps have no complete names yet. */
export function lookUp(
  { value, isAddress }: AskedPlace,
  dump: Dump,
  regions: readonly RegionFacts[],
  { length }: Pick<ByteReader, 'length'>,
): InspectedPlace {
  if (isAddress && dump.segments.length > 0) {
    const address = hexOf(value);
    const found = SegmentMap.of(dump.segments).place(value);
    if (found !== undefined) return at(found.offset, dump, regions);
    const missing = (dump.memory?.missing ?? []).find((range) => isIn(value, range));
    if (missing === undefined) return { state: 'outside', address };
    return { state: 'missing', address, reason: missing.reason };
  }
  if (value >= BigInt(length))
    return { state: 'outside', ...(value <= MOST_OFFSET && { offset: Number(value) }) };
  return at(Number(value), dump, regions);
}

const MOST_OFFSET = BigInt(Number.MAX_SAFE_INTEGER);

function isIn(value: bigint, { address, length }: MissingMemory): boolean {
  const start = BigInt(address);
  return value >= start && value < start + BigInt(length);
}

function at(offset: number, dump: Dump, regions: readonly RegionFacts[]): InspectedPlace {
  const { address, addressSpace, region } = dump.locate(offset);
  const within = regions.find((each) => offset >= each.offset && offset < each.offset + each.present);
  const fileBacked = address === undefined ? undefined : dump.isFileBacked?.(offset);
  return {
    state: 'present',
    ...(address !== undefined && { address: hexOf(address) }),
    offset,
    region,
    ...(addressSpace && { addressSpace }),
    ...(within && { within }),
    ...(fileBacked !== undefined && { fileBacked }),
  };
}
