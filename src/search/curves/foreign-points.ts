import { curveByName } from '../../core/asn1/curves.js';
import { readSpki, uncompressed } from '../../core/asn1/spki.js';
import type { Pausing } from '../../core/base/runtime/turns.js';
import { type Foreign, isEncoded, maySettle } from '../core/foreign.js';
import type { SearchContext } from '../core/search-context.js';
import type { SearchedPublicKey } from '../core/types.js';
import { WordProbe } from '../core/word-probe.js';
import { toLittleEndian, toOctets } from './numbers/octets.js';
import { splitPoint } from './points/affine.js';
import type { KernelCurve } from './points/kernel-curve.js';
import { type CurvePoints, MOST_ENCODED } from './points/points.js';

/** Octets of a public key of Curve25519. */
const OCTETS = 32;

/** What a library keeps of a public key that it computes with. */
interface Kept {
  foreign: Foreign;
  stored: readonly Buffer[];
}

/**
 * Settles which public keys of elliptic curves are foreign: all that are nowhere outside their encodings.
 * Keys on curves that have no search of points stay written.
 */
export function* settleForeignPoints(
  publicKeys: readonly SearchedPublicKey[],
  points: CurvePoints,
  { kernel, bytes, runs }: Pick<SearchContext, 'kernel' | 'bytes' | 'runs'>,
): Pausing<never> {
  const curves = new Map([...points.keys()].map((curve) => [curve.domain.name, curve]));
  const open = new Set<Foreign>();
  const probe = new WordProbe<Kept>();
  for (const { spki, foreign } of publicKeys) {
    if (foreign === undefined || !maySettle(foreign, runs.isCut)) continue;
    const stored = storedForms(spki, curves, (curve, x, y) => {
      const point = points.get(curve)!.get(x);
      if (point === undefined || point.y !== y || point.negative) return false;
      const { places = [], encoded = [] } = point;
      return encoded.length <= MOST_ENCODED && isEncoded(foreign, [...places, ...encoded]);
    });
    yield;
    if (stored === undefined) continue;
    open.add(foreign);
    for (const each of stored) probe.add(each.readBigUInt64LE(), { foreign, stored });
  }
  for (const seen of probe.search(kernel, bytes, runs)) {
    if (seen === undefined) {
      yield;
      continue;
    }
    const { foreign, stored } = seen.label;
    const isThere = stored.some(
      (each) => seen.after >= each.length && each.equals(seen.bytes.subarray(seen.at, seen.at + each.length)),
    );
    if (isThere && !isEncoded(foreign, [seen.offset])) open.delete(foreign);
  }
  for (const foreign of open) foreign.isSettled = true;
}

/**
 * The x of a point, as octets, in words and in Montgomery form, or the octets of another public key.
 * Undefined if the key is on a curve that is not searched, or its point is not `accepted`.
 */
function storedForms(
  spki: Uint8Array,
  curves: ReadonlyMap<string, KernelCurve>,
  accepted: (curve: KernelCurve, x: bigint, y: bigint) => boolean,
): Buffer[] | undefined {
  const key = readSpki(spki)?.key;
  if (key?.type === 'okp' && key.public.length === OCTETS) return [Buffer.from(key.public)];
  const curve = key?.type === 'ec' ? curves.get(key.curve) : undefined;
  if (key?.type !== 'ec' || curve === undefined) return undefined;
  const { domain, width } = curve;
  const named = curveByName(key.curve);
  const octets = named && uncompressed(named, key.point);
  if (octets === undefined) return undefined;
  const place = splitPoint(octets, domain.size);
  if (!accepted(curve, place.x, place.y)) return undefined;
  const montgomery = (place.x << BigInt(8 * width)) % domain.p;
  return [
    toOctets(place.x, domain.size),
    ...[place.x, montgomery].map((value) => Buffer.from(toLittleEndian(value, width))),
  ];
}
