import { type ContainerDecoder, trailing, type WholeDecoder } from '../decoding/decoder.js';
import { inflated, inflateShort } from './inflated.js';

/** DEFLATE data without a header, as members of ZIP archives have it. */
export const inflate: ContainerDecoder = async function* (input, report, buffer) {
  if (yield* inflated(input, report, 'deflate', buffer)) trailing('deflate', input, report);
};

export const inflateWhole: WholeDecoder = (bytes, length) => {
  const inflated = inflateShort(bytes, length);
  return inflated?.consumed === bytes.length ? inflated.content : undefined;
};
