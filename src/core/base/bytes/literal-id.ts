/**
 * Ids of what the kernels search for: the index of a literal in its list, shifted by one bit that marks its
 * wide form (UTF-16 of either byte order: one NUL between two characters).
 */
export const literalId = (index: number, wide = false): number => 2 * index + (wide ? 1 : 0);

export const literalIndex = (id: number): number => id >> 1;

export const isWideForm = (id: number): boolean => (id & 1) === 1;

/** Bytes of a literal of `length` characters as it lies in the data. */
export const formLength = (length: number, wide: boolean): number => (wide ? 2 * length - 1 : length);
