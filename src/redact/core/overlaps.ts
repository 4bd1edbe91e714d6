import type { Extent } from '../../core/model/report.js';
import { type AddressRange, AddressRanges } from './address-ranges.js';
import { refusals } from './refusals.js';

/**
 * Throws if what is kept for its structure shares bytes of the file with memory or other data. No writer
 * does that.
 */
export function refuseOverlaps(structures: readonly Extent[], data: readonly Extent[]): void {
  const left = AddressRanges.of(structures.map(asRange));
  if (left.minus(AddressRanges.of(data.map(asRange))).size !== left.size) throw refusals.overlap();
}

const asRange = ({ offset, length }: Extent): AddressRange => ({
  start: BigInt(offset),
  end: BigInt(offset) + BigInt(length),
});
