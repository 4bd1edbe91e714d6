import { lowerBound } from '../core/base/bytes/binary-search.js';
import { sweepBuffer } from '../sweep/buffer.js';
import { prefixFronts } from '../sweep/literals.js';
import type { Net } from '../sweep/types.js';
import type { OpenDump } from './open-dump.js';
import type { SeamHit } from './seams.js';

/** Bytes of a text that are swept: the longest prefix, and what must follow it. */
const HEAD = 64;
/** Texts of one batch. */
const BATCH = 4096;

/**
 * Prefixes at the start of texts that the dump's structure knows, and that look like the end of other text
 * without it: the value net looks up prefixes only where a run starts. In batches, so that the caller can
 * yield to the event loop.
 */
export function* textStartHits({ dump, reader }: OpenDump, net: Net): Generator<SeamHit[]> {
  const fronts = prefixFronts(net);
  if (dump.textStarts === undefined || fronts === undefined) return;
  const texts = dump.textStarts(fronts);
  const slot = HEAD + 1;
  for (let from = 0; from < texts.length; from += BATCH) {
    const batch = texts.slice(from, from + BATCH);
    // A NUL precedes each text.
    const bytes = new Uint8Array(batch.length * slot + 1);
    for (const [i, { offset, length }] of batch.entries())
      reader.read(offset, bytes.subarray(i * slot + 1, i * slot + 1 + Math.min(HEAD, length)));
    const starts = Float64Array.from(batch, (_, i) => i * slot + 1);
    yield sweepBuffer(bytes, net).flatMap(({ offset, id }) => {
      const i = lowerBound(starts, offset);
      return starts[i] === offset ? [{ offset: batch[i]!.offset, id }] : [];
    });
  }
}
