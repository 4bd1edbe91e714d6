import type { Transform } from './filters.js';

const JAL_RA = 0xef;
const AUIPC = 0x17;

/** JAL to x1 or x5, and AUIPC with the instruction after it. */
export const riscv = (): Transform => (bytes, start) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const first = bytes[at]!;
    const position = (start + at) >>> 0;
    if (first === JAL_RA) at += jump(bytes, at, position);
    else if ((first & 0x7f) === AUIPC) at += pair(view, at, position);
    else at += 2;
  }
  return at;
};

function jump(bytes: Uint8Array, at: number, position: number): number {
  const [b1, b2, b3] = [bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  if ((b1 & 0x0d) !== 0) return 2;
  const target = (((b1 & 0xf0) << 13) | (b2 << 9) | (b3 << 1)) - position;
  bytes[at + 1] = (b1 & 0x0f) | ((target >>> 8) & 0xf0);
  bytes[at + 2] = ((target >>> 16) & 0x0f) | ((target >>> 7) & 0x10) | ((target << 4) & 0xe0);
  bytes[at + 3] = ((target >>> 4) & 0x7f) | ((target >>> 13) & 0x80);
  return 4;
}

function pair(view: DataView, at: number, position: number): number {
  const word = view.getUint32(at, true);
  if ((word & 0xe80) !== 0) {
    // rd is neither x0 nor x2: the encoder left the pair, in another form.
    const next = view.getUint32(at + 4, true);
    if ((((word << 8) ^ (next - 3)) & 0xf8003) !== 0) return 6;
    view.setUint32(at, AUIPC | (2 << 7) | (next << 12), true);
    view.setUint32(at + 4, (word & 0xfffff000) + (next >>> 20), true);
    return 8;
  }
  const register = word >>> 27;
  if (((word - 0x3117) << 18) >>> 0 >= (register & 0x1d)) return 4;
  const target = view.getUint32(at + 4) - position;
  view.setUint32(at, AUIPC | (register << 7) | ((target + 0x800) & 0xfffff000), true);
  view.setUint32(at + 4, (word >>> 12) | (target << 20), true);
  return 8;
}
