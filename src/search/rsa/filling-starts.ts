import type { Run } from '../core/types.js';

/** Words of a number that fills a run: the entropy net may end a run one word early or late. */
export const fillingSizes = ({ words }: Run): number[] => [words - 1, words, words + 1];

/**
 * File offsets at which a number of `size` words that fills the run may begin, ascending; the first may be
 * negative.
 */
export const fillingStarts = ({ offset, words }: Run, size: number): number[] =>
  words === size ? [offset] : words < size ? [offset - 8, offset] : [offset, offset + 8];
