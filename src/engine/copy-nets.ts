import { derivedStreams, withBothInverses } from '../copies/derived.js';
import { componentStreams, type Needles, needlesOf } from '../copies/needles.js';
import { valueStreams } from '../copies/values.js';
import type { Literal } from '../rules/types.js';
import { compileLiterals } from '../sweep/literals.js';
import { compileNeedles, SHORTEST } from '../sweep/needles.js';
import type { Net } from '../sweep/types.js';
import type { RingKey } from './key-ring.js';

/** Needles of one sweep: those of forty RSA keys, both halves of each. */
const MOST = 65_536;

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

/** What the copies sweep looks for, compiled. */
export interface CopyNets {
  needles: Needles;
  nets: readonly NeedleNet[];
}

/** Values first: a cap drops pieces of keys, of which others are left, and all of a value has to be looked for. */
function* streamsOf(keys: readonly RingKey[]) {
  yield* valueStreams(keys.flatMap(({ value }, key) => (value ? [{ key, value }] : [])));
  yield* derivedStreams(keys);
  yield* componentStreams(keys.map(({ components }) => ({ components: withBothInverses(components) })));
}

/** The needles of `keys`, by their index. Takes 20 ms a key, so that it is done once for all artifacts. */
export function compileCopies(keys: readonly RingKey[]): CopyNets {
  const needles = needlesOf(streamsOf(keys), MOST);
  return { needles, nets: netsOf(needles) };
}
