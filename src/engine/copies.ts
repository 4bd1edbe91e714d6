import { type Copy, CopyMatcher } from '../copies/copies.js';
import { componentStreams, type Needles, needlesOf } from '../copies/needles.js';
import { valueStreams } from '../copies/values.js';
import type { Extent, Occurrence } from '../model.js';
import type { Literal } from '../rules/types.js';
import { compileLiterals } from '../sweep/literals.js';
import { compileNeedles, SHORTEST } from '../sweep/needles.js';
import type { Net } from '../sweep/types.js';
import type { RingKey } from './key-ring.js';
import type { Ledger } from './ledger.js';
import type { Opened } from './opened.js';
import type { Run } from './run.js';
import { seamHits } from './seams.js';

/** Needles of one sweep: those of a hundred RSA keys. Of a value all have to be looked for, or nothing is known of it. */
const MOST = 65_536;

/**
 * The second sweep: every private component of every proven key and everything that is asked for, in every encoding,
 * outside of what is reported already. A clean dump of which nothing is asked never comes here.
 */
export async function searchCopies(
  opened: Opened,
  ledger: Ledger,
  run: Run,
  keys: readonly RingKey[],
  known: (finding: string) => readonly Extent[],
): Promise<void> {
  const values = keys.flatMap(({ value }, key) => (value ? [{ key, value }] : []));
  const needles = needlesOf(streams(), MOST);
  if (needles.size === 0) return;
  const matcher = new CopyMatcher(needles, opened.view);
  for (const { net, needleOf, lengthOf } of netsOf(needles)) {
    const { signal } = run.options;
    const range = { from: 0, to: opened.length };
    for await (const { offsets, ids } of run.pool.sweep(
      opened.storage,
      net,
      range,
      signal ? { signal } : {},
    )) {
      for (let i = 0; i < offsets.length; i++) matcher.add(offsets[i]!, needleOf(ids[i]!));
    }
    for (const { offset, id } of seamHits(opened, net, lengthOf)) matcher.add(offset, needleOf(id));
  }
  for (const copy of matcher.finish(keys.map(({ finding }) => known(finding)))) {
    const { finding, found } = keys[copy.key]!;
    const occurrence = occurrenceOf(copy, opened);
    if (found) found(occurrence, copy);
    else run.fold.occur(finding, occurrence);
  }
  const left = needles.dropped + matcher.limited;
  if (left > 0) {
    ledger.limits.push({
      offset: 0,
      length: opened.length,
      search: 'copies',
      reason: `${left} pieces of keys were not looked for`,
    });
  }

  /** Values first: a cap drops pieces of keys, of which others are left. */
  function* streams() {
    yield* valueStreams(values);
    yield* componentStreams(keys);
  }
}

interface NeedleNet {
  net: Net;
  /** Needle by pattern id, and the bytes of the pattern. */
  needleOf(id: number): number;
  lengthOf(id: number): number;
}

/** One net for the needle kernel; what is too short for it (a password of 8 characters) goes to the kernel of the rules' literals. */
function netsOf(needles: Needles): NeedleNet[] {
  const all = needles.literals().map((bytes, needle) => ({ bytes, needle }));
  const long = all.filter(({ bytes }) => bytes.length >= SHORTEST);
  const short = all.filter(({ bytes }) => bytes.length < SHORTEST);
  const net = (part: typeof all, compile: (literals: Uint8Array[]) => Net): NeedleNet[] =>
    part.length === 0
      ? []
      : [
          {
            net: compile(part.map(({ bytes }) => bytes)),
            needleOf: (id) => part[id >> 1]!.needle,
            lengthOf: (id) => part[id >> 1]!.bytes.length,
          },
        ];
  const literal = (bytes: Uint8Array): Literal => ({ bytes, caseless: false, wide: false, rules: [] });
  return [
    ...net(long, compileNeedles),
    ...net(short, (literals) => compileLiterals(literals.map((bytes) => literal(bytes)))),
  ];
}

/** A copy in the shape of the report. */
function occurrenceOf(copy: Copy, opened: Opened): Occurrence {
  const { component, encoding, wide, offset, length, extents, partial, notAdjacentInMemory } = copy;
  const { address, region } = opened.place(offset);
  const { addressSpace } = opened.dump;
  return {
    artifact: opened.index,
    offset,
    length,
    ...(address === undefined ? {} : { address: `0x${address.toString(16)}` }),
    ...(component === '' ? {} : { component }),
    encoding,
    ...(wide === undefined ? {} : { wide }),
    ...(partial ? { partial } : {}),
    ...(extents.length > 1 ? { extents } : {}),
    ...(notAdjacentInMemory ? { notAdjacentInMemory } : {}),
    ...(addressSpace === undefined ? {} : { addressSpace }),
    region,
  };
}
