import type { FieldReader } from '../../core/base/bytes/field-reader.js';
import { readWord } from '../memory/words.js';

/**
 * A ProcessorArchitecture of MINIDUMP_SYSTEM_INFO, and the stack pointer in its CONTEXT (winnt.h, Breakpad).
 */
export interface Architecture {
  name: string;
  bits: 32 | 64;
  /** Byte offset of Rsp, Esp or Sp in the CONTEXT. */
  stackPointer?: number;
}

const X86 = { name: 'i386', bits: 32, stackPointer: 196 } as const;
const ARM64 = { name: 'aarch64', bits: 64, stackPointer: 256 } as const;

const ARCHITECTURES: Readonly<Record<number, Architecture>> = {
  0: X86,
  1: { name: 'mips', bits: 32 },
  3: { name: 'ppc', bits: 32 },
  5: { name: 'arm', bits: 32, stackPointer: 56 },
  9: { name: 'x86-64', bits: 64, stackPointer: 152 },
  10: X86,
  12: ARM64,
  // Numbers defined by Breakpad.
  32769: { name: 'sparc', bits: 32 },
  32770: { name: 'ppc64', bits: 64 },
  32771: ARM64,
  32772: { name: 'mips64', bits: 64 },
};

export function architecture(number: number): Architecture | undefined {
  return ARCHITECTURES[number];
}

/** The stack pointer in a thread's CONTEXT. */
export function stackPointer(context: FieldReader, machine: Architecture | undefined): bigint | undefined {
  if (machine?.stackPointer === undefined) return undefined;
  const { stackPointer: at, bits } = machine;
  if (at + bits / 8 > context.length) return undefined;
  return readWord(context, at, bits === 64 ? 8 : 4);
}
