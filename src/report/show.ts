import type { Occurrence } from '../model.js';

/** Bytes that the command shows. */
const SHOWN = 64;

/** POSIX shell quoting; plain words stay as they are. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A file operand: a leading dash must not become an option. */
const operand = (path: string): string => shellQuote(path.startsWith('-') ? `./${path}` : path);

type Show = (path: string, address: string) => string;

/** By dump format: the debugger that shows the bytes at an address. */
const DEBUGGERS: Readonly<Record<string, Show>> = {
  'elf-core': (path, address) => `gdb -batch -ex 'x/32xb ${address}' -c ${operand(path)}`,
  mdmp: (path, address) => `lldb -b -o 'memory read -c 32 ${address}' -c ${operand(path)}`,
  'mach-o-core': (path, address) => `lldb -b -o 'memory read -c 32 ${address}' -c ${operand(path)}`,
};

/** By the ending of a compressed file: what writes its contents to standard output. */
const DECODERS: readonly [RegExp, string][] = [
  [/\.zst(d)?$/i, 'zstd -dc'],
  [/\.gz$/i, 'gzip -dc'],
];

/** `core.zst!core` as the compressed file and its decoder, or undefined. */
function compressed(path: string): { file: string; decoder: string } | undefined {
  const [file, ...inside] = path.split('!');
  const decoder = DECODERS.find(([ending]) => ending.test(file ?? ''))?.[1];
  return inside.length === 1 && file && decoder ? { file, decoder } : undefined;
}

/** The command that shows a place to whoever has the dump, or undefined where there is none (standard input, a nested member). */
export function showCommand(
  path: string,
  format: string,
  { offset, address }: Pick<Occurrence, 'offset' | 'address'>,
): string | undefined {
  if (path === '-' || path.startsWith('-!')) return undefined;
  const packed = compressed(path);
  if (packed) return `${packed.decoder} ${operand(packed.file)} | xxd -s ${offset} -l ${SHOWN}`;
  if (path.includes('!')) return undefined;
  const debug = address === undefined ? undefined : DEBUGGERS[format];
  return debug && address ? debug(path, address) : `xxd -s ${offset} -l ${SHOWN} ${operand(path)}`;
}
