import { FieldReader } from '../../../core/base/bytes/field-reader.js';
import { definedFields } from '../../../core/base/runtime/defined.js';
import type { Extent } from '../../../core/model/report.js';
import { readWord } from '../../memory/words.js';
import { LC, type LoadCommand, type MachHeader } from './header.js';

/** A thread of an LC_THREAD command. */
export interface MachThread {
  /** From the note "process metadata"; without it, its index, as in lldb. */
  id: number;
  sp?: bigint;
  /** File extent of its LC_THREAD command. */
  registers: Extent;
}

/** The stack pointer in a thread state (mach/i386/thread_status.h, mach/arm/thread_status.h). */
interface StackPointer {
  at: number;
  word: 4 | 8;
}

interface Machine {
  name: string;
  /** Stack pointers by flavor of the thread state. */
  flavors?: Readonly<Record<number, StackPointer>>;
  /**
   * Flavor that wraps another state: its flavor and count come first (x86_THREAD_STATE, ARM_THREAD_STATE).
   */
  nested?: number;
}

const ARM_SP = { at: 52, word: 4 } as const;

/** CPU_ARCH_ABI64 and CPU_ARCH_ABI64_32 of a cputype (mach/machine.h). */
const ABI64 = 0x01000000;
const ABI64_32 = 0x02000000;

/** Machines by cputype. */
const MACHINES: Readonly<Record<number, Machine>> = {
  7: { name: 'i386', flavors: { 1: { at: 28, word: 4 } }, nested: 7 },
  [7 | ABI64]: {
    name: 'x86-64',
    flavors: { 1: { at: 28, word: 4 }, 4: { at: 56, word: 8 } },
    nested: 7,
  },
  12: { name: 'arm', flavors: { 1: ARM_SP, 9: ARM_SP } },
  [12 | ABI64]: { name: 'aarch64', flavors: { 6: { at: 248, word: 8 }, 9: ARM_SP }, nested: 1 },
  [12 | ABI64_32]: { name: 'aarch64', flavors: { 6: { at: 248, word: 8 } }, nested: 1 },
  18: { name: 'ppc' },
  [18 | ABI64]: { name: 'ppc64' },
};

const THREADS: ReadonlySet<number> = new Set([LC.THREAD, LC.UNIXTHREAD]);
/** Thread states read per command, and threads read per core. */
const MAX_STATES = 64;
const MAX_THREADS = 2 ** 16;

export function machineName(cputype: number): string | undefined {
  return MACHINES[cputype]?.name;
}

/** LC_THREAD: thread states, each {flavor u32, count of u32 words u32, words}. */
export function readThreads(
  commands: readonly LoadCommand[],
  header: MachHeader,
  ids: readonly number[],
): MachThread[] {
  return commands
    .filter(({ cmd }) => THREADS.has(cmd))
    .slice(0, MAX_THREADS)
    .map(({ fields, offset }, index) => {
      const sp = stackPointer(fields, header);
      const registers = { offset, length: fields.length };
      return definedFields({ id: ids[index] ?? index, registers, sp });
    });
}

function stackPointer(fields: FieldReader, { cputype, endian }: MachHeader): bigint | undefined {
  const { flavors = {}, nested } = MACHINES[cputype] ?? {};
  for (let at = 8, seen = 0; at + 8 <= fields.length && seen < MAX_STATES; seen++) {
    let flavor = fields.u32(at);
    const length = 4 * fields.u32(at + 4);
    let start = at + 8;
    at = start + length;
    if (flavor === nested && start + 8 <= fields.length) {
      flavor = fields.u32(start);
      start += 8;
    }
    const place = flavors[flavor];
    const end = Math.min(at, fields.length);
    if (place === undefined || start + place.at + place.word > end) continue;
    const state = new FieldReader(fields.bytes.subarray(start, end), endian);
    return readWord(state, place.at, place.word);
  }
  return undefined;
}
