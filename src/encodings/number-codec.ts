import { toBigint, toBytes, trimmed } from '../base/bytes/integers.js';
import type { FixedBits, NumberForm, NumberRow } from './number-row.js';

/** A form, with all that its row implies. */
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
  const copy = Buffer.alloc(Math.max(cells, Math.ceil(value.length / cell)) * cell);
  copy.set(value, copy.length - value.length);
  return copy;
}

/** From big-endian bytes to whole cells or back, in place. */
function rearranged({ cell, order, octets }: NumberRow, bytes: Buffer): Buffer {
  if (order === 'lsd') bytes.reverse();
  if (cell === 1 || (order === 'lsd') === (octets === 'le')) return bytes;
  return cell === 2 ? bytes.swap16() : cell === 4 ? bytes.swap32() : bytes.swap64();
}

/** The fields of all cells, that of the least significant digit first. */
function fieldsOf({ cell, order, digit }: NumberRow, stored: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = digit.at; at < stored.length; at += cell) fields.push(stored.subarray(at, at + digit.bytes));
  return order === 'lsd' ? fields : fields.reverse();
}

function writeDigits(row: NumberRow, value: Uint8Array, cells: number): Buffer {
  const { cell, bits, digit, octets, fixed = [] } = row;
  let rest = toBigint(value);
  const stored = Buffer.alloc(Math.max(cells, Math.ceil(rest.toString(2).length / bits)) * cell);
  for (const field of fieldsOf(row, stored)) {
    const number = BigInt.asUintN(bits, rest) << BigInt(digit.shift ?? 0);
    if (digit.isDouble) field.writeDoubleLE(Number(number));
    else if (digit.bytes === 8) field.writeBigUInt64LE(number);
    else field.writeUIntLE(Number(number), 0, digit.bytes);
    if (octets === 'be') field.reverse();
    rest >>= BigInt(bits);
  }
  for (const { at, mask, value } of fixed)
    for (let p = at; p < stored.length; p += cell)
      stored.writeUInt32LE(((stored.readUInt32LE(p) & ~mask) | value) >>> 0, p);
  return stored;
}

function readDigits(row: NumberRow, stored: Buffer): Buffer {
  const { bits, digit, octets } = row;
  let value = 0n;
  for (const field of fieldsOf(row, stored).reverse()) {
    if (octets === 'be') field.reverse();
    const number = digit.isDouble
      ? field.readDoubleLE()
      : digit.bytes === 8
        ? field.readBigUInt64LE()
        : field.readUIntLE(0, digit.bytes);
    value = (value << BigInt(bits)) | (BigInt(number) >> BigInt(digit.shift ?? 0));
  }
  return toBytes(value);
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

const ANY: FixedBits = { at: 0, mask: 0, value: 0 };

/** {@link NumberForm.digitAt}, which allocates nothing: whole dumps are read by it. */
function digitReader({ bits, digit, fixed = [], octets }: NumberRow): NumberForm['digitAt'] {
  const { shift = 0 } = digit;
  const isLittle = octets === 'le';
  const isWide = bits > 32;
  const size = Math.min(4, digit.bytes);
  const at = digit.at + (isWide && isLittle ? 4 : 0);
  const limit = 2 ** (isWide ? bits - 32 : bits);
  const [first = ANY] = fixed;
  // One byte of the fixed bits rejects most cells.
  const probe = first.value === 0 ? 0 : 3;
  const [probeAt, probeMask] = [first.at + probe, (first.mask >>> (8 * probe)) & 0xff];
  const probeValue = first.value >>> (8 * probe);
  const isTyped = (bytes: Buffer, cell: number): boolean => {
    for (const { at, mask, value } of fixed)
      if ((bytes.readUInt32LE(cell + at) & mask) !== (value | 0)) return false;
    return true;
  };
  if (digit.isDouble)
    return (bytes, cell) => {
      const field = cell + at;
      // The lowest bytes of a double of so few bits are 0.
      if (bytes[isLittle ? field : field + 7] !== 0 || bytes[isLittle ? field + 1 : field + 6] !== 0)
        return undefined;
      const value = isLittle ? bytes.readDoubleLE(field) : bytes.readDoubleBE(field);
      const isDigit = value >= 1 && value < limit && Number.isInteger(value);
      return isDigit && isTyped(bytes, cell) ? value : undefined;
    };
  return (bytes, cell) => {
    if ((bytes[cell + probeAt]! & probeMask) !== probeValue) return undefined;
    const field = isLittle ? bytes.readUIntLE(cell + at, size) : bytes.readUIntBE(cell + at, size);
    return field >>> shift < limit && isTyped(bytes, cell) ? field >>> shift : undefined;
  };
}
