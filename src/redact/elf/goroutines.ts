import type { ElfHeader } from '../../formats/elf/header.js';
import type { Memory } from '../../formats/memory/memory.js';
import type { AddressRange } from '../core/address-ranges.js';
import type { GoProgram } from './go-program.js';
import type { ThreadRegisters } from './notes.js';
import { isGoStack, wordsAt } from './stack-ends.js';

/** What a debugger reads of goroutines. */
export interface Goroutines {
  /** Variables of the runtime, structures g, and the start of structures m. */
  tables: AddressRange[];
  /** Saved stack pointers, and where their stacks end. */
  stacks: { sp: bigint; end: bigint }[];
}

/** Large servers run 100,000 goroutines. */
const MAX_GOROUTINES = 2 ** 20;
/**
 * Bytes that every structure g has (runtime/runtime2.go, 376 in Go 1.16): what follows a shorter one in
 * memory may be data.
 */
const G = 376n;
/** Bytes of a structure m up to curg: g0, morebuf, procid, gsignal, tls. The state of rand is behind. */
const M = 200n;
/** Words of a structure g: stack.lo, stack.hi, m, sched.sp. */
const [LOW, HIGH, THREAD, SAVED_SP] = [0, 1, 6, 7];

/** Reads the list of all goroutines. `bias`: where the program lies, against where it was linked. */
export function readGoroutines(
  memory: Memory,
  { variables }: GoProgram,
  bias: bigint,
  threads: readonly ThreadRegisters[],
  header: ElfHeader,
): Goroutines {
  const found: Goroutines = { tables: [], stacks: [] };
  for (const { address, length } of variables.values())
    found.tables.push({ start: address + bias, end: address + bias + BigInt(length) });
  const [list, stated] = wordsAt(memory, variables.get('runtime.allgs')!.address + bias, 2, header);
  if (list === undefined || stated === undefined) return found;
  const count = stated > BigInt(MAX_GOROUTINES) ? MAX_GOROUTINES : Number(stated);
  const all = wordsAt(memory, list, count, header);
  if (all.length < count) return found;
  found.tables.push({ start: list, end: list + BigInt(8 * count) });
  const slots = threads.flatMap(({ threadPointer }) =>
    threadPointer === undefined ? [] : threadPointer - 8n,
  );
  const current = slots.flatMap((slot) => wordsAt(memory, slot, 1, header));
  const seen = new Set<bigint>();
  for (const g of [...all, ...current]) addGoroutine(memory, g, header, seen, found);
  // A thread's g lies in the word below its thread pointer.
  slots.forEach((slot, index) => {
    if (seen.has(current[index]!)) found.tables.push({ start: slot, end: slot + 8n });
  });
  return found;
}

/** Adds a structure g, and the m that runs it with its g0. */
function addGoroutine(
  memory: Memory,
  g: bigint,
  header: ElfHeader,
  seen: Set<bigint>,
  found: Goroutines,
): void {
  if (seen.has(g)) return;
  const words = wordsAt(memory, g, SAVED_SP + 1, header);
  const [low, high, thread, sp] = [words[LOW], words[HIGH], words[THREAD], words[SAVED_SP]];
  if (low === undefined || high === undefined || !isStackOf(low, high)) return;
  seen.add(g);
  found.tables.push({ start: g, end: g + G });
  if (sp !== undefined && sp >= low && sp < high) found.stacks.push({ sp, end: high });
  if (thread === undefined || thread === 0n || seen.has(thread)) return;
  const [g0] = wordsAt(memory, thread, 1, header);
  if (g0 === undefined) return;
  seen.add(thread);
  found.tables.push({ start: thread, end: thread + M });
  addGoroutine(memory, g0, header, seen, found);
}

/** A goroutine's stack, one of a thread (g0), or none: a goroutine that has ended. */
const isStackOf = (low: bigint, high: bigint): boolean =>
  (low === 0n && high === 0n) || isGoStack(low, high) || (high > low && high - low <= 2n ** 23n);
