import type { ByteReader } from '../../core/base/bytes/storage.js';
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
/** Bytes of a stack that are searched: a handler has just begun. */
const MOST = 1 << 20;
/** Bytes before a mark that have the registers. */
const BEFORE = 32;

/** Bytes that are searched in all stacks of a dump: those of 10,000 threads are rarely that large. */
const BUDGET = 2 ** 28;

/** Searches stacks for signal frames. */
export class SignalFrames {
  readonly #reader: ByteReader;
  readonly #code: AddressRanges;
  readonly #frame: SignalFrame | undefined;
  readonly #bytes = new Uint8Array(MOST);
  #left = BUDGET;

  constructor(reader: ByteReader, code: AddressRanges, { machine, bits, endian }: ElfHeader) {
    this.#reader = reader;
    this.#code = code;
    this.#frame = bits === 64 && endian === 'le' ? FRAMES[machine] : undefined;
  }

  /** Stack pointers that signal frames on a stack have saved, where the program counter is in code. */
  interruptedAt({ start, end, offset }: Stack): bigint[] {
    const found: bigint[] = [];
    const length = Math.min(MOST, Number(end - start), this.#left);
    if (this.#frame === undefined || length <= BEFORE) return found;
    this.#left -= length;
    const { isMark, pc, sp } = this.#frame;
    const read = this.#reader.read(offset, this.#bytes.subarray(0, length));
    const view = new DataView(this.#bytes.buffer);
    for (let at = BEFORE; at + 8 <= read && found.length < MAX_FRAMES; at += 8) {
      if (!isMark(view.getUint32(at, true), view.getUint32(at + 4, true))) continue;
      if (this.#code.has(Number(view.getBigUint64(at + 8 * pc, true))))
        found.push(view.getBigUint64(at + 8 * sp, true));
    }
    return found;
  }
}
