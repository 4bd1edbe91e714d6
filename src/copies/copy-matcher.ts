import { partitionPoint } from '../base/bytes/binary-search.js';
import { unionOf } from '../base/bytes/intervals.js';
import type { View, Window } from '../formats/memory/types.js';
import type { Extent, Wide } from '../model/report.js';
import { extend, type Span } from './extend.js';
import type { Needles, Stream, Target } from './needles.js';

/** A place where a component of a proven key lies, whole or in part. */
export interface Copy extends Extent {
  /** Index of the key. */
  key: number;
  /** Empty where the whole is looked for: a value. */
  component: string;
  encoding: string;
  wide?: Wide;
  /** File extents in order, one where the bytes are contiguous in the file. */
  extents: Extent[];
  partial: boolean;
  /** Whole only in file order. */
  notAdjacentInMemory: boolean;
}

/** Copies kept of one artifact: what a hostile dump, one piece repeated from end to end, can cost. */
const MOST_COPIES = 100_000;
/** Of one value: one that stands everywhere must not take the room of the keys. */
const MOST_OF_VALUE = 10_000;

/**
 * Bytes beside a known place that may be a copy's by chance: where a cut leaves 15 bytes of a component, one in 256 neighbours in the file
 * makes them a needle's 16.
 */
const BY_CHANCE = 8;

/** A value is met as a whole or not at all. */
const isValue = ({ form }: Stream): boolean => !Number.isFinite(form.unit);

function inside(inner: readonly Extent[], outer: readonly Extent[]): boolean {
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

/** Byte order of a wide copy, and its bytes with the NUL that belongs to its end: by the parity of its first character. */
function widen(window: Window, span: Span): Span & { wide: Wide } {
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
 * Turns hits of the second sweep into copies: each is extended by comparison to the whole component, or as far as it goes.
 * Hits may come in any order; the result does not depend on it, nor on how the sweep was cut.
 */
export class CopyMatcher {
  readonly #needles: Needles;
  readonly #view: View;
  /** Last copy of each stream: the other pieces of it need not be extended again. */
  readonly #last = new Map<Stream, Copy>();
  /** Copies of values so far, by key. */
  readonly #counts = new Map<number, number>();
  #copies: Copy[] = [];
  #limited = 0;

  constructor(needles: Needles, view: View) {
    this.#needles = needles;
    this.#view = view;
  }

  /** Hits that were not looked at because there were too many copies: a `limits` entry of the artifact. */
  get limited(): number {
    return this.#limited;
  }

  /** One exact hit: file offset of the literal's first byte, and which of `Needles.literals()` it is. */
  add(offset: number, needle: number): void {
    for (const target of this.#needles.targets(needle)) {
      const last = this.#last.get(target.stream);
      if (last && inside([{ offset, length: 1 }], last.extents)) continue;
      if (this.#copies.length >= MOST_COPIES || this.#full(target.stream)) {
        this.#limited++;
        continue;
      }
      const copy = this.#copyAt(offset, target);
      if (!copy) continue;
      this.#last.set(target.stream, copy);
      this.#copies.push(copy);
      if (isValue(target.stream)) this.#counts.set(copy.key, (this.#counts.get(copy.key) ?? 0) + 1);
    }
  }

  #full(stream: Stream): boolean {
    return isValue(stream) && (this.#counts.get(stream.key) ?? 0) >= MOST_OF_VALUE;
  }

  /**
   * Copies by offset. `known` has the occurrences of each key that are reported already, by the key's index: what lies
   * inside one of them is no news, nor are a few bytes that only the file's order puts beside it.
   */
  finish(known: readonly (readonly Extent[])[]): Copy[] {
    const covers = known.map((extents) => unionOf(extents));
    const kept: Copy[] = [];
    const longest = new Map<string, Copy[]>();
    const order = this.#copies.sort(
      (a, b) => a.offset - b.offset || b.length - a.length || Number(a.partial) - Number(b.partial),
    );
    for (const copy of order) {
      const cover = covers[copy.key];
      const news = cover && copy.extents.reduce((sum, extent) => sum + bytesOutside(extent, cover), 0);
      if (news !== undefined && news < (copy.notAdjacentInMemory ? BY_CHANCE : 1)) continue;
      const name = `${copy.key} ${copy.component}`;
      // Those that still reach this far. Whatever piece of a copy was met, it was extended to the same whole: a
      // part of it that begins elsewhere than in its first extent is not to be feared.
      const open = (longest.get(name) ?? []).filter(
        ({ extents: [first] }) => first !== undefined && first.offset + first.length > copy.offset,
      );
      const held = open.some((other) => inside(copy.extents, other.extents));
      longest.set(name, held ? open : [...open, copy]);
      if (!held) kept.push(copy);
    }
    this.#copies = [];
    this.#counts.clear();
    this.#last.clear();
    return kept;
  }

  #copyAt(offset: number, target: Target): Copy | undefined {
    const { stream } = target;
    const stride = stream.wide ? 2 : 1;
    // Line breaks and indentation may take as much again.
    const slack = stream.form.text ? 2 : 1;
    const before = target.at * stride * slack + 64;
    const after = (stream.encoded.length - target.at) * stride * slack + 64;
    const inMemory = this.#span(offset, before, after, 'memory', target);
    if (this.#view.plain(offset, before, after)) return inMemory?.copy;
    const inFile = this.#span(offset, before, after, 'file', target);
    if (!inFile || (inMemory && inMemory.matched >= inFile.matched)) return inMemory?.copy;
    return { ...inFile.copy, notAdjacentInMemory: true };
  }

  #span(
    offset: number,
    before: number,
    after: number,
    order: 'memory' | 'file',
    target: Target,
  ): { copy: Copy; matched: number } | undefined {
    const { stream } = target;
    const window = this.#view.window(offset, before, after, order);
    const span = extend(window.bytes, window.at, target);
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
