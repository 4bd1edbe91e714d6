import { Fields } from '../../base/bytes/field-reader.js';
import type { Memory } from '../memory/memory.js';
import { address } from './header.js';
import { AT } from './linux-notes.js';

/** What leads from the end of a main thread's stack to its strings, where no copy of the auxiliary vector was dumped. */
export interface StackEnd {
  /** Address of the AT_EXECFN string. */
  top: bigint;
  /** From the vector's first entry on. */
  auxv: Uint8Array;
}

/** The vector lies beneath the strings, of which Linux allows 6 MiB. */
const MAX_BLOCK = 8 * 1024 * 1024;
/** Types of the vector are small (the highest is AT_MINSIGSTKSZ, 51); what lies beneath it is NULL or an address. */
const MAX_TYPE = 127n;

/**
 * A stack ends with the path of the program and a NULL (fs/exec.c, bprm_execve and __bprm_mm_init), and the auxiliary
 * vector names that path's address: where both agree, this is the end of the stack.
 */
export function findStackEnd(
  memory: Memory,
  { low, end, word }: { low: bigint; end: bigint; word: 4 | 8 },
): StackEnd | undefined {
  const from = end - low > BigInt(MAX_BLOCK) ? end - BigInt(MAX_BLOCK) : low;
  const block = memory.read(from, Number(end - from));
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const pathEnd = textEnd(bytes);
  if (BigInt(bytes.length) !== end - from || pathEnd === undefined) return undefined;
  const path = bytes.lastIndexOf(0, pathEnd - 1) + 1;
  const top = from + BigInt(path);
  const fields = new Fields(bytes, 'le');
  const execfn = bytes.subarray(0, path).lastIndexOf(pair(AT.EXECFN, top, word));
  if (execfn < 0) return undefined;
  let start = execfn;
  const isEntry = (at: number): boolean => at >= 0 && isType(address(fields, at, word));
  while (isEntry(start - 2 * word)) start -= 2 * word;
  return { top, auxv: bytes.subarray(start, path) };
}

/** Where the text before the last zero bytes ends: the path's own NUL, and a NULL of 4 or 8 bytes. */
function textEnd(bytes: Uint8Array): number | undefined {
  for (let end = bytes.length; end > Math.max(0, bytes.length - 16); end--)
    if (bytes[end - 1] !== 0) return bytes.length - end > 4 ? end : undefined;
  return undefined;
}

function isType(value: bigint): boolean {
  return value > 0n && value <= MAX_TYPE;
}

/** An entry of the vector as it stands in memory. */
function pair(type: number, value: bigint, word: 4 | 8): Buffer {
  const bytes = Buffer.alloc(2 * word);
  bytes.writeUInt32LE(type);
  if (word === 8) bytes.writeBigUInt64LE(value, word);
  else bytes.writeUInt32LE(Number(value & 0xffffffffn), word);
  return bytes;
}
