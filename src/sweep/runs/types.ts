/**
 * Runs of the entropy net, in words from the range's first byte. A run at an end of a kernel call is a
 * fragment of any length, not tested; {@link RunJoiner} joins adjacent ones. All others have 3 words or more
 * and look random at an end.
 */
export interface Runs {
  /** File offset of the first word. */
  offsets: Float64Array;
  words: Uint32Array;
}
