/**
 * What the entropy net gives. Words are counted from the range's first byte. A run at an end of a kernel call is a fragment, ungated
 * and of any length: whoever needs runs joins neighbours that touch. All others have 3 words and more and look random at an end.
 */
export interface Runs {
  /** File offset of the first word. */
  offsets: Float64Array;
  words: Uint32Array;
}
