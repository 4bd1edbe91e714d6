import {
  type ContainerDecoder,
  corrupt,
  mismatch,
  reportDoubtful,
  reportLost,
  trailing,
  truncated,
} from '../decoding/decoder.js';
import { inflated } from './inflated.js';
import { HEADER, isZlibHeader } from './zlib-header.js';

/** Bytes of the checksum behind the data. */
const TRAILER = 4;

/** Decodes zlib data (RFC 1950): one stream. */
export const unzlib: ContainerDecoder = async function* (input, report, buffer) {
  report.hasOnlyContent = true;
  const [cmf = 0, flags = 0] = input.peek(HEADER);
  if (!isZlibHeader(cmf, flags)) return reportLost(report, corrupt('zlib', 0));
  input.skip(HEADER);
  let sum = 1;
  const content = inflated(input, report, 'zlib', buffer);
  let next = await content.next();
  for (; !next.done; next = await content.next()) {
    sum = adler32(next.value, sum);
    yield next.value;
  }
  if (!next.value) return;
  const trailer = Buffer.from(input.peek(TRAILER));
  if (trailer.length < TRAILER) return reportLost(report, truncated('zlib', input.offset));
  if (trailer.readUInt32BE(0) !== sum) reportDoubtful(report, 0, mismatch('zlib', 'Adler-32', 0));
  input.skip(TRAILER);
  trailing('zlib', input, report);
};

/** The largest prime below 2^16, and the most bytes whose sums fit 32 bits (RFC 1950, section 9). */
const BASE = 65521;
const MOST = 5552;

/** Adler-32, continued from `sum`, which begins with 1. */
function adler32(bytes: Uint8Array, sum: number): number {
  let [low, high] = [sum & 0xffff, sum >>> 16];
  for (let at = 0; at < bytes.length; ) {
    for (const end = Math.min(bytes.length, at + MOST); at < end; at++) {
      low += bytes[at]!;
      high += low;
    }
    low %= BASE;
    high %= BASE;
  }
  return ((high << 16) | low) >>> 0;
}
