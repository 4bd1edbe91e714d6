import type { Endian } from '../../base/bytes/field-reader.js';
import type { Reader } from '../../base/bytes/storage.js';
import type { ElfHeader } from '../../formats/elf/header.js';
import { EM } from '../../formats/elf/machines.js';
import type { AddressRanges } from '../core/address-ranges.js';
import type { Stack } from '../core/threads.js';

/**
 * Where a signal frame has the interrupted registers (struct sigcontext, arch/ARCH/include/uapi/asm). It is
 * recognised by a word that the kernel writes; offsets are in words of 8 bytes from there.
 */
interface SignalFrame {
  isMark(low: number, high: number): boolean;
  pc: number;
  sp: number;
}

const FRAMES: Readonly<Record<number, SignalFrame>> = {
  // cs, gs, fs and ss of user code in 64-bit mode; eflags, rip and rsp are before it.
  [EM.X86_64]: { isMark: (low, high) => low === 0x33 && high === 0x2b_0000, pc: -2, sp: -3 },
  // The magic and size of struct fpsimd_context; pstate and padding, pc and sp are before it.
  [EM.AARCH64]: { isMark: (low, high) => low === 0x4650_8001 && high === 0x210, pc: -3, sp: -4 },
};

/** Frames looked at on one stack: a signal handler is rarely interrupted itself. */
const MAX_FRAMES = 16;
const CHUNK = 1 << 20;
/** Bytes before a mark that have the registers. */
const BEFORE = 32;

/** Stack pointers that signal frames on a stack have saved, where the program counter is in code. */
export function interruptedAt(
  reader: Reader,
  { start, end, offset }: Stack,
  code: AddressRanges,
  { machine, bits, endian }: Pick<ElfHeader, 'machine' | 'bits'> & { endian: Endian },
): bigint[] {
  const frame = FRAMES[machine];
  const found: bigint[] = [];
  if (frame === undefined || bits === 32 || endian === 'be') return found;
  const length = Number(end - start);
  const bytes = new Uint8Array(Math.min(length, CHUNK));
  const view = new DataView(bytes.buffer);
  for (let from = 0; from < length; from += CHUNK - BEFORE) {
    const read = reader.read(offset + from, bytes.subarray(0, Math.min(CHUNK, length - from)));
    for (let at = BEFORE; at + 8 <= read && found.length < MAX_FRAMES; at += 8) {
      if (!frame.isMark(view.getUint32(at, true), view.getUint32(at + 4, true))) continue;
      const pc = view.getBigUint64(at + 8 * frame.pc, true);
      if (code.has(Number(pc))) found.push(view.getBigUint64(at + 8 * frame.sp, true));
    }
    if (read < CHUNK) break;
  }
  return found;
}
