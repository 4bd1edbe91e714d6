/** Searches for bare numbers, copies of proven keys, fills of a copy. Masks are of text: text-forms.ts. */
export type FormUse = 'search' | 'copies' | 'fill';

/** Bits that always have one value: those of `mask` in a little-endian field. */
export interface FixedBits {
  at: number;
  /** Bytes of the field, which lies in the cell; by default 4. */
  bytes?: 1 | 2 | 4;
  mask: number;
  value: number;
}

/** A field of a header with the number of digits that follow it; offsets from the first digit. */
export interface LengthField {
  at: number;
  /** Bytes of the field, up to 6; by default 4. */
  bytes?: number;
  /** Other bits, below the length. */
  shift?: number;
  /** Bytes that the length counts in; by default those of a cell. */
  unit?: number;
  /** Bits of the header that have a value. */
  fixed?: readonly FixedBits[];
  /** Where 32 bits have the array's capacity, which is not less. */
  capacityAt?: number;
}

/** The same, ready to be read: the field, divided by one number and multiplied by another. */
export interface ArrayLength {
  at: number;
  bytes: number;
  divisor: number;
  factor: number;
  fixed: readonly FixedBits[];
  /** 0 if there is no capacity. */
  capacityAt: number;
}

/** How memory has an integer: as digits of some bits, each in a cell. */
export interface NumberRow {
  /** Bytes from one digit to the next, 1 to 16. */
  cell: number;
  /** Bits of a digit; of more than 32 in a field of 8 bytes, of fewer in a smaller one. */
  bits: number;
  /** The field of a cell that has the digit, above `shift` other bits; the bits above the digit are 0. */
  digit: { at: number; bytes: 1 | 2 | 4 | 8; shift?: number; isDouble?: true };
  /** Bits of a cell that tell its type. Those of neither may have any value, and are written as 0. */
  fixed?: readonly FixedBits[];
  /** The least or the most significant digit first. */
  order: 'lsd' | 'msd';
  /** Byte order of the digit's field. */
  octets: 'le' | 'be';
  /** The header before the first digit: where it may have the length. */
  lengths?: readonly LengthField[];
  /** Name in reports, if it is not the form's own. */
  reported?: string;
  uses: readonly FormUse[];
}

/** A form, with all that its row implies. */
export interface NumberForm<Name extends string = string> extends Required<Omit<NumberRow, 'lengths'>> {
  name: Name;
  lengths: readonly ArrayLength[];
  /**
   * Digits narrower than their cells, or in another byte order than their neighbours: partial copies are
   * rare.
   */
  inDigits: boolean;
  /** Bits of the number in each byte of a cell. */
  bitsByByte: readonly number[];
  /** Bytes of an integer of `bits` bits. */
  storedLength(bits: number): number;
  /** An unsigned big-endian integer as memory has it, in at least `cells` cells (default 1). */
  write(value: Uint8Array, cells?: number): Buffer;
  /** An unsigned big-endian integer from whole cells, which may be overwritten. */
  read(stored: Buffer): Buffer;
  /**
   * The digit of a cell, of digits of more than 32 bits its bits from 32 on; undefined if the cell has none.
   * A double is not 0.
   */
  digitAt(bytes: Buffer, cell: number): number | undefined;
}
