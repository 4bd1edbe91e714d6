import { type Endian, FieldReader } from '../../../core/base/bytes/field-reader.js';
import type { ByteReader } from '../../../core/base/bytes/storage.js';
import { readBytes } from '../../memory/read.js';

/**
 * mach_header and mach_header_64 (mach-o/loader.h): magic, cputype, cpusubtype, filetype, ncmds, sizeofcmds,
 * flags.
 */
export interface MachHeader {
  bits: 32 | 64;
  endian: Endian;
  cputype: number;
  filetype: number;
  ncmds: number;
  sizeofcmds: number;
  /** Size of the header in bytes; the load commands follow. */
  size: 28 | 32;
}

export const MH = { EXECUTE: 2, CORE: 4, DYLIB: 6, DYLINKER: 7 } as const;
export const HEADER_MAX = 32;

const MAGICS: readonly [magic: number, bits: 32 | 64][] = [
  [0xfeedface, 32],
  [0xfeedfacf, 64],
];

export function readMachHeader(bytes: Uint8Array): MachHeader | undefined {
  if (bytes.length < HEADER_MAX) return undefined;
  for (const endian of ['le', 'be'] as const) {
    const fields = new FieldReader(bytes, endian);
    const bits = MAGICS.find(([magic]) => magic === fields.u32(0))?.[1];
    if (bits === undefined) continue;
    return {
      bits,
      endian,
      cputype: fields.u32(4),
      filetype: fields.u32(12),
      ncmds: fields.u32(16),
      sizeofcmds: fields.u32(20),
      size: bits === 64 ? 32 : 28,
    };
  }
  return undefined;
}

export const LC = {
  SEGMENT: 0x1,
  THREAD: 0x4,
  UNIXTHREAD: 0x5,
  ID_DYLIB: 0xd,
  SEGMENT_64: 0x19,
  UUID: 0x1b,
  NOTE: 0x31,
} as const;

/** A load command; `fields` begins with cmd and cmdsize. */
export interface LoadCommand {
  cmd: number;
  fields: FieldReader;
  /** Offset in what the header was read from: the file, or an image in memory. */
  offset: number;
}

/** A process has some thousands of mappings; commands beyond this count as missing. */
const MAX_COMMANDS = 2 ** 17;
const MAX_BYTES = 16 * 1024 * 1024;

export interface CommandList {
  commands: LoadCommand[];
  /** Commands counted by ncmds and not read. */
  missing: number;
  /** Size of the commands read, in bytes. */
  length: number;
}

/** The load commands after a header at `offset`. */
export function readCommands(reader: ByteReader, header: MachHeader, offset = 0): CommandList {
  const start = offset + header.size;
  const bytes = readBytes(reader, start, Math.min(header.sizeofcmds, MAX_BYTES));
  return splitCommands(bytes, header, start);
}

export function splitCommands(bytes: Uint8Array, header: MachHeader, start: number): CommandList {
  const all = new FieldReader(bytes, header.endian, start);
  const commands: LoadCommand[] = [];
  let at = 0;
  while (commands.length < Math.min(header.ncmds, MAX_COMMANDS) && at + 8 <= bytes.length) {
    const size = all.u32(at + 4);
    if (size < 8 || at + size > bytes.length) break;
    commands.push({
      cmd: all.u32(at),
      fields: new FieldReader(bytes.subarray(at, at + size), header.endian, start + at),
      offset: start + at,
    });
    at += size;
  }
  return { commands, missing: header.ncmds - commands.length, length: at };
}
