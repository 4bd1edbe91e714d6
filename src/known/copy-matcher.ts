import { partitionPoint } from '../core/base/bytes/binary-search.js';
import { unionOf } from '../core/base/bytes/intervals.js';
import type { Pausing } from '../core/base/runtime/turns.js';
import type { Extent, Wide } from '../core/model/report.js';
import type { View, Window } from '../formats/memory/types.js';
import type { EncodedStream, Needles, NeedleTarget } from './needles.js';
import { BreakWalker, type KnownMatch } from './walker.js';

const BASE64 = new Set(
  Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_', 'latin1'),
);

/** Index of the shared character beyond the end of the copy, if there is one. */
function sharedCharacter(walker: BreakWalker, index: number, step: number): number {
  const next = walker.skipBreaks(index + step, step);
  return BASE64.has(walker.read(next, step)) ? next : index;
}

/**
 * The copy around a literal at `at` of the window; undefined if the literal is not there, because the window
 * continues in another order than the sweep. Linear in the window.
 */
function copyExtent(bytes: Uint8Array, at: number, target: NeedleTarget): KnownMatch | undefined {
  const { form, wide, encoded, shared } = target.stream;
  const value = encoded.reveal();
  const stride = wide ? 2 : 1;
  for (let i = 0; i < target.length; i++)
    if (bytes[at + i * stride] !== value[target.at + i]) return undefined;
  if (wide) for (let i = 1; i < target.length; i++) if (bytes[at + 2 * i - 1] !== 0) return undefined;
  const walker = new BreakWalker(bytes);
  const match = {
    ...{ from: target.at, to: target.at + target.length },
    ...{ start: at, end: at + (target.length - 1) * stride + 1 },
  };
  walker.extend(match, value, 0, value.length, stride, form.text);
  if (match.from === 0 && shared.before === 1) match.start = sharedCharacter(walker, match.start, -stride);
  if (match.to === value.length && shared.after === 1)
    match.end = sharedCharacter(walker, match.end - 1, stride) + 1;
  return match;
}

/** A copy of a component of a key, whole or partial. */
export interface Copy extends Extent {
  /** Index of the key. */
  key: number;
  /** Empty for a value, which has no components. */
  component: string;
  encoding: string;
  wide?: Wide;
  /** File extents in order; one if the bytes are contiguous in the file. */
  extents: Extent[];
  partial: boolean;
  /** Whole only in file order. */
  notAdjacentInMemory: boolean;
}

/** Upper bound on copies in one artifact: a hostile dump repeats one piece from end to end. */
const MOST_COPIES = 100_000;
/** Upper bound on copies of one value: a value that is everywhere must not take the room of the keys. */
const MOST_OF_VALUE = 10_000;
/** Upper bound on comparisons, of 5 us each: values that differ in a few characters share needles. */
const MOST_COMPARED = 4_000_000;

/**
 * Bytes next to a known place that may match by chance: if a cut leaves 15 bytes of a component, one in 256
 * neighbours in the file completes the 16 of a needle.
 */
const CHANCE_BYTES = 8;

/** Values match as a whole only. */
const isValue = ({ form }: EncodedStream): boolean => !Number.isFinite(form.unit);

function isInside(inner: readonly Extent[], outer: readonly Extent[]): boolean {
  return inner.every(({ offset, length }) =>
    outer.some((extent) => extent.offset <= offset && offset + length <= extent.offset + extent.length),
  );
}

/** Number of bytes of an extent outside `union`, which is ascending and disjoint. */
function bytesOutside({ offset, length }: Extent, union: readonly Extent[]): number {
  const end = offset + length;
  let outside = length;
  const first = partitionPoint(union.length, (i) => union[i]!.offset + union[i]!.length <= offset);
  for (let i = first; i < union.length && union[i]!.offset < end; i++) {
    const each = union[i]!;
    outside -= Math.min(end, each.offset + each.length) - Math.max(offset, each.offset);
  }
  return outside;
}

/**
 * Byte order of a wide copy, with the NUL of its last or first character; the parity of its offset decides if
 * both are possible.
 */
function widen(window: Window, span: KnownMatch): KnownMatch & { wide: Wide } {
  const { bytes } = window;
  const littleEndian = { ...span, end: span.end + 1, wide: 'le' as const };
  const bigEndian = { ...span, start: span.start - 1, wide: 'be' as const };
  const canBe = bytes[span.start - 1] === 0;
  const canLe = bytes[span.end] === 0;
  if (canBe && canLe) return window.offsetOf(span.start) % 2 === 0 ? littleEndian : bigEndian;
  if (canBe) return bigEndian;
  return canLe ? littleEndian : { ...span, wide: 'le' };
}

/**
 * Turns hits of the copies sweep into copies: each hit is extended by comparison to the whole component, or
 * as far as it matches. The result does not depend on the order of hits, nor on how the sweep was divided.
 */
