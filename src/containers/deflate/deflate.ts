import { inflateRawSync } from 'node:zlib';
import { type Decoder, trailing, type WholeDecoder } from '../decoding/decoder.js';
import { inflated } from './inflated.js';

/** DEFLATE data without a header, as members of ZIP archives have it. */
export const inflate: Decoder = async function* (input, report) {
  if (yield* inflated(input, report, 'deflate')) trailing('deflate', input, report);
};

/** The documented result with `info`, which the types lack. */
interface Inflated {
  buffer: Buffer;
  engine: { bytesWritten: number };
}

export const inflateWhole: WholeDecoder = (bytes, length) => {
  try {
    const options = { maxOutputLength: Math.max(1, length), info: true };
    const { buffer, engine } = inflateRawSync(bytes, options) as unknown as Inflated;
    return engine.bytesWritten === bytes.length ? buffer : undefined;
  } catch {
    return undefined;
  }
};
