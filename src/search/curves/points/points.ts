import { curveByName } from '../../../core/asn1/curves.js';
import { isOnCurve } from '../../../core/asn1/domain.js';
import { readSpki, uncompressed } from '../../../core/asn1/spki.js';
import { definedFields } from '../../../core/base/runtime/defined.js';
import type { Pausing } from '../../../core/base/runtime/turns.js';
import type { LimitTarget } from '../../../core/limits/limit.js';
import type { NumberRecord } from '../../../sweep/runs/records.js';
import type { Foreign } from '../../core/foreign.js';
import { toNumber } from '../../core/integer-encodings.js';
import type { NumberKernel } from '../../core/kernel.js';
import type { NumberSet } from '../../core/number-set.js';
import { distinctTargets, type Scale, targetOfKey } from '../../core/skipped-work.js';
import type { SearchedPublicKey } from '../../core/types.js';
import { toOctets } from '../numbers/octets.js';
import { type Affine, splitPoint } from './affine.js';
import { CoordinateCandidates, type CoordinateValues } from './coordinate-candidates.js';
import { type FileOrder, jacobianPoints, type PointContext } from './jacobian-points.js';
import { bucketOf, bucketsNear, isNear, type KernelCurve } from './kernel-curve.js';
import { BATCH_SIZE, PointBatch } from './point-batch.js';

/** A point of a curve found in the dump. */
export interface Point extends Affine {
  /**
   * It is encoded as a public key somewhere: as an uncompressed point (SEC 1, 2.3.3), in a certificate or in
   * a SubjectPublicKeyInfo.
   */
  written: boolean;
  /** It is a --find target. */
  asked?: boolean;
  /** Set if all public keys with it may be foreign (core/foreign.ts). */
  foreign?: readonly Foreign[];
  /** File offsets at which its coordinates are stored as bare numbers. */
  places?: readonly number[];
  /** File offsets of its uncompressed form, in public keys and outside of them. */
  encoded?: readonly number[];
  /** File offsets of some encodings of it as a public key. */
  shown?: readonly number[];
  /** Its negative, with the other y, if that is in the dump too; it is written only if this point is. */
  negative?: Point;
}

/** A point and its curve. */
type PlacedPoint = Affine & { curve: KernelCurve };

/** Points by x. */
export type Points = Map<bigint, Point>;
export type CurvePoints = ReadonlyMap<KernelCurve, Points>;

/** What a search for the private key of a point is for. */
export const targetOf = ({ asked = false, foreign, written }: Point): LimitTarget =>
  written || asked ? targetOfKey({ isTarget: asked, ...definedFields({ foreign }) }) : 'blind';

/** What a search for the private keys of some points is for. */
export function targetsOf(points: Iterable<Point>): LimitTarget[] {
  return distinctTargets([...points].map(targetOf));
}

/** The point with this x once `added` is known too, of two that are negatives the one that is written. */
function mergedPoint(known: Point | undefined, added: Point): Point {
  if (known === undefined) return added;
  if (known.y === added.y) {
    const places = [...(known.places ?? []), ...(added.places ?? [])];
    const encoded = [...(known.encoded ?? []), ...(added.encoded ?? [])];
    const written = known.written || added.written;
    return {
      ...known,
      written,
      ...(places.length > 0 && { places }),
      ...(encoded.length > 0 && { encoded: encoded.slice(0, MOST_ENCODED + 1) }),
    };
  }
  const { negative: last, ...point } = known;
  const negative = mergedPoint(last, added);
  return negative.written && !point.written ? { ...negative, negative: point } : { ...point, negative };
}

/** Both points with the x of this one that may be keys: of two, the one that is written as a key. */
export const identitiesOf = (point: Point): Point[] =>
  point.negative === undefined || point.written !== point.negative.written
    ? [point]
    : [point, point.negative];

/** Points that are written as keys before all others. */
export const writtenFirst = (points: Iterable<Point>): Point[] =>
  [...points].sort((a, b) => Number(b.written) - Number(a.written));

/** Places of the uncompressed form of a point. One more is kept to tell that there are more. */
export const MOST_ENCODED = 64;
const UNCOMPRESSED = 0x04;
/**
 * Bits of the index of the bitmap that prefilters the join: 256 bits per word, up to 1 MB; a larger map takes
 * longer to clear than it saves.
 */
const filterBits = (count: number): number => Math.min(23, Math.max(12, 8 + Math.ceil(Math.log2(count))));
const MAX_HITS = 1 << 16;
/**
 * Compressed points accepted from hexadecimal digits: by default, and as a bound on memory without a budget.
 */
