import { toBigint, toBytes, trimmed } from '../base/bytes/integers.js';

/**
 * A form, with all that its row implies. All forms have their members in one order: reads of them are faster
 * than those of objects of many shapes.
 */
export function numberForm<Name extends string>(name: Name, row: NumberRow): NumberForm<Name> {
  const { cell, bits, digit, order, octets, uses, fixed = [], lengths = [], reported = name } = row;
  const isWhole = bits === 8 * cell;
  const inDigits = !isWhole || (order === 'lsd' && octets === 'be');
  return {
    ...{ name, cell, bits, digit, order, octets, uses, fixed, reported, inDigits },
    lengths: lengths.map(({ at, bytes = 4, shift = 0, unit = cell, fixed = [], capacityAt = 0 }) => ({
      ...{ at, bytes, divisor: 2 ** shift, factor: unit / cell, fixed, capacityAt },
    })),
    bitsByByte: bitsByByte(row),
    digitAt: digitReader(row),
    storedLength: (total) => Math.ceil(total / bits) * cell,
    write(value, cells = 1) {
      const number = inDigits ? trimmed(value) : value;
      return isWhole ? rearranged(row, inCells(number, cell, cells)) : writeDigits(row, number, cells);
    },
    read: (stored) => (isWhole ? rearranged(row, stored) : readDigits(row, stored)),
  };
}

/** A copy in whole cells, with zeros before it. */
function inCells(value: Uint8Array, cell: number, cells: number): Buffer {
  const copy = Buffer.alloc(Math.max(cells, Math.ceil(value.length / cell)) * cell);
  copy.set(value, copy.length - value.length);
  return copy;
}

/** Converts big-endian bytes to whole cells or back, in place. */
function rearranged({ cell, order, octets }: NumberRow, bytes: Buffer): Buffer {
  if (order === 'lsd') bytes.reverse();
  if (cell === 1 || (order === 'lsd') === (octets === 'le')) return bytes;
  return cell === 2 ? bytes.swap16() : cell === 4 ? bytes.swap32() : bytes.swap64();
}

/** Reverses the bytes of all digits. */
function swapFields({ cell, digit }: NumberRow, stored: Buffer): void {
  for (let at = digit.at; at < stored.length; at += cell) stored.subarray(at, at + digit.bytes).reverse();
}

function writeDigits(row: NumberRow, value: Uint8Array, cells: number): Buffer {
  const { cell, bits, digit, order, octets, fixed = [] } = row;
  let rest = toBigint(value);
  const stored = Buffer.alloc(Math.max(cells, Math.ceil(rest.toString(2).length / bits)) * cell);
  for (let start = 0; start < stored.length; start += cell, rest >>= BigInt(bits)) {
    const at = digit.at + (order === 'lsd' ? start : stored.length - cell - start);
    const number = BigInt.asUintN(bits, rest) << BigInt(digit.shift ?? 0);
    if (digit.isDouble) stored.writeDoubleLE(Number(number), at);
    else if (digit.bytes === 8) stored.writeBigUInt64LE(number, at);
    else stored.writeUIntLE(Number(number), at, digit.bytes);
  }
  if (octets === 'be') swapFields(row, stored);
  for (const { at, bytes = 4, mask, value } of fixed)
    for (let p = at; p < stored.length; p += cell)
      stored.writeUIntLE(((stored.readUIntLE(p, bytes) & ~mask) | value) >>> 0, p, bytes);
  return stored;
}

function readDigits(row: NumberRow, stored: Buffer): Buffer {
  const { cell, digit, order, octets } = row;
  const bits = BigInt(row.bits);
  if (octets === 'be') swapFields(row, stored);
  let value = 0n;
  for (let start = 0; start < stored.length; start += cell) {
    const at = digit.at + (order === 'msd' ? start : stored.length - cell - start);
    value = (value << bits) | fieldAt(digit, stored, at);
  }
  return toBytes(value);
}

