import { FieldReader } from '../../core/base/bytes/field-reader.js';
import { type ElfHeader, elfClass } from '../../formats/elf/header.js';
import type { Memory } from '../../formats/memory/memory.js';
import { readWord } from '../../formats/memory/words.js';
import type { ThreadRegisters } from './notes.js';

/** Stacks of goroutines: powers of two from 2 KiB on (runtime/stack.go); 1 GiB is Go's limit. */
const SMALLEST_STACK = 2048n;
const LARGEST_STACK = 2n ** 30n;

/**
 * Where a thread's stack ends before its mapping does. A thread's control block lies above its stack (glibc,
 * musl), where mappings of several threads may be one. A goroutine's stack lies among others in an arena.
 */
export function stackEnds(memory: Memory, thread: ThreadRegisters, header: ElfHeader): bigint[] {
  const { stackPointer, threadPointer: block, goroutine } = thread;
  const candidates = goroutine === undefined ? [] : [goroutine];
  const word = elfClass(header).word;
  // On x86-64 Go keeps g in the word below the thread pointer.
  if (block !== undefined && block > BigInt(word))
    candidates.push(...wordsAt(memory, block - BigInt(word), 1, header));
  const goEnds = candidates
    .flatMap((g) => [g, ...othersOf(memory, g, header)])
    .flatMap((g) => goroutineEnd(memory, g, stackPointer, header));
  return [...(block === undefined ? [] : [block]), ...goEnds];
}

/** Words of a structure g: m; of a structure m: g0, gsignal (runtime/runtime2.go). */
const [G_M, M_G0, M_GSIGNAL] = [6, 0, 10];

/** Of the thread that runs a goroutine: the structures of its own stack and of that for signals. */
function othersOf(memory: Memory, g: bigint, header: ElfHeader): bigint[] {
  const m = wordsAt(memory, g, G_M + 1, header)[G_M];
  const words = m === undefined ? [] : wordsAt(memory, m, M_GSIGNAL + 1, header);
  return [M_G0, M_GSIGNAL].flatMap((index) => words[index] ?? []);
}

/** End of the stack of a goroutine, if `g` is the address of its structure: it begins with lo and hi. */
function goroutineEnd(memory: Memory, g: bigint, sp: bigint, header: ElfHeader): bigint[] {
  const [low, high] = wordsAt(memory, g, 2, header);
  if (low === undefined || high === undefined || sp < low || sp >= high) return [];
  return isGoStack(low, high) ? [high] : [];
}

export function isGoStack(low: bigint, high: bigint): boolean {
  const size = high - low;
  return (size & (size - 1n)) === 0n && size >= SMALLEST_STACK && size <= LARGEST_STACK;
}

/** Words at an address; none if not all are in the dump. */
export function wordsAt(memory: Memory, address: bigint, count: number, header: ElfHeader): bigint[] {
  const { word } = elfClass(header);
  const bytes = memory.read(address, count * word);
  const fields = new FieldReader(bytes, header.endian);
  return bytes.length < count * word
    ? []
    : Array.from({ length: count }, (_, index) => readWord(fields, index * word, word));
}
