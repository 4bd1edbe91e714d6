import { filledRanges } from '../../core/base/bytes/filled.js';
import type { Storage } from '../../core/base/bytes/storage.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { INSTEAD } from './completeness.js';
import type { Fills } from './fills.js';

/** Scans of the filled view: each removes what the one before has uncovered. */
const MOST_ROUNDS = 8;

export interface RoundsSetup {
  /** The input. */
  stored: Storage;
  fills: Fills;
  /** Scans a view of the input and adds to the fills what must not stay. True if there was anything new. */
  scan: (view: Storage, round: number) => Promise<boolean>;
  most?: number;
}

/** A storage seen through fills. */
const filledView = (stored: Storage, fills: Fills): Storage => ({
  kind: 'filled',
  stored,
  ranges: filledRanges(fills.spans()),
  length: stored.length,
});

/**
 * Scans the input, then what would be left of it, until a scan finds nothing. Returns the number of scans
 * of the filled view: none if there was nothing to fill. Throws (exit 1) if the last round finds something.
 */
export async function scanUntilQuiet({
  stored,
  fills,
  scan,
  most = MOST_ROUNDS,
}: RoundsSetup): Promise<number> {
  let isNew = await scan(stored, 0);
  let round = 0;
  while (isNew) {
    if (fills.overflowed) throw tooMany();
    if (round++ >= most) throw stillFound(most);
    isNew = await scan(filledView(stored, fills), round);
  }
  return round;
}

function stillFound(rounds: number): DumpsieveError {
  const message = `secrets were still found after ${rounds} rounds of filling and scanning again`;
  return new DumpsieveError({ code: 'redact-still-found', message, hint: INSTEAD }, 1);
}

function tooMany(): DumpsieveError {
  const message = 'there are more places of secrets than a copy can leave out';
  return new DumpsieveError({ code: 'redact-too-many-places', message, hint: INSTEAD }, 2);
}
