import type { NumberBlock, PublicValues } from '../search/curves/scalars/block-multiples.js';
import { type Timed, threadMultiples, timed } from './thread-multiples.js';

/** Public values of a block of numbers, as a job of the pool. */
export const job = ({ block }: { block: NumberBlock }): Timed<PublicValues> =>
  timed(() => threadMultiples().columns(block));
