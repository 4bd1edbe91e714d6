import { literalIndex } from '../core/base/bytes/literal-id.js';
import { Secret } from '../core/base/crypto/secret.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import { VALUE_ENCODINGS } from '../core/encodings/encodings.js';
import type { Component } from '../core/model/key-material.js';
import type { Literal } from '../rules/types.js';
import { compileLiterals } from '../sweep/literals.js';
import { needleNet, SHORTEST } from '../sweep/needles.js';
import type { Net } from '../sweep/types.js';
import type { CopyTarget } from './copy-targets.js';
import { derivedStreams, withBothInverses } from './derived-values.js';
import {
  BYTE_STRINGS,
  componentStreams,
  type EncodedStream,
  MOST_NEEDLES,
  type Needles,
  needlesOf,
} from './needles.js';

/** A value to search for as text: a token, a password, the contents of a file. */
interface Value {
  /** Index of the key in the sweep. */
  key: number;
  value: Secret;
}

/**
 * Values match as a whole only: a part (the host of a URL, the start of a JSON document) may be no secret.
 */
const WHOLE = Number.POSITIVE_INFINITY;

/** Printable ASCII: its UTF-16 form has NULs between the bytes. */
const isAscii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte <= 0x7e);

/** Text of UTF-8; undefined for other bytes. */
function textOf(value: Uint8Array): string | undefined {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const text = buffer.toString('utf8');
  return buffer.equals(Buffer.from(text, 'utf8')) ? text : undefined;
}

/** The streams of values, narrow before wide. */
export function* valueStreams(values: readonly Value[]): Iterable<EncodedStream> {
  for (const wide of [false, true])
    for (const { key, value } of values) {
      const seen = new Set<string>();
      const text = textOf(value.reveal());
      for (const { name, text: lines, spell } of VALUE_ENCODINGS)
        for (const { bytes, shared } of spell(value.reveal(), text)) {
          const id = Buffer.from(bytes).toString('latin1');
          if (seen.has(id) || (wide && !isAscii(bytes))) continue;
          seen.add(id);
          const form = { name, text: lines, unit: WHOLE };
          yield { key, component: '', form, wide, encoded: new Secret(bytes), shared };
        }
    }
}

/**
 * Sweeps with all encodings. One more, with at most {@link MOST_NEEDLES} needles, is for the most likely
 * encodings of all further keys.
 */
export const WHOLE_GROUPS = 4;

interface NeedleNet {
  net: Net;
  /** Needle and length in bytes of a pattern, by its id. */
  needleOf(id: number): number;
  lengthOf(id: number): number;
}

/**
 * One net for the needle kernel. Literals too short for it (a password of 8 characters) go to the kernel of
 * the rules' literals.
 */
function* netsOf(literals: readonly Secret[]): Pausing<never, NeedleNet[]> {
  const all = literals.map((literal, needle) => ({ bytes: literal.reveal(), needle }));
  const long = all.filter(({ bytes }) => bytes.length >= SHORTEST);
  const short = all.filter(({ bytes }) => bytes.length < SHORTEST);
  const named = (part: typeof all, net: Net): NeedleNet => {
    const ids = Uint32Array.from(part, ({ needle }) => needle);
    const lengths = Uint32Array.from(part, ({ bytes }) => bytes.length);
    return { net, needleOf: (id) => ids[literalIndex(id)]!, lengthOf: (id) => lengths[literalIndex(id)]! };
  };
  const nets: NeedleNet[] = [];
  if (long.length > 0) nets.push(named(long, yield* needleNet(long.map(({ bytes }) => bytes))));
  const literal = ({ bytes }: { bytes: Uint8Array }): Literal => {
    return { bytes, caseless: false, wide: false, rules: [] };
  };
  if (short.length > 0) nets.push(named(short, compileLiterals(short.map(literal))));
  return nets;
}

/** Compiled needles of one copies sweep. */
export interface CopyNets {
  keys: readonly CopyTarget[];
  needles: Needles;
  nets: readonly NeedleNet[];
}

/**
 * Upper bounds on the needles of one value in all its spellings, and of one component with its derived
 * values.
 */
const NEEDLES_OF_VALUE = 250;
const needlesOfComponent = ({ name, value }: Component): number =>
  BYTE_STRINGS.has(name) ? 60 + 0.6 * value.length : 40 + 1.5 * value.length + needlesOfNegated(name, value);
/** Of the group order minus a scalar, of two curves of 32 octets. */
const needlesOfNegated = (name: string, { length }: Secret): number =>
  name === 'd' && length <= MOST_SCALAR ? 12 : 0;
/** Octets of a scalar of P-521. */
const MOST_SCALAR = 66;

const weightOf = ({ components, value }: CopyTarget): number =>
  components.reduce(
    (sum, part) => sum + needlesOfComponent(part),
    value === undefined ? 0 : NEEDLES_OF_VALUE,
  );

/**
 * Groups of keys, in order, one a sweep: each group but the last is searched in every encoding. A further key
 * changes none of the groups before the last. Public halves take no room of secrets: they are in the last
 * group if they fit, or else in a group of their own.
 */
export function groupsOf(all: readonly CopyTarget[]): CopyTarget[][] {
  const groups: CopyTarget[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const key of all) {
    if (key.isPublic) continue;
    weight += weightOf(key);
    if (weight > MOST_NEEDLES && groups.length <= WHOLE_GROUPS) {
      groups.push([]);
      weight = weightOf(key);
    }
    groups.at(-1)!.push(key);
  }
  const halves = all.filter(({ isPublic }) => isPublic);
  if (halves.length === 0) return groups;
  if (halves.reduce((sum, half) => sum + weightOf(half), weight) > MOST_NEEDLES) groups.push(halves);
  else groups.at(-1)!.push(...halves);
  return groups;
}

/**
 * Values first: a key remains findable without some of its pieces, a value does not. Derived values last:
 * only some libraries keep them.
 */
function* streamsOf(keys: readonly CopyTarget[]): Pausing<EncodedStream> {
  yield* valueStreams(keys.flatMap(({ value }, key) => (value ? [{ key, value }] : [])));
  const withInverses: Pick<CopyTarget, 'components'>[] = [];
  for (const { components } of keys) {
    withInverses.push({ components: withBothInverses(components) });
    yield;
  }
  yield* componentStreams(withInverses);
  yield* derivedStreams(keys);
}

/** Compiles the needles of one group. Takes 20 ms for an RSA key: done once for all artifacts. */
export function* compileCopies(keys: readonly CopyTarget[]): Pausing<never, CopyNets> {
  const needles = yield* needlesOf(streamsOf(keys));
  return { keys, needles: { ...needles, literals: [] }, nets: yield* netsOf(needles.literals) };
}
