import { toBigint, toBytes, trimmed } from '../base/bytes/integers.js';

/** Searches for bare numbers, copies of proven keys, fills of a copy, masks of text. */
export type FormUse = 'search' | 'copies' | 'fill' | 'mask';

/** Bits that always have one value: those of `mask` in the little-endian 32 bits at `at`. */
interface FixedBits {
  at: number;
  mask: number;
  value: number;
}

/** A field of a header with the number of digits that follow it; offsets from the first digit. */
export interface LengthField {
  at: number;
  as: 'u16' | 'u32' | 'u64';
  /** Other bits, below the length. */
  shift?: number;
  /** Bytes that the length counts in; by default those of a cell. */
  unit?: number;
  /** Bits of the header that have a value. */
  fixed?: readonly FixedBits[];
  /** Where a u32 has the array's capacity, which is not less. */
  capacityAt?: number;
}

/** How memory has an integer: as digits of some bits, each in a cell. */
export interface NumberRow {
  /** Bytes from one digit to the next, 1 to 16. */
  cell: number;
  /** Bits of a digit. */
  bits: number;
  /** The field of a cell that has the digit, above `shift` other bits; the bits above the digit are 0. */
  digit: { at: number; as: keyof typeof FIELDS; shift?: number };
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
export interface NumberForm<Name extends string = string> extends NumberRow {
  name: Name;
  /**
   * Digits narrower than their cells, or in another byte order than their neighbours: partial copies are
   * rare.
   */
  inDigits: boolean;
  /** Bits of the number in each byte of a cell. */
  bitsByByte: readonly number[];
  /** Bytes of an integer of `bits` bits. */
  storedLength(bits: number): number;
  /** An unsigned big-endian integer as memory has it, in at least so many cells (1). */
  write(value: Uint8Array, cells?: number): Buffer;
  /** An unsigned big-endian integer from whole cells, which may be overwritten. */
  read(stored: Buffer): Buffer;
  /**
   * The digit of a cell, of digits of more than 32 bits its bits from 32 on; undefined if the cell has none.
   * A double is not 0.
   */
  digitAt(bytes: Buffer, cell: number): number | undefined;
}

interface Field {
  bytes: number;
  get(view: DataView, at: number, isLittle: boolean): bigint;
  set(view: DataView, at: number, value: bigint, isLittle: boolean): void;
}

const FIELDS = {
  u8: {
    bytes: 1,
    get: (view, at) => BigInt(view.getUint8(at)),
    set: (view, at, value) => view.setUint8(at, Number(value)),
  },
  u16: {
    bytes: 2,
    get: (view, at, isLittle) => BigInt(view.getUint16(at, isLittle)),
    set: (view, at, value, isLittle) => view.setUint16(at, Number(value), isLittle),
  },
  u32: {
    bytes: 4,
    get: (view, at, isLittle) => BigInt(view.getUint32(at, isLittle)),
    set: (view, at, value, isLittle) => view.setUint32(at, Number(value), isLittle),
  },
  u64: {
    bytes: 8,
    get: (view, at, isLittle) => view.getBigUint64(at, isLittle),
    set: (view, at, value, isLittle) => view.setBigUint64(at, value, isLittle),
  },
  f64: {
    bytes: 8,
    get: (view, at, isLittle) => BigInt(view.getFloat64(at, isLittle)),
    set: (view, at, value, isLittle) => view.setFloat64(at, Number(value), isLittle),
  },
} as const satisfies Readonly<Record<string, Field>>;

export function numberForm<Name extends string>(name: Name, row: NumberRow): NumberForm<Name> {
  const { cell, bits, order, octets } = row;
  const isWhole = bits === 8 * cell;
  const inDigits = !isWhole || (order === 'lsd' && octets === 'be');
  return {
    ...{ name, ...row, inDigits, bitsByByte: bitsByByte(row), digitAt: digitReader(row) },
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
  const length = Math.max(cells, Math.ceil(value.length / cell)) * cell;
  const copy = Buffer.alloc(length);
  copy.set(value, length - value.length);
  return copy;
}

/** From big-endian bytes to whole cells or back, in place. */
function rearranged({ cell, order, octets }: NumberRow, bytes: Buffer): Buffer {
  if (order === 'lsd') bytes.reverse();
  if (cell === 1 || (order === 'lsd') === (octets === 'le')) return bytes;
  return cell === 2 ? bytes.swap16() : cell === 4 ? bytes.swap32() : bytes.swap64();
}

/** Offsets of the cells in `length` bytes, that of the least significant digit first. */
function* cellsOf({ cell, order }: NumberRow, length: number): Generator<number> {
  for (let at = 0; at < length; at += cell) yield order === 'lsd' ? at : length - cell - at;
}

function writeDigits(row: NumberRow, value: Uint8Array, cells: number): Buffer {
  const { bits, digit, octets, fixed = [] } = row;
  let rest = toBigint(value);
  const count = Math.max(cells, Math.ceil(rest.toString(2).length / bits));
  const stored = Buffer.alloc(count * row.cell);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  for (const cell of cellsOf(row, stored.length)) {
    const field = BigInt.asUintN(bits, rest) << BigInt(digit.shift ?? 0);
    FIELDS[digit.as].set(view, cell + digit.at, field, octets === 'le');
    for (const { at, mask, value } of fixed)
      view.setUint32(cell + at, (view.getUint32(cell + at, true) & ~mask) | value, true);
    rest >>= BigInt(bits);
  }
  return stored;
}

function readDigits(row: NumberRow, stored: Buffer): Buffer {
  const { bits, digit, octets } = row;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  let value = 0n;
  for (const cell of [...cellsOf(row, stored.length)].reverse()) {
    const field = FIELDS[digit.as].get(view, cell + digit.at, octets === 'le');
    value = (value << BigInt(bits)) | (field >> BigInt(digit.shift ?? 0));
  }
  return toBytes(value);
}

/** The first bit of a double is in its exponent, the others are the highest of its fraction of 52 bits. */
const bitInDouble = (bit: number): number => (bit === 0 ? 56 : 52 - bit);

function bitsByByte({ cell, bits, digit, octets }: NumberRow): number[] {
  const { at, as, shift = 0 } = digit;
  const counts = new Array<number>(cell).fill(0);
  for (let bit = 0; bit < bits; bit++) {
    const byte = (as === 'f64' ? bitInDouble(bit) : shift + bit) >> 3;
    counts[at + (octets === 'le' ? byte : FIELDS[as].bytes - 1 - byte)]!++;
  }
  return counts;
}

const ANY: FixedBits = { at: 0, mask: 0, value: 0 };

/** A byte of the fixed bits, by which most cells are rejected. */
function probeOf({ at, mask, value }: FixedBits): FixedBits {
  const shift = value === 0 ? 0 : 24;
  return { at: at + shift / 8, mask: (mask >>> shift) & 0xff, value: value >>> shift };
}

/** {@link NumberForm.digitAt}: no allocation, since whole dumps are read by it. */
function digitReader({ bits, digit, fixed = [], octets }: NumberRow): NumberForm['digitAt'] {
  const { at, as, shift = 0 } = digit;
  const isLittle = octets === 'le';
  const limit = 2 ** (bits > 32 ? bits - 32 : bits);
  const probe = probeOf(fixed[0] ?? ANY);
  const isTyped = (bytes: Buffer, cell: number): boolean => {
    for (const { at, mask, value } of fixed)
      if ((bytes.readUInt32LE(cell + at) & mask) !== (value | 0)) return false;
    return true;
  };
  if (as === 'f64')
    return (bytes, cell) => {
      const field = cell + at;
      // Of so few bits the lowest bytes are 0.
      if (bytes[isLittle ? field : field + 7] !== 0 || bytes[isLittle ? field + 1 : field + 6] !== 0)
        return undefined;
      const value = isLittle ? bytes.readDoubleLE(field) : bytes.readDoubleBE(field);
      const isDigit = value >= 1 && value < limit && Number.isInteger(value);
      return isDigit && isTyped(bytes, cell) ? value : undefined;
    };
  if (bits > 32)
    return (bytes, cell) => {
      if ((bytes[cell + probe.at]! & probe.mask) !== probe.value) return undefined;
      const upper = isLittle ? bytes.readUInt32LE(cell + at + 4) : bytes.readUInt32BE(cell + at);
      return upper >>> shift < limit && isTyped(bytes, cell) ? upper >>> shift : undefined;
    };
  const size = FIELDS[as].bytes;
  const isWord = isLittle && size === 4;
  const fieldAt = (bytes: Buffer, field: number): number =>
    isLittle ? bytes.readUIntLE(field, size) : bytes.readUIntBE(field, size);
  return (bytes, cell) => {
    if ((bytes[cell + probe.at]! & probe.mask) !== probe.value) return undefined;
    const field = isWord ? bytes.readUInt32LE(cell + at) : fieldAt(bytes, cell + at);
    return field >>> shift < limit && isTyped(bytes, cell) ? field >>> shift : undefined;
  };
}
