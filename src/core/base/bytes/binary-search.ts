/**
 * Index of the first of `count` entries for which `isBelow` is false, or `count` if there is none.
 * `isBelow` must be true for a prefix of the entries and false for all others.
 */
export function partitionPoint(count: number, isBelow: (index: number) => boolean): number {
  let [from, to] = [0, count];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isBelow(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Index of the first entry of `ascending` that is not less than `value`. */
export function lowerBound<T extends number | bigint>(ascending: ArrayLike<T>, value: T): number {
  return partitionPoint(ascending.length, (i) => ascending[i]! < value);
}

/** Index of the first entry of `ascending` that is greater than `value`. */
export function upperBound<T extends number | bigint>(ascending: ArrayLike<T>, value: T): number {
  return partitionPoint(ascending.length, (i) => ascending[i]! <= value);
}
