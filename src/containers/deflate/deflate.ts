import { type Decoder, trailing } from '../decoding/decoder.js';
import { inflated } from './inflated.js';

/** DEFLATE data without a header, as members of ZIP archives have it. */
export const inflate: Decoder = async function* (input, report) {
  if (yield* inflated(input, report, 'deflate')) trailing('deflate', input, report);
};
