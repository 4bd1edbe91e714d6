import { riscv } from './branch-riscv.js';
import { x86 } from './branch-x86.js';
import type { Transform } from './filters.js';

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
