/** A range of stored bytes. */
export interface Extent {
  offset: number;
  length: number;
}
