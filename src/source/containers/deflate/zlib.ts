import {
  type ContainerDecoder,
  corrupt,
  mismatch,
  reportDoubtful,
  reportLost,
  trailing,
  truncated,
} from '../decoding/decoder.js';
import { adler32 } from './adler32.js';
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