function fieldAt({ bytes, shift = 0, isDouble }: NumberRow['digit'], stored: Buffer, at: number): bigint {
  if (bytes === 4) return BigInt(stored.readUInt32LE(at) >>> shift);
  if (isDouble) return BigInt(stored.readDoubleLE(at));
  if (bytes < 4) return BigInt(stored.readUIntLE(at, bytes) >>> shift);
  const field = stored.readBigUInt64LE(at);
  return shift === 0 ? field : field >> BigInt(shift);
}

function bitsByByte({ cell, bits, digit, octets }: NumberRow): number[] {
  const { at, bytes, shift = 0, isDouble } = digit;
  const counts = new Array<number>(cell).fill(0);
  for (let bit = 0; bit < bits; bit++) {
    // The first bit of a double is in its exponent, the others are the highest of its fraction of 52 bits.
    const byte = (!isDouble ? shift + bit : bit === 0 ? 56 : 52 - bit) >> 3;
    counts[at + (octets === 'le' ? byte : bytes - 1 - byte)]!++;
  }
  return counts;
}

export function hasBits(fixed: readonly FixedBits[], bytes: Buffer, start: number): boolean {
  for (const { at, bytes: size = 4, mask, value } of fixed) {
    const field = size === 4 ? bytes.readUInt32LE(start + at) : bytes.readUIntLE(start + at, size);
    if ((field & mask) !== (value | 0)) return false;
  }
  return true;
}

/** {@link NumberForm.digitAt}, which allocates nothing: whole dumps are read by it. */
function digitReader({ bits, digit, fixed = [], octets }: NumberRow): NumberForm['digitAt'] {
  const { shift = 0 } = digit;
  const isLittle = octets === 'le';
  const isWide = bits > 32;
  const at = digit.at + (isWide && isLittle ? 4 : 0);
  const limit = 2 ** (isWide ? bits - 32 : bits);
  if (digit.isDouble)
    return (bytes, cell) => {
      const field = cell + at;
      // The lowest bytes of a double of so few bits are 0.
      if (bytes[isLittle ? field : field + 7] !== 0 || bytes[isLittle ? field + 1 : field + 6] !== 0)
        return undefined;
      const value = isLittle ? bytes.readDoubleLE(field) : bytes.readDoubleBE(field);
      const isDigit = value >= 1 && value < limit && Number.isInteger(value);
      return isDigit && hasBits(fixed, bytes, cell) ? value : undefined;
    };
  if (!isLittle || digit.bytes < 4) {
    const size = Math.min(4, digit.bytes);
    return (bytes, cell) => {
      const field = isLittle ? bytes.readUIntLE(cell + at, size) : bytes.readUIntBE(cell + at, size);
      return field >>> shift < limit && hasBits(fixed, bytes, cell) ? field >>> shift : undefined;
    };
  }
  const [first] = fixed;
  if (first === undefined)
    return (bytes, cell) => {
      const value = bytes.readUInt32LE(cell + at) >>> shift;
      return value < limit ? value : undefined;
    };
  // One byte of the fixed bits rejects most cells.
  const probe = first.value === 0 ? 0 : (first.bytes ?? 4) - 1;
  const probeAt = first.at + probe;
  const probeMask = (first.mask >>> (8 * probe)) & 0xff;
  const probeValue = first.value >>> (8 * probe);
  return (bytes, cell) => {
    if ((bytes[cell + probeAt]! & probeMask) !== probeValue) return undefined;
    const value = bytes.readUInt32LE(cell + at) >>> shift;
    return value < limit && hasBits(fixed, bytes, cell) ? value : undefined;
  };
}

/** Searches for bare numbers, copies of proven keys, fills of a copy. Masks are of text: text-forms.ts. */
export type FormUse = 'search' | 'copies' | 'fill';

/** Bits that always have one value: those of `mask` in a little-endian field. */
interface FixedBits {
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
