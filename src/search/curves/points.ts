import { curveByName } from '../../asn1/curves.js';
import { type Domain, isOnCurve } from '../../asn1/domain.js';
import { readSpki, uncompressed } from '../../asn1/spki.js';
import { toBytes } from '../../base/bytes/integers.js';
import type { NumberRecord } from '../../runs/records.js';
import { TEXT_ENCODINGS, toNumber } from '../core/integer-encodings.js';
import type { Kernel } from '../core/kernel.js';
import type { NumberSet } from '../core/number-set.js';
import type { Budget } from '../core/skipped-work.js';
import type { PublicKey } from '../core/types.js';
import { fromBnMontgomery } from './bn-montgomery.js';
import { nearLikely } from './candidate-order.js';
import { ARRAY_START } from './curve-numbers.js';
import { type FileOrder, jacobianPoints, type PointContext } from './jacobian-points.js';
import { bucketOf, bucketsNear, isNear, type KernelCurve, type NumberForm } from './kernel-curve.js';
import { BATCH_SIZE, PointBatch } from './point-batch.js';

/** A point of a curve that the dump shows. */
export interface Point {
  x: bigint;
  y: bigint;
  /** It stands somewhere as a public key is written: uncompressed (SEC 1, 2.3.3), in a certificate or SubjectPublicKeyInfo. */
  written: boolean;
  /** Where its coordinates stand as numbers by themselves. */
  places?: readonly number[];
}

/** Points by x. */
export type Points = Map<bigint, Point>;

const UNCOMPRESSED = 0x04;
/** A map has 256 bits for each word that it holds, up to a megabyte: more than that takes longer to clear than it saves. */
const filterBits = (count: number): number => Math.min(23, Math.max(12, 8 + Math.ceil(Math.log2(count))));
const MAX_HITS = 1 << 16;
/** Compressed points in hexadecimal digits that are taken: by the search's budget, and without one as many as there are numbers of a size. */
const COMPRESSED_BUDGET = { usual: 1024, most: 1 << 18 };

/** Numbers of one size of which all are tried: large cores have 20,000. */
const MANY_NUMBERS = 1 << 15;
/** Those of more that are tried. */
const MAX_TRIED = 1 << 12;

/**
 * Public points without any key: two numbers of a dump that fulfil y^2 = x^3 + a x + b. A curve that has no point here has no
 * key here that could be proven, so that nothing need be multiplied on it.
 */
export class PointSearch {
  readonly #kernel: Kernel;
  readonly #curves: readonly KernelCurve[];
  readonly #found: ReadonlyMap<KernelCurve, Points>;
  /** Candidates X || Y, by octets of a coordinate. */
  readonly #batches: ReadonlyMap<number, PointBatch>;
  readonly #compressed = new Set<string>();
  readonly #mostCompressed: number;
  #work: { map: number; squares: number; rights: number; hits: number; room: number } | undefined;

  constructor(kernel: Kernel, curves: readonly KernelCurve[], budget: Budget = (usual) => usual) {
    this.#kernel = kernel;
    this.#mostCompressed = Math.min(budget(COMPRESSED_BUDGET.usual), COMPRESSED_BUDGET.most);
    this.#curves = curves;
    this.#found = new Map(curves.map((curve) => [curve, new Map()]));
    this.#batches = new Map(curves.map(({ domain: { size }, width }) => [size, new PointBatch(size, width)]));
  }

  /** What may be an uncompressed point, behind its first octet. */
  add({ bytes, at, size }: Pick<NumberRecord, 'bytes' | 'at' | 'size'>): void {
    const written = this.#batches.get(size);
    if (written === undefined) return;
    written.push(bytes, at);
    if (written.length === BATCH_SIZE) this.#checkBatch(written);
  }

  /**
   * A point as it is written (SEC 1, 2.3.3), if it is one. False where no more compressed ones are taken: half of all numbers are the x of a
   * point, and each takes a square root (70 us).
   */
  addWritten(octets: Buffer): boolean {
    if (octets[0] === UNCOMPRESSED) {
      this.add({ bytes: octets, at: 1, size: (octets.length - 1) / 2 });
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
      const [x, y] = splitPoint(point, curve.domain.size);
      this.#add(curve, x, y, true);
    }
    return true;
  }

