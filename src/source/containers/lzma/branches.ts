/** Decodes in place, from a position in the data on; returns how many of the first bytes are final. */
export type Transform = (bytes: Uint8Array, position: number) => number;

/** True for the highest byte of an address that is plausible: sign extension of 24 bits. */
const isSign = (byte: number): boolean => byte === 0 || byte === 0xff;

/**
 * By the opcodes among the last three bytes (bits): may the byte be an opcode, and how many of the operand's
 * bytes are between?
 */
const ALLOWED = [true, true, true, false, true, false, false, false];
const BETWEEN = [0, 1, 2, 2, 3, 3, 3, 3];

/** CALL and JMP (E8, E9) with a 32-bit operand, which may overlap bytes that look like an opcode. */
function x86(): Transform {
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

/**
 * Branch filters (.xz format, 5.3.2): targets of branches are stored as absolute addresses. What is a branch,
 * and how its target is stored, was read from XZ Embedded (xz_dec_bcj.c), which defines it.
 */
interface BranchFilter {
  /** Alignment of the start offset, in bytes. */
  alignment: number;
  transform(): Transform;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Rewrites instructions of one size, each on its own. */
const each =
  (size: number, rewrite: (view: DataView, at: number, position: number) => void) =>
  (): Transform =>
  (bytes, position) => {
    const view = viewOf(bytes);
    let at = 0;
    for (; at + size <= bytes.length; at += size) rewrite(view, at, (position + at) >>> 0);
    return at;
  };

const powerpc = each(4, (view, at, position) => {
  const word = view.getUint32(at);
  if ((word & 0xfc000003) >>> 0 === 0x48000001)
    view.setUint32(at, 0x48000001 | ((word - position) & 0x03fffffc));
});

const arm = each(4, (view, at, position) => {
  const word = view.getUint32(at, true);
  if (word >>> 24 !== 0xeb) return;
  const target = ((word << 2) - position - 8) >>> 2;
  view.setUint32(at, 0xeb000000 | (target & 0xffffff), true);
});

const sparc = each(4, (view, at, position) => {
  const word = view.getUint32(at);
  const top = word >>> 22;
  if (top !== 0x100 && top !== 0x1ff) return;
  const target = ((word << 2) - position) >>> 2;
  view.setUint32(at, (0x40000000 - (target & 0x400000)) | 0x40000000 | (target & 0x3fffff));
});

const arm64 = each(4, (view, at, position) => {
  const word = view.getUint32(at, true);
  if (word >>> 26 === 0x25) {
    view.setUint32(at, 0x94000000 | ((word - (position >>> 2)) & 0x03ffffff), true);
  } else if ((word & 0x9f000000) >>> 0 === 0x90000000) {
    const page = ((word >>> 29) & 3) | ((word >>> 3) & 0x1ffffc);
    if ((page + 0x020000) & 0x1c0000) return;
    const target = page - (position >>> 12);
    const sign = (0 - (target & 0x020000)) & 0xe00000;
    view.setUint32(at, (word & 0x9000001f) | ((target & 3) << 29) | ((target & 0x03fffc) << 3) | sign, true);
  }
});

const thumb = (): Transform => (bytes, position) => {
  const view = viewOf(bytes);
  let at = 0;
  for (; at + 4 <= bytes.length; at += 2) {
    const [high, low] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if ((high & 0xf800) !== 0xf000 || (low & 0xf800) !== 0xf800) continue;
    const branch = ((high & 0x7ff) << 11) | (low & 0x7ff);
    const target = ((branch << 1) - (position + at + 4)) >>> 1;
    view.setUint16(at, 0xf000 | ((target >>> 11) & 0x7ff), true);
    view.setUint16(at + 2, 0xf800 | (target & 0x7ff), true);
    at += 2;
  }
  return at;
};

/** By the template of a bundle: which of its three slots may hold a branch. */
const SLOTS = [...new Array<number>(16).fill(0), ...[4, 4, 6, 6, 0, 0, 7, 7, 4, 4, 0, 0, 4, 4, 0, 0]];

const ia64 = each(16, (view, at, position) => {
  const slots = SLOTS[view.getUint8(at) & 0x1f]!;
  for (let slot = 0; slot < 3; slot++) {
    if (((slots >> slot) & 1) === 0) continue;
    const first = 5 + slot * 41;
    const byte = at + (first >> 3);
    const shift = BigInt(first & 7);
    // Six bytes.
    const stored = BigInt(view.getUint32(byte, true)) | (BigInt(view.getUint16(byte + 4, true)) << 32n);
    let word = stored >> shift;
    if (((word >> 37n) & 15n) !== 5n || ((word >> 9n) & 7n) !== 0n) continue;
    const target = (((word >> 13n) & 0xfffffn) | (((word >> 36n) & 1n) << 20n)) << 4n;
    const branch = BigInt.asUintN(32, target - BigInt(position)) >> 4n;
    word &= ~(0x8fffffn << 13n);
    word |= (branch & 0xfffffn) << 13n;
    word |= (branch & 0x100000n) << 16n;
    const written = (stored & ((1n << shift) - 1n)) | (word << shift);
    view.setUint32(byte, Number(written & 0xffffffffn), true);
    view.setUint16(byte + 4, Number((written >> 32n) & 0xffffn), true);
  }
});

const JAL_RA = 0xef;
const AUIPC = 0x17;

/** JAL to x1 or x5, and AUIPC with the instruction after it. */
const riscv = (): Transform => (bytes, start) => {
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

export const BRANCH_FILTERS: ReadonlyMap<number, BranchFilter> = new Map([
  [4, { alignment: 1, transform: x86 }],
  [5, { alignment: 4, transform: powerpc }],
  [6, { alignment: 16, transform: ia64 }],
  [7, { alignment: 4, transform: arm }],
  [8, { alignment: 2, transform: thumb }],
  [9, { alignment: 4, transform: sparc }],
  [10, { alignment: 4, transform: arm64 }],
  [11, { alignment: 2, transform: riscv }],
]);
