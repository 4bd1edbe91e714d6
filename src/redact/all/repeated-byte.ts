import type { ByteReader } from '../../core/base/bytes/storage.js';
import type { Extent } from '../../core/model/report.js';

/** Bytes that are compared at once. */
const BLOCK = 2 ** 14;

/** The byte of which a range is a repetition; undefined if it has others, or is not there in whole. */
export function repeatedByte(reader: ByteReader, { offset, length }: Extent): number | undefined {
  const block = new Uint8Array(Math.min(length, BLOCK));
  let first: number | undefined;
  for (let done = 0; done < length; done += block.length) {
    const wanted = block.subarray(0, length - done);
    if (reader.read(offset + done, wanted) < wanted.length) return undefined;
    first ??= wanted[0]!;
    for (const byte of wanted) if (byte !== first) return undefined;
  }
  return first;
}