  /** All points, by curve; those of the generator and of public roots are left out. */
  find(from: PointContext, publicKeys: readonly PublicKey[]): ReadonlyMap<KernelCurve, Points> {
    for (const written of this.#batches.values()) this.#checkBatch(written);
    const shown = publicKeys.map((key) => ({ ...key, place: this.#pointOf(key.spki) }));
    for (const { place } of shown) if (place) this.#add(place.curve, place.x, place.y, true);
    const orders = new Map<NumberSet, FileOrder>();
    const chosen = new CoordinateCandidates(from);
    for (const curve of this.#curves) {
      for (const form of chosen.forms(curve)) this.#join(curve, form);
      for (const { x, y, place } of jacobianPoints(curve, from, orders))
        this.#add(curve, x, y, false, [place]);
      this.#found.get(curve)!.delete(curve.domain.x);
    }
    for (const { place, root } of shown) if (root && place) this.#found.get(place.curve)!.delete(place.x);
    return this.#found;
  }

  #add(curve: KernelCurve, x: bigint, y: bigint, written: boolean, places: readonly number[] = []): void {
    if (!isOnCurve(curve.domain, x, y)) return;
    const points = this.#found.get(curve)!;
    const known = points.get(x);
    const all = [...(known?.places ?? []), ...places];
    // As a key is written, it has the y of that key.
    const own = known && (known.written || !written) ? known : { x, y, written };
    points.set(x, all.length === 0 ? own : { ...own, places: all });
  }

  /** The point of a public key on one of the curves. */
  #pointOf(spki: Uint8Array): { curve: KernelCurve; x: bigint; y: bigint } | undefined {
    const key = readSpki(spki)?.key;
    if (key?.type !== 'ec') return undefined;
    const { point } = key;
    const curve = this.#curves.find(({ domain: { name } }) => name === key.curve);
    if (curve === undefined || point[0] !== UNCOMPRESSED) return undefined;
    const [x, y] = splitPoint(point, curve.domain.size);
    return { curve, x, y };
  }

  /** Which of the candidates are points, on every curve of their size. */
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
        const [x, y] = [written.xs(), written.ys()].map((all) =>
          all.subarray(i * curve.width, (i + 1) * curve.width),
        );
        this.#add(curve, toNumber(x!, 'bytes-be'), toNumber(y!, 'bytes-be'), true);
      }
    }
    written.length = 0;
  }

  /** Every pair of numbers in one form that fulfils the equation, by the low words of its two sides. */
  #join(curve: KernelCurve, { values, form, written, placesOf = () => [] }: Values): void {
    const count = values.length / curve.width;
    if (count < 2) return;
    const { map, squares, rights, hits } = this.#workspace(count);
    curve.equation(values, form, squares, rights);
    const { call } = this.#kernel;
    const bits = filterBits(count);
    call.clear(map, bits);
    call.markNear(squares, count, map, bits);
    const found = call.probeNear(rights, count, map, bits, hits, MAX_HITS);
    if (found === 0) return;
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
    // The squares of those alone: few of the numbers come to the host.
    this.#kernel.u64(rights, found).set(words);
    call.clear(map, bits);
    call.markNear(rights, found, map, bits);
    const likely = call.probeNear(squares, count, map, bits, hits, MAX_HITS);
    const ys = this.#kernel.u64(squares, count);
    for (const index of this.#kernel.u32(hits, likely))
      for (const eighth of bucketsNear(ys[index]!)) {
        const i = xs.get(eighth);
        if (i !== undefined)
          this.#add(curve, value(i), value(index), written, [...placesOf(i), ...placesOf(index)]);
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

/** Of an uncompressed point. */
const splitPoint = (point: Uint8Array, size: number): [bigint, bigint] => [
  toNumber(point.subarray(1, 1 + size), 'bytes-be'),
  toNumber(point.subarray(1 + size), 'bytes-be'),
];

/** Numbers of a curve's size in one form; `written` as a key is. */
interface Values {
  values: Buffer;
  form: NumberForm;
  written: boolean;
  /** Where the number at an index stands. */
  placesOf?(index: number): number[];
}

/** The numbers that are tried as coordinates. */
class CoordinateCandidates {
  readonly #from: PointContext;
  readonly #chosen = new Map<NumberSet, Pick<Values, 'values' | 'placesOf'>>();

  constructor(from: PointContext) {
    this.#from = from;
  }

  /** Those of a curve's size in each form. */
  *forms(curve: KernelCurve): Generator<Values> {
    for (const form of this.#bareForms(curve)) yield { ...form, written: false };
    for (const reading of TEXT_ENCODINGS) {
      const texts = this.#from.numbers.texts[reading].get(curve.width);
      if (texts) yield { values: texts.bytes, form: 'bytes-be', written: true };
    }
  }

  *#bareForms({ domain, width }: KernelCurve): Generator<Omit<Values, 'written'>> {
    const { inWords, bySize } = this.#from.numbers;
    for (const [reading, set] of inWords.get(width)!) {
      yield { ...this.#valuesOf(set), form: 'limbs-le' };
      if (reading === 'limbs-le') yield { ...this.#valuesOf(set), form: 'montgomery' };
    }
    yield* this.#engineForms(domain, width);
    const set = bySize.get(domain.size);
    if (set === undefined) return;
    for (const form of ['limbs-le', 'montgomery', 'bytes-be'] as const)
      yield { ...this.#valuesOf(set), form };
    const arrays = Buffer.concat([...set.indicesWith(ARRAY_START)].map((i) => set.at(i)));
    yield { values: arrays.swap32(), form: 'bytes-be' };
  }

  /** In digits of JavaScript's engines, x in one kind and y in another: plain, and as bn.js has them for curves without a reduction of their own. */
  *#engineForms(domain: Domain, width: number): Generator<Omit<Values, 'written'>> {
    const all = [...this.#from.numbers.jsEngineSets(width).values()].map((set) => this.#valuesOf(set));
    if (all.length === 0) return;
    const values = Buffer.concat(all.map((each) => each.values));
    const places = all.flatMap(({ values, placesOf }) =>
      Array.from({ length: values.length / width }, (_, i) => placesOf?.(i) ?? []),
    );
    const placesOf = (index: number) => places[index]!;
    yield { values, placesOf, form: 'limbs-le' };
    yield { values: fromBnMontgomery(values, domain, width), placesOf, form: 'limbs-le' };
  }

  /** One after the other. What is left out of a crowd is told once, for all curves. */
  #valuesOf(set: NumberSet): Pick<Values, 'values' | 'placesOf'> {
    const { budget, shortfall } = this.#from;
    const placesOf = (index: number) => [set.offset(index), set.last(index)];
    if (set.length <= budget(MANY_NUMBERS)) return { values: set.bytes, placesOf };
    const known = this.#chosen.get(set);
    if (known) return known;
    const indices = nearLikely(set).subarray(0, budget(MAX_TRIED));
    const values = Buffer.from(set.inOrder(indices).buffer);
    const chosen = { values, placesOf: (index: number) => placesOf(indices[index]!) };
    this.#chosen.set(set, chosen);
    const left = set.length - indices.length;
    const { from, to } = set.extent;
    if (left > 0)
      shortfall.add('ec-coordinates', 'numbers were not tried as coordinates of a point', from, to, left);
    return chosen;
  }
}

/** Uncompressed form. */
export function encodePoint({ x, y }: Point, size: number): Buffer {
  const fill = (value: bigint) => {
    const bytes = toBytes(value);
    return Buffer.concat([Buffer.alloc(size - bytes.length), bytes]);
  };
  return Buffer.concat([Buffer.of(UNCOMPRESSED), fill(x), fill(y)]);
}