const COMPRESSED_BUDGET = { usual: 1024, most: 1 << 18 };

/**
 * Finds public points: pairs of numbers (x, y) of the dump with y^2 = x^3 + a x + b. The join compares one
 * word of y^2 with one word of the right side. A private key is proven by its point, so on a curve without
 * points nothing is multiplied.
 */
export class PointSearch {
  readonly #kernel: NumberKernel;
  readonly #curves: readonly KernelCurve[];
  readonly #found: CurvePoints;
  /** Candidates x || y of uncompressed points, by octets of a coordinate. */
  readonly #batches: ReadonlyMap<number, PointBatch>;
  readonly #compressed = new Set<string>();
  readonly #mostCompressed: number;
  #work: { map: number; squares: number; rights: number; hits: number; room: number } | undefined;

  constructor(kernel: NumberKernel, curves: readonly KernelCurve[], budget: Scale = (usual) => usual) {
    this.#kernel = kernel;
    this.#mostCompressed = Math.min(budget(COMPRESSED_BUDGET.usual), COMPRESSED_BUDGET.most);
    this.#curves = curves;
    this.#found = new Map(curves.map((curve) => [curve, new Map()]));
    this.#batches = new Map(curves.map(({ domain: { size }, width }) => [size, new PointBatch(size, width)]));
  }

  /** Adds a candidate for an uncompressed point, given from its second octet on. */
  add({ offset, bytes, at, size }: Pick<NumberRecord, 'offset' | 'bytes' | 'at' | 'size'>): void {
    const written = this.#batches.get(size);
    if (written === undefined) return;
    written.push(bytes, at, offset);
    if (written.length === BATCH_SIZE) this.#checkBatch(written);
  }

  /**
   * Adds an encoded point (SEC 1, 2.3.3) if it is on a curve. False once no more compressed points are
   * accepted: half of all numbers are the x of a point, and each costs a square root (70 us).
   */
  addEncoded(octets: Buffer, offset: number): boolean {
    if (octets[0] === UNCOMPRESSED) {
      this.add({ offset, bytes: octets, at: 1, size: (octets.length - 1) / 2 });
      return true;
    }
    const known = octets.toString('latin1');
    if (this.#compressed.has(known)) return true;
    if (this.#compressed.size >= this.#mostCompressed) return false;
    this.#compressed.add(known);
    for (const curve of this.#curves) {
      const named = curveByName(curve.domain.name);
      const point =
        named && curve.domain.size === octets.length - 1 ? uncompressed(named, octets) : undefined;
      if (point === undefined) continue;
      this.#add(curve, splitPoint(point, curve.domain.size), true);
    }
    return true;
  }

  /** All points found, by curve, without the generator and the keys of public roots. */
  *find(from: PointContext, publicKeys: readonly SearchedPublicKey[]): Pausing<never, CurvePoints> {
    for (const written of this.#batches.values()) this.#checkBatch(written);
    const shown: (SearchedPublicKey & { place: PlacedPoint | undefined })[] = [];
    for (const key of publicKeys) {
      const place = this.#pointOf(key.spki);
      if (place) this.#add(place.curve, place, true);
      shown.push({ ...key, place });
      yield;
    }
    const orders = new Map<NumberSet, FileOrder>();
    const chosen = new CoordinateCandidates(from);
    for (const curve of this.#curves) {
      const full = (left: number) => {
        const what = 'numbers were not all tried as coordinates of a point';
        from.skippedWork.add('ec-points', { target: 'any', left }, what, 0, from.length);
      };
      for (const form of chosen.forms(curve)) yield* this.#join(curve, form, full);
      for (const { place, ...point } of jacobianPoints(curve, from, orders)) {
        this.#add(curve, point, false, [place]);
        yield;
      }
      this.#found.get(curve)!.delete(curve.domain.x);
    }
    const isWritten = new Set<Point>();
    for (const { place, isPublicRoot, isTarget, foreign, places = [] } of shown) {
      if (place === undefined) continue;
      const points = this.#found.get(place.curve)!;
      const point = points.get(place.x);
      if (isPublicRoot) points.delete(place.x);
      else if (point) {
        if (isTarget) point.asked = true;
        if (foreign === undefined) isWritten.add(point);
        else point.foreign = [...(point.foreign ?? []), foreign];
        if (isWritten.has(point)) delete point.foreign;
        if (places.length > 0) point.shown = [...(point.shown ?? []), ...places];
      }
    }
    return this.#found;
  }

  #add(curve: KernelCurve, { x, y }: Affine, written: boolean, places: readonly number[] = []): void {
    this.#put(curve, { x, y, written, ...(places.length > 0 && { places }) });
  }

  #put(curve: KernelCurve, point: Point): void {
    const { x, y } = point;
    if (!isOnCurve(curve.domain, x, y)) return;
    const points = this.#found.get(curve)!;
    points.set(x, mergedPoint(points.get(x), point));
  }

  /** The point of a public key on one of the curves. */
  #pointOf(spki: Uint8Array): PlacedPoint | undefined {
    const key = readSpki(spki)?.key;
    if (key?.type !== 'ec') return undefined;
    const { point } = key;
    const curve = this.#curves.find(({ domain: { name } }) => name === key.curve);
    if (curve === undefined || point[0] !== UNCOMPRESSED) return undefined;
    return { curve, ...splitPoint(point, curve.domain.size) };
  }

