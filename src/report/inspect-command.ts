import { nameBytes } from '../base/text/escape.js';
import { containerNamed } from '../containers/containers.js';
import { debugCommandOf } from '../formats/formats.js';
import type { Occurrence } from '../model/report.js';
import type { Origin } from './origin.js';

/** Bytes shown by xxd. */
const SHOWN = 64;

/** POSIX shell quoting; plain words are unchanged. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Quoting of bash, zsh and ksh (`$'…'`) for bytes that are not printable ASCII. */
function shellEscape(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  );
  return `$'${shown.join('')}'`;
}

/** A quoted file operand, from the displayed name. A leading dash must not become an option. */
function operand(file: string): string {
  const shown = file.startsWith('-') ? `./${file}` : file;
  // File names are text there, and a backslash separates folders: `\x86` is not an escaped byte.
  if (process.platform === 'win32') return shellQuote(shown);
  const bytes = nameBytes(shown);
  return Buffer.from(shown).equals(bytes) ? shellQuote(shown) : shellEscape(bytes);
}

/**
 * The command that shows the bytes of a place; undefined for standard input, and for what no command writes:
 * members of archives and memory of a microdump.
 */
export function inspectCommand(
  { file, inside }: Origin,
  format: string,
  { offset, address, addressSpace }: Pick<Occurrence, 'offset' | 'address' | 'addressSpace'>,
): string | undefined {
  if (file === '-') return undefined;
  const dump = `xxd -s ${offset} -l ${SHOWN}`;
  if (inside.length > 0) {
    const decoders = inside.map(({ codec }) => containerNamed(codec)?.stream);
    if (decoders.includes(undefined)) return undefined;
    const [first, ...further] = decoders;
    return [`${first} < ${operand(file)}`, ...further, dump].join(' | ');
  }
  // A debugger takes virtual addresses.
  const debug = addressSpace?.kind === 'physical' ? undefined : debugCommandOf(format);
  return debug && address ? debug(operand(file), address) : `${dump} ${operand(file)}`;
}
