import { FieldReader } from '../../core/base/bytes/field-reader.js';
import { definedFields } from '../../core/base/runtime/defined.js';
import type { Memory } from '../memory/memory.js';
import type { StackString } from '../memory/process-map.js';
import { readWord } from '../memory/words.js';

/** Byte offsets in TEB, PEB and RTL_USER_PROCESS_PARAMETERS (winternl.h; WinDbg's command `dt`). */
interface Layout {
  word: 4 | 8;
  /** TEB.ProcessEnvironmentBlock. */
  peb: number;
  /** PEB.ProcessParameters. */
  parameters: number;
  /** RTL_USER_PROCESS_PARAMETERS.CommandLine (a UNICODE_STRING) and .Environment. */
  commandLine: number;
  environment: number;
}

const LAYOUTS: Readonly<Record<32 | 64, Layout>> = {
  32: { word: 4, peb: 0x30, parameters: 0x10, commandLine: 0x40, environment: 0x48 },
  64: { word: 8, peb: 0x60, parameters: 0x20, commandLine: 0x70, environment: 0x80 },
};

/**
 * In bytes. By default, Windows limits an environment to 32,767 characters; larger blocks are read in part.
 */
const MAX_ENVIRONMENT = 512 * 1024;
const MAX_STRINGS = 2 ** 14;
const MAX_NAME = 256;

export interface ProcessParameters {
  command?: string;
  strings: StackString[];
}

/** Command line and environment of a Windows process, if the dump has TEB, PEB and the parameters. */
export function processParameters(memory: Memory, bits: 32 | 64, teb: bigint): ProcessParameters {
  const layout = LAYOUTS[bits];
  const pointer = (at: bigint): bigint => {
    const bytes = memory.read(at, layout.word);
    if (bytes.length < layout.word) return 0n;
    return readWord(new FieldReader(bytes, 'le'), 0, layout.word);
  };
  const peb = teb === 0n ? 0n : pointer(teb + BigInt(layout.peb));
  const parameters = peb === 0n ? 0n : pointer(peb + BigInt(layout.parameters));
  if (parameters === 0n) return { strings: [] };
  const environment = pointer(parameters + BigInt(layout.environment));
  const line = commandLine(memory, layout, parameters + BigInt(layout.commandLine));
  return {
    ...definedFields({ command: line?.text }),
    strings: [
      ...(line === undefined ? [] : [line.string]),
      ...(environment === 0n ? [] : variables(memory, environment)),
    ],
  };
}

/** UNICODE_STRING: Length and MaximumLength in bytes (u16 each), padding, Buffer. */
function commandLine(
  memory: Memory,
  { word }: Layout,
  at: bigint,
): { text: string; string: StackString } | undefined {
  const bytes = memory.read(at, 2 * word);
  if (bytes.length < 2 * word) return undefined;
  const fields = new FieldReader(bytes, 'le');
  const length = fields.u16(0);
  const address = readWord(fields, word, word);
  const text = Buffer.from(memory.read(address, length)).toString('utf16le');
  return text === '' ? undefined : { text, string: { address, length, kind: 'argv' } };
}

/**
 * NAME=VALUE strings in UTF-16LE, each terminated by a NUL; an empty string ends the block. Names of hidden
 * variables begin with `=` (`=C:`).
 */
function variables(memory: Memory, start: bigint): StackString[] {
  const bytes = Buffer.from(memory.read(start, MAX_ENVIRONMENT));
  const found: StackString[] = [];
  for (let at = 0; at + 2 <= bytes.length && found.length < MAX_STRINGS; ) {
    const end = terminator(bytes, at);
    if (end === at) break;
    const length = Math.min(end + 2, bytes.length) - at;
    const text = bytes.toString('utf16le', at, Math.min(end, at + 2 * MAX_NAME));
    const equals = text.indexOf('=', 1);
    const name = equals > 0 ? { name: text.slice(0, equals) } : {};
    found.push({ address: start + BigInt(at), length, kind: 'environment', ...name });
    at += length;
  }
  return found;
}

/** Index of the next NUL character, or the end. */
function terminator(bytes: Buffer, from: number): number {
  let at = bytes.indexOf('\0\0', from, 'latin1');
  while (at >= 0 && (at - from) % 2 !== 0) at = bytes.indexOf('\0\0', at + 1, 'latin1');
  return at < 0 ? bytes.length : at;
}