  /** Checks the batch against the equation of every curve of its size. */
  #checkBatch(written: PointBatch): void {
    const count = written.length;
    if (count === 0) return;
    const { squares, rights } = this.#workspace(count);
    for (const curve of this.#curves) {
      if (curve.domain.size !== written.size) continue;
      curve.equation(written.ys(), 'bytes-be', squares, 0);
      const ySquares = this.#kernel.u64(squares, count).slice();
      curve.equation(written.xs(), 'bytes-be', squares, rights);
      const xRights = this.#kernel.u64(rights, count);
      for (let i = 0; i < count; i++) {
        if (!isNear(ySquares[i]!, xRights[i]!)) continue;
        const coordinate = (all: Buffer) =>
          toNumber(all.subarray(i * curve.width, (i + 1) * curve.width), 'bytes-be');
        const point = { x: coordinate(written.xs()), y: coordinate(written.ys()) };
        this.#put(curve, { ...point, written: true, encoded: [written.offsets[i]!] });
      }
    }
    written.length = 0;
  }

  /** Joins y^2 with x^3 + a x + b over all numbers in one form, by the low words of the two sides. */
  *#join(
    curve: KernelCurve,
    { values, form, written, placesOf = () => [] }: CoordinateValues,
    full: (count: number) => void,
  ): Pausing<never> {
    const count = values.length / curve.width;
    if (count < 2) return;
    const { map, squares, rights, hits } = this.#workspace(count);
    yield* curve.equations(values, form, squares, rights);
    const { call } = this.#kernel;
    const bits = filterBits(count);
    call.clear(map, bits);
    call.markNear(squares, count, map, bits);
    const found = call.probeNear(rights, count, map, bits, hits, MAX_HITS);
    if (found === 0) return;
    if (found === MAX_HITS) full(count);
    const sides = this.#kernel.u64(rights, count);
    const xs = new Map<bigint, number>();
    const words = new BigUint64Array(found);
    for (const [i, index] of this.#kernel.u32(hits, found).entries()) {
      words[i] = sides[index]!;
      xs.set(bucketOf(words[i]), index);
    }
    const value = (index: number): bigint => {
      const bytes = values.subarray(index * curve.width, (index + 1) * curve.width);
      if (form !== 'montgomery') return toNumber(bytes, form);
      return curve.fromMontgomery(toNumber(bytes, 'limbs-le'));
    };
    // The reverse probe, from squares to the x candidates: few of the numbers are copied to the host.
    this.#kernel.u64(rights, found).set(words);
    call.clear(map, bits);
    call.markNear(rights, found, map, bits);
    const likely = call.probeNear(squares, count, map, bits, hits, MAX_HITS);
    if (likely === MAX_HITS) full(count);
    const ys = this.#kernel.u64(squares, count);
    for (const index of this.#kernel.u32(hits, likely))
      for (const eighth of bucketsNear(ys[index]!)) {
        const i = xs.get(eighth);
        if (i !== undefined)
          this.#add(curve, { x: value(i), y: value(index) }, written, [...placesOf(i), ...placesOf(index)]);
      }
  }

  #workspace(count: number): { map: number; squares: number; rights: number; hits: number } {
    if (this.#work === undefined || this.#work.room < count) {
      const room = Math.max(4096, 2 ** Math.ceil(Math.log2(count)));
      this.#work = {
        map: this.#kernel.allocate(1 << (filterBits(room) - 3)),
        hits: this.#kernel.allocate(Math.min(room, MAX_HITS) * 4),
        squares: this.#kernel.allocate(room * 8),
        rights: this.#kernel.allocate(room * 8),
        room,
      };
    }
    return this.#work;
  }
}

/** The uncompressed form (SEC 1, 2.3.3). */
export function encodePoint({ x, y }: Point, size: number): Buffer {
  return Buffer.concat([Buffer.of(UNCOMPRESSED), toOctets(x, size), toOctets(y, size)]);
}
