import type { ByteReader } from '../../../core/base/bytes/storage.js';
import type { Extent } from '../../../core/model/report.js';
import type { Fill } from '../../core/fill.js';
import { filterWords, noWords, type PlannedParts } from '../../core/plan.js';

/** Bytes of words read at once, a multiple of a word. */
const MAX_WORDS = 2 ** 16;

/** What a plan for backtraces would not keep of an extent; of words those that fail their test. */
export function* notKept(
  reader: ByteReader,
  parts: PlannedParts,
  { offset, length }: Extent,
  cause: string,
): Generator<Fill> {
  const end = Math.min(offset + length, reader.length);
  let at = offset;
  for (let index = parts.firstAfter(offset); index < parts.count && at < end; index++) {
    const part = parts.at(index);
    if (part.start >= end) break;
    if (part.start > at) yield { offset: at, length: part.start - at, cause };
    const to = Math.min(part.end, end);
    if (part.change?.kind === 'words') {
      const { test } = part.change;
      const from = Math.max(part.start, at);
      // Whole words: a part may begin within one.
      const first = from - ((from - part.origin) % test.word);
      for (let block = first; block < to; block += MAX_WORDS) {
        const bytes = new Uint8Array(Math.min(MAX_WORDS, Math.ceil((to - block) / test.word) * test.word));
        const read = bytes.subarray(0, reader.read(block, bytes));
        const before = Uint8Array.from(read);
        filterWords(read, test, 'zero', noWords());
        yield* changedWords(before, read, block, test.word, cause);
      }
    }
    at = Math.max(at, to);
  }
  if (at < end) yield { offset: at, length: end - at, cause };
}

function* changedWords(
  before: Uint8Array,
  after: Uint8Array,
  base: number,
  word: number,
  cause: string,
): Generator<Fill> {
  for (let at = 0; at + word <= before.length; at += word)
    for (let byte = at; byte < at + word; byte++)
      if (before[byte] !== after[byte]) {
        yield { offset: base + at, length: word, cause };
        break;
      }
}

/** File extents of a range of addresses, as far as it is in the file. */
export function* fileExtents(
  map: { place(address: bigint): { segment: Extent; offset: number } | undefined },
  start: bigint,
  length: number,
): Generator<Extent> {
  for (let done = 0; done < length; ) {
    const place = map.place(start + BigInt(done));
    if (place === undefined) return;
    const rest = place.segment.offset + place.segment.length - place.offset;
    const part = Math.min(rest, length - done);
    yield { offset: place.offset, length: part };
    done += part;
  }
}