export class CopyMatcher {
  readonly #needles: Needles;
  readonly #view: View;
  /** Last copy of each stream: its other pieces need not be extended again. */
  readonly #last = new Map<EncodedStream, Copy>();
  /** Number of copies of values, by key. */
  readonly #counts = new Map<number, number>();
  #copies: Copy[] = [];
  /** Comparisons of a hit with a stream so far. */
  #compared = 0;
  #limited = 0;

  constructor(needles: Needles, view: View) {
    this.#needles = needles;
    this.#view = view;
  }

  /** Number of hits dropped because there were too many copies, for `coverage.limits`. */
  get limited(): number {
    return this.#limited;
  }

  /** Adds a hit: file offset of the literal's first byte, and its index in `Needles.literals`. */
  add(offset: number, needle: number): void {
    for (const target of this.#needles.targets[needle] ?? []) {
      const last = this.#last.get(target.stream);
      if (last && isInside([{ offset, length: 1 }], last.extents)) continue;
      if (
        this.#copies.length >= MOST_COPIES ||
        this.#full(target.stream) ||
        this.#compared >= MOST_COMPARED
      ) {
        this.#limited++;
        continue;
      }
      this.#compared++;
      const copy = this.#copyAt(offset, target);
      if (!copy) continue;
      this.#last.set(target.stream, copy);
      this.#copies.push(copy);
      if (isValue(target.stream)) this.#counts.set(copy.key, (this.#counts.get(copy.key) ?? 0) + 1);
    }
  }

  #full(stream: EncodedStream): boolean {
    return isValue(stream) && (this.#counts.get(stream.key) ?? 0) >= MOST_OF_VALUE;
  }

  /**
   * Copies by offset. `known` has the reported occurrences of each key, by the key's index: copies inside one
   * of them are dropped, and so are a few bytes next to it that are adjacent in the file alone.
   */
  *finish(known: readonly (readonly Extent[])[]): Pausing<Copy> {
    const covers = new Map<number, Extent[]>();
    const longest = new Map<string, Copy[]>();
    const order = this.#copies.sort(
      (a, b) => a.offset - b.offset || b.length - a.length || Number(a.partial) - Number(b.partial),
    );
    for (const copy of order) {
      yield;
      const places = known[copy.key];
      const cover = places && (covers.get(copy.key) ?? unionOf(places));
      if (cover) covers.set(copy.key, cover);
      const newBytes = cover && copy.extents.reduce((sum, extent) => sum + bytesOutside(extent, cover), 0);
      if (newBytes !== undefined && newBytes < (copy.notAdjacentInMemory ? CHANCE_BYTES : 1)) continue;
      const name = `${copy.key} ${copy.component}`;
      // Those that reach this offset. Each piece of a copy is extended to the same whole, so a part of it
      // cannot begin in another than its first extent.
      const open = (longest.get(name) ?? []).filter(
        ({ extents: [first] }) => first !== undefined && first.offset + first.length > copy.offset,
      );
      const isCovered = open.some((other) => isInside(copy.extents, other.extents));
      longest.set(name, isCovered ? open : [...open, copy]);
      if (!isCovered) yield copy;
    }
    this.#copies = [];
    this.#counts.clear();
    this.#last.clear();
  }

  #copyAt(offset: number, target: NeedleTarget): Copy | undefined {
    const { stream } = target;
    const stride = stream.wide ? 2 : 1;
    // Line breaks and indentation may double the length.
    const slack = stream.form.text ? 2 : 1;
    const before = target.at * stride * slack + 64;
    const after = (stream.encoded.length - target.at) * stride * slack + 64;
    const inMemory = this.#span(offset, before, after, 'memory', target);
    if (this.#view.sameInBothOrders(offset, before, after)) return inMemory?.copy;
    const inFile = this.#span(offset, before, after, 'file', target);
    if (!inFile || (inMemory && inMemory.matched >= inFile.matched)) return inMemory?.copy;
    return { ...inFile.copy, notAdjacentInMemory: true };
  }

  #span(
    offset: number,
    before: number,
    after: number,
    order: 'memory' | 'file',
    target: NeedleTarget,
  ): { copy: Copy; matched: number } | undefined {
    const { stream } = target;
    const window = this.#view.window(offset, before, after, order);
    const span = copyExtent(window.bytes, window.at, target);
    if (!span) return undefined;
    const matched = span.to - span.from;
    const partial = matched < stream.encoded.length;
    if (partial && matched < stream.form.unit) return undefined;
    const { start, end, wide } = stream.wide ? widen(window, span) : { ...span, wide: undefined };
    const copy: Copy = {
      key: stream.key,
      component: stream.component,
      encoding: stream.form.name,
      ...(wide && { wide }),
      offset: window.offsetOf(start),
      length: end - start,
      extents: window.extents(start, end),
      partial,
      notAdjacentInMemory: false,
    };
    return { copy, matched };
  }
}
