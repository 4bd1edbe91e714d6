import { nameBytes } from '../base/text/escape.js';
import { debugCommandOf } from '../formats/formats.js';
import type { Occurrence } from '../model/report.js';
import type { Origin } from './origin.js';

/** Bytes that the command shows. */
const SHOWN = 64;

/** POSIX shell quoting; plain words stay as they are. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Bytes that no text on one line shows, as bash, zsh and ksh take them (`$'…'`). */
function shellEscape(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x27 || byte === 0x5c
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  );
  return `$'${shown.join('')}'`;
}

/** A file operand, from its name as shown: a leading dash must not become an option. */
function operand(file: string): string {
  const shown = file.startsWith('-') ? `./${file}` : file;
  // Names are text there, and a backslash separates folders: `\x86` is one of them.
  if (process.platform === 'win32') return shellQuote(shown);
  const bytes = nameBytes(shown);
  return Buffer.from(shown).equals(bytes) ? shellQuote(shown) : shellEscape(bytes);
}

/** By the format of a container: what writes the content of its standard input to its standard output. */
const DECODERS: Readonly<Record<string, string>> = { zstd: 'zstd -dc', gzip: 'gzip -dc' };

/** The command that shows a place to whoever has the dump, or undefined where there is none (standard input, a microdump's memory). */
export function inspectCommand(
  { file, inside }: Origin,
  format: string,
  { offset, address, addressSpace }: Pick<Occurrence, 'offset' | 'address' | 'addressSpace'>,
): string | undefined {
  if (file === '-') return undefined;
  const dump = `xxd -s ${offset} -l ${SHOWN}`;
  if (inside.length > 0) {
    const decoders = inside.map(({ codec }) => DECODERS[codec]);
    if (decoders.includes(undefined)) return undefined;
    const [first, ...further] = decoders;
    return [`${first} < ${operand(file)}`, ...further, dump].join(' | ');
  }
  // What a debugger takes for an address is one of the process; a machine's memory has none.
  const debug = addressSpace?.kind === 'physical' ? undefined : debugCommandOf(format);
  return debug && address ? debug(operand(file), address) : `${dump} ${operand(file)}`;
}
