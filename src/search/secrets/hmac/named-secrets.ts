import { TEXT } from './text-headers.js';

/**
 * The rest of a name after its mark, the end of "secret" (`JWT_SECRET`, `secretOrKey`, `"secret"`), then
 * quotes and blanks around the sign between name and value.
 */
const NAME_END = /^[A-Za-z0-9_.-]{0,40}(?:\\?["'`\]])*[ \t]*(?:=>|[:=])[ \t]*/;
const MAX_NAME_END = 64;
const QUOTED = /^\\?(["'`])(.{1,256}?)\\?\1/;
/** Unquoted values: to the end of the line, or of the word. */
const LINE = /^[^\0-\x08\x0a-\x1f\x7f]{1,256}/;
const WORD = /^[^\0-\x20\x7f"'`,;(){}[\]<>&|\\]{1,256}/;

/** Value of a variable whose name contains "secret": any text, found only by that name. */
export interface NamedSecret {
  text: string;
  at: number;
  /** Bytes in memory. */
  length: number;
}

/** The end of a mark. */
export interface SecretName {
  at: number;
  /** Bytes of a character: 2 in UTF-16, little-endian. */
  unit: 1 | 2;
}

const MOST = MAX_NAME_END + TEXT.most;

/** Characters from an index on; those of UTF-16 up to the first beyond Latin-1. */
function textAt(bytes: Buffer, { at, unit }: SecretName): string {
  if (unit === 1) return bytes.toString('latin1', at, at + MOST);
  const text = bytes.toString('utf16le', at, at + 2 * MOST);
  return /^[\0-\xff]*/.exec(text)![0];
}

/** Values after these marks, in configurations, environments, JSON, YAML and source code. */
export function* namedSecrets(bytes: Buffer, names: Iterable<SecretName>): Generator<NamedSecret> {
  for (const mark of names) {
    const all = textAt(bytes, mark);
    const name = NAME_END.exec(all)?.[0].length;
    if (name === undefined) continue;
    const value = all.slice(name);
    const found = (from: number, text: string): NamedSecret => ({
      text,
      at: mark.at + (name + from) * mark.unit,
      length: text.length * mark.unit,
    });
    const quoted = QUOTED.exec(value);
    if (quoted) yield found(quoted[0].indexOf(quoted[2]!), quoted[2]!);
    const line = LINE.exec(value)?.[0].trimEnd() ?? '';
    const word = WORD.exec(value)?.[0] ?? '';
    if (word !== '') yield found(0, word);
    if (line.length > word.length) yield found(0, line);
  }
}
