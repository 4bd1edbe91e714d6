import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Memory } from '../memory/memory.js';
import { readWord } from '../memory/words.js';
import { AT } from './linux-notes.js';

/** The auxiliary vector on the main thread's stack, if no copy of it (NT_AUXV, LinuxAuxv) was dumped. */
export interface StackEnd {
  /** Address of the AT_EXECFN string. */
  top: bigint;
  /** Bytes from the vector's first entry up to the AT_EXECFN string. */
  auxv: Uint8Array;
}

/** The vector is below the strings, for which Linux allows 6 MiB. */
const MAX_BLOCK = 8 * 1024 * 1024;
/** Types are small (the highest is AT_MINSIGSTKSZ, 51); the words below the vector are NULL or an address. */
const MAX_TYPE = 127n;

/**
 * A stack ends with the path of the program and a NULL (fs/exec.c, bprm_execve and __bprm_mm_init). If the
 * auxiliary vector has AT_EXECFN with that path's address, this is the end of the stack.
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
  const fields = new FieldReader(bytes, 'le');
  const execfn = bytes.subarray(0, path).lastIndexOf(pair(AT.EXECFN, top, word));
  if (execfn < 0) return undefined;
  let start = execfn;
  const isEntry = (at: number): boolean => at >= 0 && isType(readWord(fields, at, word));
  while (isEntry(start - 2 * word)) start -= 2 * word;
  return { top, auxv: bytes.subarray(start, path) };
}

/** End of the text before the final zeros: the path's NUL, and a NULL of 4 or 8 bytes. */
function textEnd(bytes: Uint8Array): number | undefined {
  for (let end = bytes.length; end > Math.max(0, bytes.length - 16); end--)
    if (bytes[end - 1] !== 0) return bytes.length - end > 4 ? end : undefined;
  return undefined;
}

function isType(value: bigint): boolean {
  return value > 0n && value <= MAX_TYPE;
}

/** An entry of the vector, as in memory. */
function pair(type: number, value: bigint, word: 4 | 8): Buffer {
  const bytes = Buffer.alloc(2 * word);
  bytes.writeUInt32LE(type);
  if (word === 8) bytes.writeBigUInt64LE(value, word);
  else bytes.writeUInt32LE(Number(value & 0xffffffffn), word);
  return bytes;
}
