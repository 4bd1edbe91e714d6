import type { Transform } from './filters.js';

/** True for the highest byte of an address that is plausible: sign extension of 24 bits. */
const isSign = (byte: number): boolean => byte === 0 || byte === 0xff;

/**
 * By the opcodes among the last three bytes (bits): may the byte be an opcode, and how many of the operand's
 * bytes are between?
 */
const ALLOWED = [true, true, true, false, true, false, false, false];
const BETWEEN = [0, 1, 2, 2, 3, 3, 3, 3];

/** CALL and JMP (E8, E9) with a 32-bit operand, which may overlap bytes that look like an opcode. */
export function x86(): Transform {
  /** Of the last three bytes before the first one: those that look like an opcode. */
  let before = 0;
  return (bytes, position) => {
    if (bytes.length <= 4) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = bytes.length - 4;
    let opcodes = before;
    let last = -1;
    let at = 0;
    for (; at < end; at++) {
      if ((bytes[at]! & 0xfe) !== 0xe8) continue;
      const gap = at - last;
      last = at;
      opcodes = gap > 3 ? 0 : (opcodes << (gap - 1)) & 7;
      const near = bytes[at + 4 - BETWEEN[opcodes]!]!;
      if (opcodes !== 0 && (!ALLOWED[opcodes] || isSign(near))) {
        opcodes = (opcodes << 1) | 1;
        continue;
      }
      if (!isSign(bytes[at + 4]!)) {
        opcodes = (opcodes << 1) | 1;
        continue;
      }
      view.setUint32(at + 1, relative(view.getUint32(at + 1, true), position + at + 5, opcodes), true);
      at += 4;
    }
    const gap = at - last;
    before = gap > 3 ? 0 : (opcodes << (gap - 1)) & 7;
    return at;
  };
}

function relative(target: number, next: number, opcodes: number): number {
  let source = target;
  for (;;) {
    const operand = (source - next) | 0;
    const shift = 8 * BETWEEN[opcodes]!;
    if (opcodes !== 0 && isSign((operand >>> (24 - shift)) & 0xff)) {
      source = operand ^ (2 ** (32 - shift) - 1);
      continue;
    }
    const sign = (operand & 0x01000000) === 0 ? 0 : 0xff000000;
    return ((operand & 0x01ffffff) | sign) >>> 0;
  }
}
