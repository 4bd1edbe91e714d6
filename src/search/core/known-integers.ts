import { toBytes } from '../../core/base/bytes/integers.js';
import { NUMBER_FORMS } from '../../core/encodings/number-forms.js';
import type { LimitTarget } from '../../core/limits/limit.js';
import { INTEGER_ENCODINGS, isDigits, WORD_ENCODINGS } from './integer-encodings.js';
import { type Passes, probeRuns } from './probe-runs.js';
import type { SearchContext } from './search-context.js';
import type { IntegerEncoding } from './types.js';

/** A number of known value. */
export interface KnownInteger<T> {
  value: bigint;
  label: T;
  /** What it is searched for; `blind` by default. */
  target?: LimitTarget;
}

export interface Sighting<T> {
  label: T;
  value: bigint;
  offset: number;
  length: number;
  reading: IntegerEncoding;
}

/** A number in one encoding. */
interface Layout {
  stored: Buffer;
  reading: IntegerEncoding;
  /** Index of its lowest 8 bytes. */
  low: number;
}

export interface Where {
  /** Layouts in whole words or in digits. */
  layouts: (value: bigint) => Layout[];
  /** Bytes from one place to the next. */
  step: 1 | 4 | 8;
  /** Words of the shortest run. */
  least: number;
}

const MAP_BITS = 20;

/**
 * Lengths of numbers with one lowest word that are searched for: bounds the work of a hostile dump in which
 * all numbers have one lowest word.
 */
const MOST_LENGTHS = 8;
const UNTRIED = 'forms of known numbers were not searched for';

/**
 * Numbers of one length with one lowest word at one index, by their bytes: each place is read once for all.
 */
interface Form<T> {
  low: number;
  length: number;
  numbers: Map<string, { reading: IntegerEncoding; label: T; value: bigint }[]>;
}

function byLowWord<T>(
  wanted: readonly KnownInteger<T>[],
  layouts: (value: bigint) => Layout[],
  most: number,
  skip: (number: KnownInteger<T>) => void,
): Map<bigint, Form<T>[]> {
  const byWord = new Map<bigint, Form<T>[]>();
  for (const number of wanted) {
    const { value, label } = number;
    for (const { stored, reading, low } of layouts(value)) {
      const { length } = stored;
      const word = stored.readBigUInt64LE(low);
      const forms = byWord.get(word) ?? [];
      byWord.set(word, forms);
      let form = forms.find((form) => form.low === low && form.length === length);
      if (form === undefined) {
        if (forms.length >= most) {
          skip(number);
          continue;
        }
        form = { low, length, numbers: new Map() };
        forms.push(form);
      }
      const text = stored.toString('latin1');
      const same = form.numbers.get(text);
      if (same) same.push({ reading, label, value });
      else form.numbers.set(text, [{ reading, label, value }]);
    }
  }
  return byWord;
}

/** Every place of known numbers in the runs, in one pass. */
export function* sightings<T>(
  wanted: readonly KnownInteger<T>[],
  { kernel, bytes, runs, skippedWork, budget }: SearchContext,
  { layouts = inWords, step = 8, least = 0 }: Partial<Where> = {},
): Generator<Sighting<T>> {
  const left: LimitTarget[] = [];
  const byWord = byLowWord(wanted, layouts, budget(MOST_LENGTHS), ({ target = 'blind' }) =>
    left.push(target),
  );
  if (left.length > 0) {
    const { count, ...span } = runs.span(least, Number.POSITIVE_INFINITY);
    const [from, to] = count > 0 ? [span.from, span.to] : [0, 0];
    for (const target of left) skippedWork.add('known-numbers', { target, left: 1 }, UNTRIED, from, to);
  }
  const map = kernel.allocate(1 << (MAP_BITS - 3));
  const words = kernel.allocate(byWord.size * 8);
  kernel.u64(words, byWord.size).set([...byWord.keys()]);
  kernel.call.mark(words, byWord.size, map, MAP_BITS);
  // The number's lowest word may be adjacent to the run.
  const passes: Passes = {
    ...{ first: -8, last: 8 - step, width: 8, step, least },
    probe: (at, length, hits, most) => kernel.call.probe(at, length, step, map, MAP_BITS, hits, most),
  };
  for (const { at, piece } of probeRuns(kernel, bytes, runs, passes)) {
    for (const { low, length, numbers } of byWord.get(kernel.bytes.readBigUInt64LE(at)) ?? []) {
      const offset = piece.offset + at - piece.at - low;
      if (offset < 0) continue;
      for (const number of numbers.get(bytes.read(offset, length).toString('latin1')) ?? [])
        yield { ...number, offset, length };
    }
  }
}

function inWords(value: bigint): Layout[] {
  const bytes = toBytes(value);
  const padded = Buffer.concat([Buffer.alloc((8 - (bytes.length % 8)) % 8), bytes]);
  return WORD_ENCODINGS.map((reading) => ({
    stored: NUMBER_FORMS[reading].write(padded),
    reading,
    low: reading === 'limbs-le' ? 0 : padded.length - 8,
  }));
}

const DIGIT_FORMS = INTEGER_ENCODINGS.flatMap((reading) =>
  isDigits(reading) ? [NUMBER_FORMS[reading]] : [],
);

/** For numbers of 64 bits at least. */
export function inDigits(value: bigint): Layout[] {
  const bytes = toBytes(value);
  return DIGIT_FORMS.map(({ name, write }) => ({ stored: write(bytes), reading: name, low: 0 }));
}
