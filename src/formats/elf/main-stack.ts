import type { Memory } from '../memory/memory.js';
import type { StackString } from '../memory/process-map.js';
import type { SegmentMap } from '../memory/segment-map.js';
import { decodeCString } from '../memory/text.js';
import type { CoreFacts, Thread } from './facts.js';
import { type ElfHeader, elfClass } from './header.js';
import { readInitialStack } from './initial-stack.js';
import { AT, auxValue } from './linux-notes.js';

const MAX_PATH = 4096;

/** An entry of the auxiliary vector. */
export function aux(header: ElfHeader, facts: CoreFacts, type: number): bigint | undefined {
  return auxValue(facts.auxv, type, elfClass(header).word, header.endian);
}

/** Strings on the main thread's initial stack, which NT_AUXV points to. */
export function initialStack(
  header: ElfHeader,
  facts: CoreFacts,
  map: SegmentMap,
  memory: Memory,
): { strings: StackString[]; executable?: string; stack?: { thread: Thread; address: bigint } } {
  const { pid } = facts.process;
  const thread = facts.threads.find(({ id }) => id === pid) ?? facts.threads[0];
  const execfn = aux(header, facts, AT.EXECFN);
  const inside = execfn ?? thread?.sp;
  const place = facts.physical || inside === undefined ? undefined : map.place(inside);
  if (place === undefined) return { strings: [] };
  const { segment } = place;
  const top = execfn ?? segment.address + BigInt(segment.length);
  const strings = readInitialStack(memory, {
    low: segment.address,
    top,
    auxv: facts.auxv,
    word: elfClass(header).word,
    endian: header.endian,
  });
  return {
    strings,
    ...(execfn === undefined ? {} : { executable: decodeCString(memory.read(execfn, MAX_PATH)) }),
    ...(thread === undefined || execfn === undefined ? {} : { stack: { thread, address: execfn } }),
  };
}
