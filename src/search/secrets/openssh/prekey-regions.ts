import type { Extent } from '../../../core/model/report.js';
import type { RunList } from '../../core/run-list.js';
import type { Run } from '../../core/types.js';

/**
 * Octets of a prekey. OpenSSH shields keys that are not in use: it encrypts them under a hash of so much
 * random data, which has pages of its own (sshkey.c).
 */
export const PREKEY = 16_384;
/** Bytes that the run of a prekey may lose at its ends or in gaps. */
const SLACK = 64;
/** Bytes of a prekey that may precede its run, and the values tried. */
const MAX_LOST_BYTES = 16;
export const LOST_BYTES = [0, 8, MAX_LOST_BYTES];
/** Adjacent prekeys, of the keys of one agent: longer random data is a file, and read again if compressed. */
export const MAX_ADJACENT = 64;
const NONE: readonly Extent[] = [];

/** Collects adjacent runs, in file order, whose total length is that of one or several prekeys. */
export class PrekeyRegions {
  readonly #most: number;
  readonly #skip: (count: number, region: Extent) => void;
  #start = Number.NaN;
  #end = Number.NaN;

  /** `skip` gets the regions of more than `most` prekeys. */
  constructor(most = MAX_ADJACENT, skip: (count: number, region: Extent) => void = () => undefined) {
    this.#most = most;
    this.#skip = skip;
  }

  /** The region that ends before this run, if any. */
  push({ offset, words }: Run): readonly Extent[] {
    const goesOn = offset >= this.#end && offset <= this.#end + SLACK;
    const region = goesOn ? NONE : this.finish();
    if (!goesOn) this.#start = offset;
    this.#end = offset + words * 8;
    return region;
  }

  /** The last region. It is extended to the front, because the net may have missed its first words. */
  finish(): readonly Extent[] {
    const length = this.#end - this.#start;
    if (!(length >= PREKEY - SLACK)) return NONE;
    const count = Math.round(length / PREKEY);
    if (!(Math.abs(length - count * PREKEY) <= SLACK)) return NONE;
    if (count > this.#most) {
      this.#skip(count, { offset: this.#start, length });
      return NONE;
    }
    const offset = Math.max(0, this.#start - MAX_LOST_BYTES);
    return [{ offset, length: this.#start + count * PREKEY - offset }];
  }
}

/** Possible starts of prekeys, outside of the regions that `skip` gets. */
export function* prekeyStarts(
  runs: RunList,
  ...most: ConstructorParameters<typeof PrekeyRegions>
): Generator<number> {
  const regions = new PrekeyRegions(...most);
  for (const run of runs.all()) for (const region of regions.push(run)) yield* startsIn(region);
  for (const region of regions.finish()) yield* startsIn(region);
}

function* startsIn({ offset, length }: Extent): Generator<number> {
  const end = offset + length;
  for (let start = end - Math.floor(length / PREKEY) * PREKEY; start < end; start += PREKEY)
    for (const lost of LOST_BYTES) if (start - lost >= offset) yield start - lost;
}
