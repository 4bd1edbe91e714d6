import type { AddressSpace, Occurrence, Region } from './report.js';

/** What was found at a place: a candidate or a copy. Of a whole secret, `component` is empty or absent. */
type Sighting = Omit<Occurrence, 'artifact' | 'address' | 'addressSpace' | 'region' | 'notes'>;

/** What a dump says of the place. */
export interface Location {
  /** Index of the artifact event that reports it. */
  artifact: number;
  address?: bigint | undefined;
  region: Region;
  addressSpace?: AddressSpace | undefined;
}

/**
 * The same number. In a field V8 keeps an integer below 2^31 that came from no floating-point operation; each
 * other number is an object of its own.
 */
export const unboxed = (value: number): number => ((value | 0) === value ? value | 0 : value);

/** True for most places of a flood. A literal without spread members takes half the memory. */
const isPlain = ({ component, wide, partial, extents, notAdjacentInMemory, owner }: Sighting, at: Location) =>
  owner === undefined &&
  at.address === undefined &&
  at.addressSpace === undefined &&
  !component &&
  wide === undefined &&
  !partial &&
  (extents?.length ?? 0) <= 1 &&
  !notAdjacentInMemory;

/** A place in the shape of the report. `notes`: undefined if there are none. */
export function occurrenceOf(
  found: Sighting,
  location: Location,
  region = location.region,
  notes?: readonly string[],
): Occurrence {
  const { component, encoding, wide, extents, owner } = found;
  const [offset, length] = [unboxed(found.offset), unboxed(found.length)];
  const { artifact, address, addressSpace } = location;
  if (isPlain(found, location)) {
    if (notes !== undefined)
      return { artifact, offset, length, ...(encoding && { encoding }), region, notes };
    return encoding === undefined
      ? { artifact, offset, length, region }
      : { artifact, offset, length, encoding, region };
  }
  return {
    artifact,
    offset,
    length,
    ...(address === undefined ? {} : { address: `0x${address.toString(16)}` }),
    ...(component && { component }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(wide === undefined ? {} : { wide }),
    ...(found.partial ? { partial: true } : {}),
    ...(extents !== undefined && extents.length > 1 ? { extents } : {}),
    ...(found.notAdjacentInMemory ? { notAdjacentInMemory: true } : {}),
    ...(addressSpace === undefined ? {} : { addressSpace }),
    region,
    ...(owner === undefined ? {} : { owner }),
    ...(notes === undefined ? {} : { notes }),
  };
}
