import { FieldReader } from '../../core/base/bytes/field-reader.js';
import type { Memory } from '../memory/memory.js';
import type { StackString } from '../memory/process-map.js';
import { decodeText } from '../memory/text.js';
import { readWord } from '../memory/words.js';

/** Where the initial stack of the main thread lies. */
interface InitialStack {
  /** First address of the segment. */
  low: bigint;
  /**
   * Address of the AT_EXECFN string, which follows the last environment string; without it, the segment's
   * end.
   */
  top: bigint;
  /** NT_AUXV. */
  auxv: Uint8Array;
  word: 4 | 8;
  endian: 'le' | 'be';
}

/**
 * Linux allows 6 MiB (three quarters of _STK_LIM) for the strings of an initial stack and the pointers to
 * them. The auxiliary vector and the arrays are below.
 */
const MAX_BLOCK = 8 * 1024 * 1024;
const MAX_STRINGS = 2 ** 18;
const MAX_NAME = 256;

/**
 * Command line and environment, from the strings of the initial stack (fs/binfmt_elf.c, create_elf_tables).
 * In ascending order: argc, argv[], NULL, envp[], NULL, auxv; then argument strings, environment strings, the
 * AT_EXECFN string. argv bounds the argument strings; all that follow are the environment. A process that
 * changes its environment leaves the original strings in place.
 */
export function readInitialStack(memory: Memory, stack: InitialStack): StackString[] {
  const low = stack.top - stack.low > BigInt(MAX_BLOCK) ? stack.top - BigInt(MAX_BLOCK) : stack.low;
  const bytes = memory.read(low, Number(stack.top - low));
  const bounds = argumentBounds(bytes, low, stack) ?? environmentOnly(bytes);
  return strings(bytes, low, bounds);
}

/** Indices in the block that ends at the top. */
interface Bounds {
  arguments: number;
  environment: number;
  end: number;
}

function argumentBounds(bytes: Uint8Array, low: bigint, stack: InitialStack): Bounds | undefined {
  const { word, endian } = stack;
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf(
    needle(stack.auxv, word),
  );
  if (stack.auxv.length === 0 || at < 0) return undefined;
  const fields = new FieldReader(bytes, endian);
  const pointers = argumentPointers(fields, at, low, word);
  if (pointers.length === 0) return undefined;
  const first = pointers.reduce((a, b) => Math.min(a, b));
  const last = pointers.reduce((a, b) => Math.max(a, b));
  const nul = bytes.indexOf(0, last);
  return { arguments: first, environment: nul < 0 ? bytes.length : nul + 1, end: bytes.length };
}

/** The first entries of the vector, enough to identify it. */
function needle(auxv: Uint8Array, word: 4 | 8): Uint8Array {
  return auxv.subarray(0, 8 * word);
}

/**
 * argv as indices in the block. Searches downwards from the auxiliary vector, across envp (which the process
 * may have changed), for argc: a number equal to the count of pointers into the block between it and the next
 * NULL.
 */
function argumentPointers(fields: FieldReader, auxvAt: number, low: bigint, word: 4 | 8): number[] {
  const indexOf = (pointer: bigint): number => {
    const index = pointer - low;
    return index > BigInt(auxvAt) && index < BigInt(fields.length) ? Number(index) : -1;
  };
  for (let at = auxvAt - word; at >= 0; at -= word) {
    const value = readWord(fields, at, word);
    const terminator = at + (Number(value) + 1) * word;
    if (value === 0n || terminator >= auxvAt || readWord(fields, terminator, word) !== 0n) continue;
    const argv: number[] = [];
    for (let pointer = at + word; pointer < terminator; pointer += word) {
      const index = indexOf(readWord(fields, pointer, word));
      if (index < 0) break;
      argv.push(index);
    }
    if (argv.length === Number(value)) return argv;
  }
  return [];
}

/** Without the arrays: the consecutive strings of the form NAME=… before the top. */
function environmentOnly(bytes: Uint8Array): Bounds {
  let start = bytes.length;
  while (start > 0 && bytes[start - 1] === 0) {
    const previous = start < 2 ? -1 : bytes.lastIndexOf(0, start - 2);
    if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(nameText(bytes, previous + 1))) break;
    start = previous + 1;
  }
  return { arguments: start, environment: start, end: bytes.length };
}

function nameText(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + MAX_NAME)).toString('latin1');
}

function strings(bytes: Uint8Array, low: bigint, bounds: Bounds): StackString[] {
  const found: StackString[] = [];
  for (let at = bounds.arguments; at < bounds.end && found.length < MAX_STRINGS; ) {
    const nul = bytes.indexOf(0, at);
    const length = (nul < 0 || nul >= bounds.end ? bounds.end : nul + 1) - at;
    const place = { address: low + BigInt(at), length };
    if (at < bounds.environment) found.push({ ...place, kind: 'argv' });
    else if (length > 1) found.push({ ...place, kind: 'environment', ...variableName(bytes, at, length) });
    at += length;
  }
  return found;
}

function variableName(bytes: Uint8Array, at: number, length: number): { name?: string } {
  const text = bytes.subarray(at, at + Math.min(length, MAX_NAME));
  const equals = text.indexOf(0x3d);
  return equals > 0 ? { name: decodeText(text.subarray(0, equals)) } : {};
}
