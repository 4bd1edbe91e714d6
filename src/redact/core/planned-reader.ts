import type { ByteReader } from '../../core/base/bytes/storage.js';
import { DumpsieveError } from '../../core/base/runtime/errors.js';
import { type Change, filterWords, noWords, type PlannedParts, type WordCounts } from './plan.js';

/** Bytes of words read at once. */
const MAX_SCRATCH = 1 << 20;

/**
 * A file seen through a plan: what its copy will be. `counts` takes in each word of a stack that is read, and
 * `onMade` the bytes that a maker has left, so that only one reader of a plan should have them.
 */
export function plannedReader(
  source: ByteReader,
  parts: PlannedParts,
  counts: WordCounts,
  onMade: (kept: number) => void = () => undefined,
): ByteReader {
  return {
    length: source.length,
    read(offset, target) {
      const bytes = target.subarray(0, Math.max(0, Math.min(target.length, source.length - offset)));
      const end = offset + bytes.length;
      bytes.fill(0);
      for (let index = parts.firstAfter(offset); index < parts.count; index++) {
        const part = parts.at(index);
        if (part.start >= end) break;
        const from = Math.max(part.start, offset);
        const to = Math.min(part.end, end);
        const place = bytes.subarray(from - offset, to - offset);
        if (part.change?.kind === 'made') onMade(part.change.maker.make(from, place));
        else CHANGES[part.change?.kind ?? 'kept'](source, from, place, part.origin, part.change, counts);
      }
      return bytes.length;
    },
  };
}

type Apply = (
  source: ByteReader,
  from: number,
  place: Uint8Array,
  origin: number,
  change: Change | undefined,
  counts: WordCounts,
) => void;

/** Writes a part of the copy, from an offset of the file on, to its place. */
const CHANGES: Record<Exclude<Change['kind'], 'made'> | 'kept', Apply> = {
  kept: (source, from, place) => readAll(source, from, place),
  bytes(_source, from, place, origin, change) {
    if (change?.kind === 'bytes')
      place.set(change.bytes.subarray(from - origin, from - origin + place.length));
  },
  words(source, from, place, origin, change, counts) {
    if (change?.kind !== 'words') return;
    const { test, filler } = change;
    for (let done = 0; done < place.length; ) {
      // Whole words around the next bytes: a part may begin or end within one.
      const before = (from + done - origin) % test.word;
      const wanted = Math.min(place.length - done, MAX_SCRATCH);
      const words = new Uint8Array(Math.ceil((before + wanted) / test.word) * test.word);
      readAll(source, from + done - before, words);
      filterWords(words, test, filler, filler === 'constant' ? counts : noWords());
      place.set(words.subarray(before, before + wanted), done);
      done += wanted;
    }
  },
};

/** Reads all bytes, or throws `file-changed`. */
export function readAll(source: ByteReader, offset: number, target: Uint8Array): void {
  if (source.read(offset, target) === target.length) return;
  throw new DumpsieveError(
    {
      code: 'file-changed',
      message: 'the file became shorter while it was read',
      hint: 'try again when nothing writes to it',
      offset,
    },
    2,
  );
}
