import type { Extent } from '../../core/model/report.js';

/** Places that are kept: 4 MiB. */
const MOST = 1 << 18;
/** The least identities of a list, and the bytes that they lie within. */
export const LIST = { identities: 16, bytes: 1 << 16 } as const;

/** A place of an identity. */
export interface PublicPlace extends Extent {
  /** The place of a certificate. */
  isCertificate: boolean;
  inList: boolean;
}

/** Growing columns. */
class Columns {
  length = 0;
  offsets = new Float64Array(64);
  lengths = new Uint32Array(64);
  /** Twice the identity, and 1 for a certificate. */
  identities = new Uint32Array(64);

  push(offset: number, length: number, identity: number): void {
    if (this.length === this.offsets.length) {
      const grow = <T extends Float64Array | Uint32Array>(made: T, column: T): T => {
        made.set(column);
        return made;
      };
      const room = this.length * 2;
      this.offsets = grow(new Float64Array(room), this.offsets);
      this.lengths = grow(new Uint32Array(room), this.lengths);
      this.identities = grow(new Uint32Array(room), this.identities);
    }
    this.offsets[this.length] = offset;
    this.lengths[this.length] = length;
    this.identities[this.length++] = identity;
  }
}

/** All places of the public keys of an artifact: each key is an identity, a number from 0 on. */
export class PublicPlaces {
  readonly #columns = new Columns();
  readonly #dropped = new Set<number>();

  add(identity: number, { offset, length }: Extent, isCertificate: boolean): void {
    if (this.#columns.length === MOST) this.#dropped.add(identity);
    else this.#columns.push(offset, length, identity * 2 + Number(isCertificate));
  }

  /** For an identity some of whose facts were dropped elsewhere. */
  drop(identity: number): void {
    this.#dropped.add(identity);
  }

  isDropped(identity: number): boolean {
    return this.#dropped.has(identity);
  }

  /** The places of each of `count` identities, ascending. `list`: what is a list. */
  byIdentity(count: number, list: { identities: number; bytes: number } = LIST): PublicPlace[][] {
    const { length, offsets, lengths, identities } = this.#columns;
    const order = Uint32Array.from({ length }, (_, row) => row).sort((a, b) => offsets[a]! - offsets[b]!);
    const sorted = Float64Array.from(order, (row) => offsets[row]!);
    const own = Uint32Array.from(order, (row) => identities[row]! >>> 1);
    const inList = listed(sorted, own, list);
    const places = Array.from({ length: count }, (): PublicPlace[] => []);
    for (const [at, row] of order.entries())
      places[own[at]!]?.push({
        ...{ offset: sorted[at]!, length: lengths[row]! },
        ...{ isCertificate: (identities[row]! & 1) === 1, inList: inList[at] === 1 },
      });
    return places;
  }
}

/** 1 for each place that is in a list. `offsets` ascend. */
function listed(
  offsets: Float64Array,
  identities: Uint32Array,
  list: { identities: number; bytes: number },
): Uint8Array {
  const found = new Uint8Array(offsets.length);
  const counts = new Map<number, number>();
  let [from, marked] = [0, 0];
  for (const [at, identity] of identities.entries()) {
    counts.set(identity, (counts.get(identity) ?? 0) + 1);
    for (; offsets[at]! - offsets[from]! >= list.bytes; from++) {
      const left = counts.get(identities[from]!)! - 1;
      if (left > 0) counts.set(identities[from]!, left);
      else counts.delete(identities[from]!);
    }
    if (counts.size < list.identities) continue;
    found.fill(1, Math.max(from, marked), at + 1);
    marked = at + 1;
  }
  return found;
}
