import { FieldReader } from '../../core/base/bytes/field-reader.js';
import { type ElfHeader, elfClass } from '../../formats/elf/header.js';
import type { Memory } from '../../formats/memory/memory.js';
import { readWord } from '../../formats/memory/words.js';
import type { AddressRange, AddressRanges } from '../core/address-ranges.js';

/** The dynamic linker's tables of loaded modules (link.h, struct r_debug and struct link_map). */
export interface LinkMap {
  /** r_debug structures and entries of the link map. */
  tables: AddressRange[];
  /** Names of modules, with their NUL. */
  names: AddressRange[];
  /** Addresses in modules: those of their dynamic sections. */
  inModules: bigint[];
}

const DT_NULL = 0n;
const DT_DEBUG = 21n;
/** r_version, r_map, r_brk, r_state, r_ldbase; from version 2 on r_next. */
const DEBUG_WORDS = 5;
/** l_addr, l_name, l_ld, l_next, l_prev. */
const ENTRY_WORDS = 5;
/** A browser loads some hundred modules; dlmopen takes at most 16 namespaces. */
const MAX_ENTRIES = 2 ** 16;
const MAX_NAMESPACES = 16;
/** PATH_MAX of Linux. */
const MAX_NAME = 4096;

/** What the process has, by the dump's lists: an address or name that is none of these may be data. */
export interface Mapped {
  mapped: AddressRanges;
  /** Names of mapped files, without folders. */
  files: ReadonlySet<string>;
}

/** Reads what DT_DEBUG of a program's dynamic section leads to. */
export function readLinkMap(
  memory: Memory,
  dynamic: AddressRange,
  core: ElfHeader,
  process: Mapped,
): LinkMap {
  const found: LinkMap = { tables: [], names: [], inModules: [] };
  const words = wordsAt(memory, core);
  const { word } = elfClass(core);
  let debug = debugAddress(words(dynamic.start, Number(dynamic.end - dynamic.start) / word));
  for (let space = 0; debug !== undefined && debug !== 0n && space < MAX_NAMESPACES; space++) {
    const [version, map, notify, state, base, next] = words(debug, DEBUG_WORDS + 1);
    const number = version === undefined ? 0n : firstInt(version, core);
    const isTable = state !== undefined && firstInt(state, core) <= MAX_STATE && isPage(base);
    if (number < 1n || number > 2n || map === undefined || !isTable) break;
    if (![map, notify, base].every((address) => isIn(process, address))) break;
    const length = (number === 2n ? DEBUG_WORDS + 1 : DEBUG_WORDS) * word;
    found.tables.push({ start: debug, end: debug + BigInt(length) });
    readEntries(memory, map, core, process, found);
    debug = number === 2n ? next : undefined;
  }
  return found;
}

/** r_state: RT_CONSISTENT, RT_ADD, RT_DELETE. */
const MAX_STATE = 2n;
const isPage = (address: bigint | undefined): boolean => address !== undefined && address % 4096n === 0n;

/** True for an address of the process, and for none. */
const isIn = ({ mapped }: Mapped, address: bigint | undefined): boolean =>
  address === undefined || address === 0n || mapped.has(Number(address));

/** An int at the start of a word, with padding after it: r_version, r_state. */
function firstInt(value: bigint, { bits, endian }: ElfHeader): bigint {
  return bits === 64 && endian === 'be' ? value >> 32n : BigInt.asUintN(32, value);
}

type Words = (address: bigint, count: number) => bigint[];

function wordsAt(memory: Memory, core: ElfHeader): Words {
  const { word } = elfClass(core);
  return (address, count) => {
    const bytes = memory.read(address, Math.floor(count) * word);
    const fields = new FieldReader(bytes, core.endian);
    return Array.from({ length: Math.floor(bytes.length / word) }, (_, index) =>
      readWord(fields, index * word, word),
    );
  };
}

/** The value of DT_DEBUG, among pairs of a tag and a value. */
function debugAddress(dynamic: readonly bigint[]): bigint | undefined {
  for (let at = 0; at + 1 < dynamic.length && dynamic[at] !== DT_NULL; at += 2)
    if (dynamic[at] === DT_DEBUG) return dynamic[at + 1];
  return undefined;
}

/** Follows the list while each entry leads back to the one before it: memory may be damaged. */
function readEntries(memory: Memory, first: bigint, core: ElfHeader, process: Mapped, found: LinkMap): void {
  const words = wordsAt(memory, core);
  const { word } = elfClass(core);
  let previous = 0n;
  for (let entry = first; entry !== 0n && found.inModules.length < MAX_ENTRIES; ) {
    const [bias, name, dynamic, next, back] = words(entry, ENTRY_WORDS);
    if (back === undefined || back !== previous || next === undefined || !isPage(bias)) return;
    if (!isIn(process, name) || !isIn(process, dynamic)) return;
    found.tables.push({ start: entry, end: entry + BigInt(ENTRY_WORDS * word) });
    found.inModules.push(dynamic!);
    const length = nameLength(memory.read(name!, MAX_NAME), process);
    if (length > 0) found.names.push({ start: name!, end: name! + BigInt(length) });
    previous = entry;
    entry = next;
  }
}

/** Bytes of a name and its NUL; 0 if the bytes are no name. That of the program is empty. */
function nameLength(bytes: Uint8Array, { files }: Mapped): number {
  const end = bytes.indexOf(0);
  if (end <= 0) return end + 1;
  const name = Buffer.from(bytes.subarray(0, end)).toString('latin1');
  if (!/^[^\x00-\x1f\x7f]+$/.test(name) || name.includes('://')) return 0;
  const file = name.slice(name.lastIndexOf('/') + 1);
  return /\.so($|\.\d)/.test(file) || files.has(file) ? end + 1 : 0;
}
